"""Caps and rates that somebody has set otherwise: the rules follow, and so do the words."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.domain.caps import Caps
from app.domain.states import LinkCondition
from app.simulation.scenarios import SCENARIOS
from app.wording import NUMBERS
from e2e.api_models import OfficeModel
from e2e.expectations import expect_active, expect_locked
from e2e.pages import FailurePage, LinkClosedPage, MailPage, SigningPage, SuccessPage
from e2e.pages.portal import DossierPage, LinkSentPage, SignInLinkPage, SignInPage
from e2e.portal_walks import manage
from e2e.product import PlacedActivation, Product, own_product
from e2e.walks import GOOD_CARD, submit, to_card
from e2e.words import say, translate

pytestmark = pytest.mark.own_server("needs other settings than the server of all other tests")

CAPS = Caps(refusals_a_day=2, sends_a_day=4, sign_in_links_an_hour=3)
CLOSES = (
    "After %(count)s refusals within 24 hours, the page for the card details closes for a while. To open it "
    "straight away, send the invitation again."
)
(WRONG_CARD,) = SCENARIOS["wrong_card"].cards


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A server with caps of its own."""
    with own_product(tmp_path_factory.mktemp("caps"), **vars(CAPS)) as running:
        yield running


@pytest.fixture(scope="module")
def slow_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A server that takes one card an hour from one address."""
    with own_product(tmp_path_factory.mktemp("rates"), card_rate="1 per hour") as running:
        yield running


def test_caps_are_told_to_testers(product: Product) -> None:
    assert product.caps == CAPS


def test_second_refusal_closes_the_card_page(page: Page, product: Product, order: PlacedActivation) -> None:
    first = submit(page, product, order, WRONG_CARD, FailurePage)
    shown = first.try_again().submit(WRONG_CARD, product.expiry(), FailurePage)
    expect(page.get_by_role("main")).to_contain_text(translate(NUMBERS[2]))
    expect(page.get_by_role("link", name=shown.say("Try again"))).to_have_count(0)
    page.goto(order.link)
    FailurePage(page)
    page.goto(f"{product.product_url}/activation/{order.public_id}/card")
    closed = LinkClosedPage(page, LinkCondition.LOCKED)
    expect(page.get_by_role("main")).to_contain_text(translate(NUMBERS[2]))
    expect_locked(product, order, closed, SCENARIOS["wrong_card"], WRONG_CARD)
    product.age_until(order, "lock_end")
    page.goto(order.link)
    signing = FailurePage(page).try_again().submit(GOOD_CARD, product.expiry(), SigningPage)
    expect_active(product, order, signing.sign(SuccessPage), GOOD_CARD)


def test_closed_card_page_is_ready_made_for_testers(page: Page, product: Product) -> None:
    made = product.start_scenario("link_locked")
    page.goto(made.link)
    expect(page.get_by_role("main")).to_contain_text(translate(NUMBERS[2]))
    expect(FailurePage(page).page.get_by_role("link", name=say("Try again"))).to_have_count(0)
    assert len(product.evidence(made).attempts) == CAPS.refusals_a_day


def test_notice_to_the_accountant_names_the_cap(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    submit(page, product, order, WRONG_CARD, FailurePage)
    product.age_until(order, "next_mail")
    (notice,) = product.notices(order)
    sentence = say(CLOSES, notice.language, count=translate(NUMBERS[2], notice.language))
    assert sentence in notice.text


def test_fifth_mail_of_a_day_is_one_too_many(seat: Page, product: Product, office: OfficeModel) -> None:
    order = product.order(office=office)
    for _ in range(CAPS.sends_a_day):
        product.resend(order)
    sheet = manage(seat, product, office).request(order.reference)
    sheet.says(translate(NUMBERS[4]))
    expect(sheet.offers("Resend the invitation")).to_have_count(0)
    product.age_until(order, "room_to_send")
    again = DossierPage(seat).reload(DossierPage).request(order.reference)
    again.go("Resend the invitation", DossierPage)
    product.work(office)
    assert len(product.mails(order)) == 1 + CAPS.sends_a_day + 1


def test_who_asks_again_at_once_gets_one_mail_with_a_link_that_works(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    for _ in range(CAPS.sign_in_links_an_hour + 1):
        sent = SignInPage.open(seat, product.product_url).ask(office.accountant)
    sentence = (
        "Did you ask several times? We send an email at most every three minutes and %(count)s times an "
        "hour: the last one says until when its link works."
    )
    sent.shows(sentence, count=translate(NUMBERS[3]))
    LinkSentPage(seat)
    product.work(office)
    (mail,) = product.mailbox(office, office.accountant)
    MailPage(seat, mail).press("Sign in", SignInLinkPage).enter()


def test_whoever_tries_cards_all_day_is_slowed_down_in_words(page: Page, slow_world: Product) -> None:
    order = slow_world.order()
    card = to_card(page, order).submit(WRONG_CARD, slow_world.expiry(), FailurePage).try_again()
    with page.expect_response("**/card") as answered:
        card.fill(GOOD_CARD, slow_world.expiry())
        page.get_by_role("button", name=card.say("Continue to my bank")).click()
    assert answered.value.status == 429
    title = card.say("Too many tries in a short time")
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
    assert len(slow_world.evidence(order).attempts) == 1
