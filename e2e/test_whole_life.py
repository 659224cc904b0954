"""A request from the order to the last mail, read in the mailbox and lived through day by day."""

from playwright.sync_api import Page, expect

from app.clock import brussels_day
from app.domain.history import EventType
from app.domain.states import ActivationState
from e2e.api_models import MailModel
from e2e.expectations import expect_active, expect_address_erased, expect_address_kept
from e2e.pages import CardPage, MailPage, SigningPage, SuccessPage, WelcomePage
from e2e.product import PlacedActivation, Product
from e2e.touch import touch
from e2e.walks import GOOD_CARD, to_card
from e2e.words import long_date, say, searchable

ASKED = "Activate CARO for %(office)s (reference %(reference)s)"
CONFIRMED = "CARO is active for your card statements (reference %(reference)s)"
#: Each reminder says which it is; the third, that it is the last.
REMINDED = {
    14: "Reminder: activate CARO for %(office)s (reference %(reference)s)",
    28: "Still open: activate CARO for %(office)s (reference %(reference)s)",
    42: "Last reminder: CARO for %(office)s (reference %(reference)s)",
}
BUTTON = "Activate CARO"
#: Years, after everything.
LONG_AFTER = 2


def read(page: Page, product: Product, order: PlacedActivation, mail: MailModel, subject: str) -> MailPage:
    """Read a mail that asks to activate: who asks, until when, by which one link."""
    shown = MailPage(page, mail)
    office = order.office
    assert shown.subject == searchable(say(subject, office=office.name, reference=order.grouped_reference))
    assert mail.headers["Reply-To"] == office.accountant
    until = long_date(brussels_day(product.evidence(order).expires_at))
    for words in (until, office.name):
        expect(page.get_by_role("main")).to_contain_text(words)
        assert words in shown.text
    assert order.link in shown.addresses
    assert order.link in shown.addresses_in_text
    assert {one for one in shown.addresses if "/a/" in one} == {order.link}
    return shown


def next_mail(product: Product, order: PlacedActivation) -> MailModel:
    """Wait for the day of the next reminder, and take the one new mail out of the mailbox."""
    before = len(product.mails(order))
    product.age_until(order, "next_reminder")
    mails = product.mails(order)
    assert len(mails) == before + 1
    return mails[-1]


def test_silent_for_six_weeks_then_active(page: Page, product: Product, order: PlacedActivation) -> None:
    (invitation,) = product.mails(order)
    read(page, product, order, invitation, ASKED).press(BUTTON, WelcomePage)
    for day, subject in REMINDED.items():
        evidence = product.evidence(order)
        assert evidence.next_reminder_at
        assert (brussels_day(evidence.next_reminder_at) - brussels_day(evidence.invited_at)).days == day
        reminder = next_mail(product, order)
        shown = read(page, product, order, reminder, subject)
    assert product.evidence(order).next_reminder_at is None
    assert product.evidence(order).state is ActivationState.INVITED
    expect_address_kept(product, order)
    card = shown.press(BUTTON, WelcomePage).accept(order)
    active = card.submit(GOOD_CARD, product.expiry(), SigningPage).sign(SuccessPage)
    expect_active(product, order, active, GOOD_CARD)
    expect_farewell(page, product, order)


def expect_farewell(page: Page, product: Product, order: PlacedActivation) -> None:
    """Read the confirmation and its conditions; then nothing is left, and nothing more is written."""
    mails = product.mails(order)
    confirmation = MailPage(page, mails[-1])
    assert confirmation.subject == say(CONFIRMED, reference=order.grouped_reference)
    (conditions,) = confirmation.addresses
    assert confirmation.addresses_in_text == [conditions]
    touch(page.get_by_role("link", name=conditions, exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Conditions of CARO"))
    assert product.evidence(order).event_types[-1] is EventType.ADDRESS_ERASED
    expect_address_erased(product, order)
    for _ in range(4):
        product.pass_time(order, days=14)
    for _ in range(LONG_AFTER):
        product.pass_time(order, days=365)
    assert len(product.mails(order)) == len(mails)
    assert product.notices(order) == []


def test_accepted_on_one_phone_reminded_on_another(
    page: Page, other_phone: Page, product: Product, order: PlacedActivation
) -> None:
    to_card(page, order)
    reminder = next_mail(product, order)
    shown = read(other_phone, product, order, reminder, REMINDED[14])
    card = shown.press(BUTTON, CardPage)
    active = card.submit(GOOD_CARD, product.expiry(), SigningPage).sign(SuccessPage)
    expect_active(product, order, active, GOOD_CARD)
    assert len(product.evidence(order).consents) == 1
    page.reload()
    SuccessPage(page)
    expect_farewell(other_phone, product, order)
