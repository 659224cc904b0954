"""An accountant follows a request: copies its link, learns what went wrong and what to say."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.advice import ADVICE
from app.clock import brussels_day
from app.domain.failures import Failure, FailureMessage
from app.domain.history import EventType
from app.domain.states import StatusLabel, first_statement_month
from app.simulation.scenarios import SCENARIOS
from app.wording import LABELS
from e2e.api_models import OfficeModel
from e2e.devices import everywhere, with_and_without_script
from e2e.pages import FailurePage, HowToActivatePage, SigningPage, SuccessPage
from e2e.pages.portal import CopiedLinkPage, DossierPage, ToolkitPage
from e2e.portal_walks import manage, order, sign_in
from e2e.product import CODE, PlacedActivation, Product
from e2e.touch import touch
from e2e.walks import GOOD_CARD, to_card
from e2e.words import message, month_and_year, spoken, translate


@pytest.fixture
def invited(product: Product, office: OfficeModel) -> PlacedActivation:
    """A request of the accountant's own office, whose link has arrived."""
    return product.order(office=office)


def activate(phone: Page, product: Product, order: PlacedActivation) -> None:
    """Walk to the end on the cardholder's phone."""
    to_card(phone, order).submit(GOOD_CARD, product.expiry(), SigningPage).sign(SuccessPage)


def back_to_dossier(seat: Page, product: Product, office: OfficeModel) -> DossierPage:
    seat.goto(f"{product.product_url}/portal/dossiers/{office.dossier(CODE)}")
    return DossierPage(seat)


def labelled(label: StatusLabel) -> str:
    return translate(LABELS[label])


@with_and_without_script
def test_copied_link_is_completed_by_the_cardholder(
    seat: Page, page: Page, product: Product, office: OfficeModel, invited: PlacedActivation
) -> None:
    dossier = manage(seat, product, office)
    copied = dossier.request(invited.reference).go("Link and text for your own email", CopiedLinkPage)
    assert copied.link == invited.link
    assert invited.link in copied.message
    assert EventType.LINK_SHOWN in product.evidence(invited).event_types
    page.goto(copied.link)
    activate(page, product, invited)
    dossier = back_to_dossier(seat, product, office)
    sheet = dossier.request(invited.reference).stands(labelled(StatusLabel.ACTIVE))
    first = first_statement_month(brussels_day(product.now()))
    sheet.says(month_and_year(first))


@pytest.mark.chromium("no other browser lets a test read the clipboard")
def test_clipboard_holds_what_is_announced_as_copied(
    seat: Page, product: Product, office: OfficeModel, invited: PlacedActivation
) -> None:
    seat.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dossier = manage(seat, product, office).wait_for_scripts()
    with seat.expect_response("**/copied"):
        dossier.request(invited.reference).go("Copy the activation link", DossierPage)
    dossier.announces("Link copied.")
    assert clipboard(seat) == invited.link
    happened = product.evidence(invited).event_types
    assert (EventType.LINK_COPIED in happened, EventType.LINK_SHOWN in happened) == (True, False)
    copied = (
        dossier.request(invited.reference)
        .go("Link and text for your own email", CopiedLinkPage)
        .wait_for_scripts()
    )
    copied.press("Copy the text", CopiedLinkPage).announces("Copied.")
    assert clipboard(seat) == copied.message
    copied.reload(CopiedLinkPage)
    assert copied.link == invited.link


def clipboard(page: Page) -> Any:
    return page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n")


def test_wrong_card_is_told_with_the_message_and_what_to_say(
    seat: Page, page: Page, product: Product, office: OfficeModel, invited: PlacedActivation
) -> None:
    (number,) = SCENARIOS["wrong_card"].cards
    shown = to_card(page, invited).submit(number, product.expiry(), FailurePage)
    shown.reads(FailureMessage.WRONG_CARD, invited.reference)
    listed = sign_in(seat, product, office).show_only(labelled(StatusLabel.PROBLEM))
    expect(listed.row_of(invited.reference)).to_contain_text(labelled(StatusLabel.PROBLEM))
    sheet = listed.manage(CODE).request(invited.reference).stands(labelled(StatusLabel.PROBLEM))
    advice = ADVICE[Failure.WRONG_CARD]
    expect(sheet.region.get_by_role("blockquote")).to_have_text(
        message(FailureMessage.WRONG_CARD, spoken(), invited.reference)
    )
    sheet.says(number[-4:]).says(translate(advice.cause)).says(translate(advice.remedy))
    assert number not in seat.content()
    toolkit = sheet.go("More about this in the toolkit", ToolkitPage)
    toolkit.speaks_of(translate(advice.cause))


def test_bank_with_an_app_has_steps_and_no_link(seat: Page, product: Product, office: OfficeModel) -> None:
    at_kbc = product.order(bank="kbc", office=office)
    sheet = manage(seat, product, office).request(at_kbc.reference)
    expect(sheet.offers("Copy the activation link")).to_have_count(0)
    expect(sheet.offers("Replace the link")).to_have_count(0)
    touch(sheet.offers("How to activate"))
    HowToActivatePage(seat, "KBC")
    (mail,) = product.mails(at_kbc)
    assert "/a/" not in mail.text + mail.html


@everywhere
def test_new_accountant_finds_the_way(seat: Page, page: Page, product: Product, office: OfficeModel) -> None:
    """Sign in, order, copy the link; one cardholder succeeds, another is told why not."""
    holder, other = product.new_cardholder(office), product.new_cardholder(office, "nl")
    dossier = manage(seat, product, office)
    placed = order(dossier, product, office, holder)
    sheet = DossierPage(seat).request(holder.reference)
    link = sheet.go("Link and text for your own email", CopiedLinkPage).link
    page.goto(link)
    activate(page, product, placed)
    back_to_dossier(seat, product, office).request(holder.reference).stands(labelled(StatusLabel.ACTIVE))
    failing = order(DossierPage(seat), product, office, other)
    page.goto(failing.link)
    (number,) = SCENARIOS["wrong_card"].cards
    to_card(page, failing).submit(number, product.expiry(), FailurePage).reads(
        FailureMessage.WRONG_CARD, other.reference
    )
    sheet = back_to_dossier(seat, product, office).request(other.reference)
    sheet.stands(labelled(StatusLabel.PROBLEM)).says(
        message(FailureMessage.WRONG_CARD, "nl", other.reference)
    )
    sheet.says(translate(ADVICE[Failure.WRONG_CARD].remedy))
    DossierPage(seat).request(holder.reference).stands(labelled(StatusLabel.ACTIVE))
