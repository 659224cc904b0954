"""An accountant looks at what cardholders may see, and nothing comes of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from app.advice import ADVICE
from app.domain.failures import FAILURES, Failure, FailureMessage
from e2e.api_models import OfficeModel
from e2e.devices import everywhere, with_and_without_script
from e2e.own_server import OwnServer
from e2e.pages import CardPage, FailurePage, HandoffPage, SuccessPage, WelcomePage
from e2e.pages.portal import ActivationListPage, DrawnBankPage, MessagesPage, PreviewPage
from e2e.pages.portal.preview import back_to_portal, expect_marked
from e2e.portal_walks import sign_in
from e2e.product import PlacedActivation, Product
from e2e.words import message, spoken, translate

LOOKED_AT = (Failure.WRONG_CARD, Failure.NOT_CREDIT, Failure.TECHNICAL)


@pytest.fixture
def invited(product: Product, office: OfficeModel) -> PlacedActivation:
    """The first request of the office, which is what previews begin with."""
    return product.order(office=office)


@pytest.fixture
def listed(
    seat: Page, product: Product, office: OfficeModel, invited: PlacedActivation
) -> ActivationListPage:
    """The list of an accountant who has just signed in."""
    return sign_in(seat, product, office)


def kept(product: Product, order: PlacedActivation) -> list[str]:
    """All that is told of a request and its office; on a server of our own all that it and its bank keep."""
    recorded = [product.evidence(order).model_dump_json(), *product.requests(order.office)]
    return [*recorded, *(lines_of(product.own) if product.own else ())]


def lines_of(own: OwnServer) -> Iterator[str]:
    """Write out both databases, but for the accountants' sessions."""
    for name in ("caro.db", "bank.db"):
        with closing(sqlite3.connect(own.folder / name)) as connection:
            yield from (line for line in connection.iterdump() if '"portal_session"' not in line)


def letters(product: Product, office: OfficeModel) -> int:
    """Count the mails of the office; on a server of our own those of everybody."""
    return len(
        list((product.own.folder / "mail" / "new").iterdir()) if product.own else product.mailbox(office)
    )


@everywhere
def test_three_failures_are_looked_at_in_dutch(
    seat: Page, product: Product, invited: PlacedActivation, listed: ActivationListPage
) -> None:
    before, mails = kept(product, invited), letters(product, invited.office)
    start = listed.follow("Preview", PreviewPage)
    for failure in LOOKED_AT:
        name = translate(ADVICE[failure].cause)
        shown = (
            start.choose("nl")
            .look(name, FailurePage, "nl")
            .reads(FAILURES[failure].message, invited.reference)
        )
        assert shown.items == list(FAILURES[failure].items)
        start = back_to_portal(seat, "nl")
    assert kept(product, invited) == before
    product.work(invited.office)
    assert letters(product, invited.office) == mails


@with_and_without_script
def test_whole_activation_is_walked_through(
    seat: Page, product: Product, invited: PlacedActivation, listed: ActivationListPage
) -> None:
    before = kept(product, invited)
    welcome = listed.follow("Preview", PreviewPage).choose("nl").begin(WelcomePage, "nl")
    card = welcome.tick_reference(invited).tick_terms().press("Next", CardPage)
    expect_marked(seat, "nl")
    for label in card.typed:
        expect(card.field(label)).not_to_be_editable()
    card.press("Continue to my bank", HandoffPage)
    expect_marked(seat, "nl")
    bank = HandoffPage(seat, "nl").press("Go to my bank", DrawnBankPage)
    expect_marked(seat, "nl")
    bank.follow("Confirm", SuccessPage)
    expect_marked(seat, "nl")
    assert kept(product, invited) == before


def test_every_page_says_that_it_is_a_preview(
    seat: Page, product: Product, invited: PlacedActivation, listed: ActivationListPage
) -> None:
    before, mails = kept(product, invited), letters(product, invited.office)
    scenes = dict(listed.follow("Preview", PreviewPage).choose("nl").scenes)
    assert len(scenes) > len(Failure)
    for address in scenes.values():
        answer = seat.goto(f"{product.product_url}{address}")
        assert answer is not None
        assert answer.status < 500
        expect_marked(seat, "nl")
    assert kept(product, invited) == before
    product.work(invited.office)
    assert letters(product, invited.office) == mails


def test_all_messages_stand_on_one_page(listed: ActivationListPage) -> None:
    shown = listed.follow("Messages", MessagesPage)
    before_the_reference, *_rest = message(FailureMessage.WRONG_CARD, spoken(), "…").split(" …")
    for words in (before_the_reference, message(FailureMessage.SOMETHING_WRONG, spoken(), "")):
        expect(shown.page.get_by_role("main")).to_contain_text(words)
