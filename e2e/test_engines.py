"""The few stories that are told in every engine that cardholders have, over TLS as in production."""

from collections.abc import Iterator

import pytest
import trustme
from playwright.sync_api import Page, Playwright

from app.domain.cards import CardProblem
from app.domain.failures import FAILURES, Failure
from app.domain.states import ActivationState, LinkCondition
from app.simulation.scenarios import SCENARIOS
from app.wording import PROBLEMS
from e2e.engines import EnginePhone, open_phone
from e2e.expecting import expect
from e2e.keys import expect_every_action_is_reached
from e2e.pages import CardPage, FailurePage, LinkClosedPage, SuccessPage, WelcomePage
from e2e.product import Product, own_product
from e2e.walks import code_of, submit, to_bank, to_card
from e2e.words import translate

pytestmark = pytest.mark.own_server("elsewhere the address says whether there is TLS")

WRONG_CARD = SCENARIOS["wrong_card"].cards[0]
EMPTY = {"Card number": "", "Expiry date": "", "Security code": ""}
#: One of each message, and one that the holder chose.
FAILED_SCENARIOS = ("wrong_card", "prepaid", "bank_unavailable")
CLOSED = ("link_altered", "link_expired", "link_stopped", "link_missing")


def phones(*wanted: str) -> pytest.MarkDecorator:
    """Tell a story on each of these, say webkit-de-320."""
    made = []
    for one in wanted:
        engine, language, width = one.split("-")
        marked = pytest.mark.engine(engine)
        made.append(pytest.param(EnginePhone(engine, language, int(width)), id=one, marks=marked))
    return pytest.mark.parametrize("phone", made, indirect=True, scope="module")


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A server that is reached over TLS, as in production."""
    with own_product(tmp_path_factory.mktemp("secure"), trustme.CA()) as running:
        yield running


@pytest.fixture(scope="module")
def phone(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[Page]:
    with open_phone(playwright, request.param) as page:
        yield page


@pytest.fixture
def language(request: pytest.FixtureRequest) -> str:
    """What the holder of the phone reads."""
    wanted: EnginePhone = request.node.callspec.params["phone"]
    return wanted.language


@phones("webkit-fr-390", "webkit-de-320", "firefox-fr-390")
def test_walk_ends_active(phone: Page, secure: Product, language: str) -> None:
    order = secure.order(language)
    to_bank(phone, secure, order).sign_on_page(SuccessPage)
    assert secure.evidence(order).state is ActivationState.ACTIVE


@phones("chromium-fr-390", "webkit-fr-390", "firefox-fr-390")
def test_back_finds_an_empty_form(phone: Page, secure: Product, language: str) -> None:
    failed = submit(phone, secure, secure.order(language), WRONG_CARD, FailurePage)
    assert phone.url.startswith("https://")
    assert failed.back(CardPage).typed == EMPTY


@phones("webkit-fr-390", "firefox-fr-390")
def test_cancelling_at_the_bank_is_told_calmly(phone: Page, secure: Product, language: str) -> None:
    order = secure.order(language)
    cancelled = to_bank(phone, secure, order).cancel(FailurePage)
    cancelled.reads(FAILURES[Failure.CANCELLED].message, order.reference)


@phones("webkit-fr-390")
@pytest.mark.parametrize("key", FAILED_SCENARIOS)
def test_failure_of_each_kind_is_told_and_can_be_tried_again(
    phone: Page, secure: Product, language: str, key: str
) -> None:
    row, order = SCENARIOS[key], secure.order(language)
    assert isinstance(row.page, Failure)
    failed = submit(phone, secure, order, row.cards[0], FailurePage, code_of(row.cards[0]))
    failed.reads(FAILURES[row.page].message, order.reference).try_again()


@phones("webkit-de-320")
@pytest.mark.parametrize("key", CLOSED)
def test_closed_link_says_why(phone: Page, secure: Product, language: str, key: str) -> None:
    condition = SCENARIOS[key].page
    assert isinstance(condition, LinkCondition)
    phone.goto(secure.start_scenario(key, language).link)
    LinkClosedPage(phone, condition, language)


@phones("webkit-fr-390")
def test_tab_key_reaches_every_action(phone: Page, secure: Product, language: str) -> None:
    order = secure.order(language)
    WelcomePage.open(phone, order)
    expect_every_action_is_reached(phone)
    to_card(phone, order)
    expect_every_action_is_reached(phone)


@phones("chromium-fr-390", "webkit-fr-390", "firefox-fr-390")
def test_what_is_wrong_is_said_when_the_field_is_left(phone: Page, secure: Product, language: str) -> None:
    card = to_card(phone, secure.order(language))
    said_there, wrong = (
        phone.locator("#card_number-problem"),
        phone.locator("#card_number[aria-invalid=true]"),
    )
    card.field("Card number").fill("4242424242424241")
    card.field("Expiry date").click()
    expect(said_there).to_have_text(translate(PROBLEMS[CardProblem.NUMBER_CHECKSUM], language))
    expect(wrong).to_have_count(1)

    card.field("Card number").fill("4000024329596391")
    expect(said_there).to_have_text("")
    expect(wrong).to_have_count(0)
