"""A request from the order to the last mail, read in the mailbox and lived through day by day."""

from datetime import datetime
from email.message import EmailMessage

from playwright.sync_api import Page, expect

from app.clock import brussels_day
from app.domain.activation import State
from app.domain.history import Happening
from app.i18n import day_in_full
from e2e.expectations import expect_active
from e2e.pages import CardPage, MailPage, SigningPage, SuccessPage, WelcomePage
from e2e.walks import GOOD_CARD, to_card
from e2e.words import say
from e2e.world import Order, World
from tests.support.office import ACCOUNTANT, OFFICE

ASKED = "%(office)s asks you to activate your card statements (reference %(reference)s)"
CONFIRMED = "Your card statements are activated (reference %(reference)s)"
#: Each reminder says which it is; the third, that it is the last.
REMINDED = {14: f"Reminder: {ASKED}", 28: f"Still open: {ASKED}", 42: f"Last reminder: {ASKED}"}
BUTTON = "Activate my card statements"
LONG_AFTER = 2 * 365


def long_date(moment: datetime) -> str:
    return day_in_full(brussels_day(moment), "fr")


def read(page: Page, world: World, order: Order, mail: EmailMessage, subject: str) -> MailPage:
    """Read a mail that asks to activate: who asks, until when, by which one link."""
    shown = MailPage(page, mail)
    # Subjects have plain spaces, as somebody who searches for them types them.
    assert shown.subject == say(subject, office=OFFICE, reference=order.grouped_reference).replace(
        "\u00a0", " "
    )
    assert mail["Reply-To"] == ACCOUNTANT
    until = long_date(world.evidence(order).activation.expires_at)
    for words in (until, OFFICE):
        expect(page.get_by_role("main")).to_contain_text(words)
        assert words in shown.text
    assert order.link in shown.addresses
    assert order.link in shown.addresses_in_text
    assert {one for one in shown.addresses if "/a/" in one} == {order.link}
    return shown


def next_mail(world: World, order: Order) -> EmailMessage:
    """Wait for the day of the next reminder, and take the one new mail out of the mailbox."""
    before = len(world.mails(order))
    world.wait_until(world.evidence(order).activation.next_reminder_at)
    mails = world.mails(order)
    assert len(mails) == before + 1
    return mails[-1]


def test_silent_for_six_weeks_then_active(page: Page, world: World, order: Order) -> None:
    invited_at = world.evidence(order).activation.invited_at
    (invitation,) = world.mails(order)
    read(page, world, order, invitation, ASKED).press(BUTTON, WelcomePage)
    for day, subject in REMINDED.items():
        reminder = next_mail(world, order)
        assert (brussels_day(world.clock()) - brussels_day(invited_at)).days == day
        shown = read(page, world, order, reminder, subject)
    assert world.evidence(order).activation.next_reminder_at is None
    assert world.evidence(order).state is State.INVITED
    card = shown.press(BUTTON, WelcomePage).accept(order)
    active = card.submit(GOOD_CARD, world.expiry(), SigningPage).sign(SuccessPage)
    assert world.traces(order.address)
    expect_active(world, order, active, GOOD_CARD)
    expect_farewell(page, world, order)


def expect_farewell(page: Page, world: World, order: Order) -> None:
    """Read the confirmation and its conditions; then nothing is left, and nothing more is written."""
    mails = world.mails(order)
    confirmation = MailPage(page, mails[-1])
    assert confirmation.subject == say(CONFIRMED, reference=order.grouped_reference)
    (conditions,) = confirmation.addresses
    assert confirmation.addresses_in_text == [conditions]
    page.get_by_role("link", name=conditions, exact=True).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Conditions of CARO"))
    assert world.evidence(order).happenings[-1] is Happening.ADDRESS_ERASED
    assert world.traces(order.address) == []
    for _ in range(4):
        world.pass_time(days=14)
    world.pass_time(days=LONG_AFTER)
    assert len(world.mails(order)) == len(mails)
    assert world.notices(order) == []


def test_accepted_on_one_phone_reminded_on_another(
    page: Page, other_phone: Page, world: World, order: Order
) -> None:
    to_card(page, order)
    reminder = next_mail(world, order)
    shown = read(other_phone, world, order, reminder, REMINDED[14])
    card = shown.press(BUTTON, CardPage)
    active = card.submit(GOOD_CARD, world.expiry(), SigningPage).sign(SuccessPage)
    expect_active(world, order, active, GOOD_CARD)
    assert len(world.evidence(order).consents) == 1
    page.reload()
    SuccessPage(page)
    expect_farewell(other_phone, world, order)
