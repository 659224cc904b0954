"""A cardholder who can go no further tells the office by one press, and the office sees what to do."""

from playwright.sync_api import Page, expect

from app.domain.history import EventType, MailKind
from app.domain.states import ActivationState, LinkCondition
from app.domain.telephones import SAMPLE_TELEPHONE, format_telephone
from e2e.api_models import OfficeModel
from e2e.devices import with_and_without_script
from e2e.pages import LinkClosedPage, MessageRepeatedPage, MessageSentPage, NotMinePage, WelcomePage
from e2e.portal_walks import manage
from e2e.product import PlacedActivation, Product
from e2e.words import say

NEW_LINK, UNEXPECTED = "Send me a new link", "I did not expect this"


def expect_office_reads(
    seat: Page, product: Product, office: OfficeModel, order: PlacedActivation, message: str, action: str
) -> None:
    """Expect the dossier's page to quote the message beside what can be done."""
    product.work(office)
    sheet = manage(seat, product, office).request(order.reference).says(say(message))
    expect(sheet.offers(action)).to_be_visible()


@with_and_without_script
def test_expired_link_asks_for_a_new_one(
    seat: Page, page: Page, product: Product, office: OfficeModel
) -> None:
    order = product.order(office=office)
    product.pass_time(order, days=57)
    page.goto(order.link)
    closed = LinkClosedPage(page, LinkCondition.EXPIRED)
    telephone = page.get_by_role("link", name=format_telephone(SAMPLE_TELEPHONE))
    expect(telephone).to_have_attribute("href", f"tel:{SAMPLE_TELEPHONE}")
    closed.tell_office(NEW_LINK, MessageSentPage).shows(
        "%(office)s receives it by email: “%(message)s”.", office=office.name, message=say(NEW_LINK)
    )
    page.goto(order.link)
    LinkClosedPage(page, LinkCondition.EXPIRED).tell_office(NEW_LINK, MessageRepeatedPage)

    product.work(office)
    evidence = product.evidence(order)
    assert evidence.event_types.count(EventType.OFFICE_MESSAGE) == 1
    assert [mail.kind for mail in evidence.mails][-1] is MailKind.NEW_LINK_WANTED
    assert evidence.address is None
    expect_office_reads(seat, product, office, order, NEW_LINK, "Relaunch")


@with_and_without_script
def test_wrong_reference_raises_the_alarm(
    seat: Page, scriptless: Page, product: Product, office: OfficeModel
) -> None:
    order = product.order(office=office)
    page = WelcomePage.open(scriptless, order).follow("This is not my reference", NotMinePage)
    page.press(UNEXPECTED, MessageSentPage)

    assert product.evidence(order).state is ActivationState.INVITED
    expect_office_reads(seat, product, office, order, UNEXPECTED, "Cancel the request")
