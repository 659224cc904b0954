"""The troubleshooting paths of the help article, each from failure to active."""

from datetime import timedelta

from playwright.sync_api import Page

from app.clock import BRUSSELS
from app.domain.failures import Item, Message
from app.domain.history import Happening
from app.simulator.scenarios import GOOD_CARDS, SCENARIOS, Recovery
from e2e.expectations import expect_active
from e2e.pages import (
    AtYourBankPage,
    BankEndingPage,
    CardPage,
    FailurePage,
    HandoffPage,
    PendingPage,
    SigningPage,
    SuccessPage,
)
from e2e.walks import GOOD_CARD, GOOD_MASTERCARD, fail, submit, to_bank, to_card
from e2e.world import Order, World

AT_BANK = (Recovery.ALLOW_ONLINE, Recovery.UNBLOCK_CARD, Recovery.USE_CARD, Recovery.UNBLOCK_PIN)


def at_bank(page: Page, world: World, order: Order) -> AtYourBankPage:
    return AtYourBankPage.open(page, world.bank_url, order.reference)


def succeed(page: Page, world: World, order: Order, number: str) -> None:
    """Open the link again and walk to the end with this card."""
    page.goto(order.link)
    shown = CardPage(page).submit(number, world.expiry(), SigningPage).sign(SuccessPage)
    expect_active(world, order, shown, number)


def failed(page: Page, world: World, order: Order, key: str, number: str = "") -> FailurePage:
    row = SCENARIOS[key]
    return fail(to_card(page, order), world, row, number or row.cards[0])


def test_lost_mail_is_replaced_by_copied_link(page: Page, world: World, order: Order) -> None:
    copied = world.services.activations.link(order.public_id, "anne@dupont.example")
    assert copied == order.link
    to_bank(page, world, order).sign(SuccessPage)
    assert Happening.LINK_COPIED in world.evidence(order).happenings


def test_lost_mail_is_sent_again(page: Page, world: World, order: Order) -> None:
    world.pass_time(days=13)
    world.services.activations.resend(order.public_id, "anne@dupont.example")
    world.work()
    assert [order.link in mail.as_string().replace("=\n", "") for mail in world.mails(order)] == [True, True]
    to_bank(page, world, order).sign(SuccessPage)


def test_wrong_card_then_right_one(page: Page, world: World, order: Order) -> None:
    shown = failed(page, world, order, "wrong_card").reads(Message.E1, order.reference)
    assert shown.items == [Item.REFERENCE, Item.BANK_CONTACT]
    succeed(page, world, order, GOOD_CARD)


def test_wrong_card_belongs_to_another_reference(page: Page, world: World) -> None:
    (number,) = SCENARIOS["wrong_card"].cards
    owner = world.order(reference="6000000001")
    expect_active(world, owner, to_bank(page, world, owner, number).sign(SuccessPage), number)


def test_debit_card_then_credit_card(page: Page, world: World, order: Order) -> None:
    shown = failed(page, world, order, "visa_debit").reads(Message.E2, order.reference)
    assert shown.items == [Item.KIND]
    succeed(page, world, order, GOOD_MASTERCARD)


def test_online_payments_are_switched_on(page: Page, world: World, order: Order) -> None:
    shown = failed(page, world, order, "online_payments_off").reads(Message.E3, order.reference)
    assert shown.items[:2] == [Item.ONLINE, Item.BLOCKED]
    at_bank(page, world, order).do("Allow online payments", "Online payments are allowed.")
    succeed(page, world, order, SCENARIOS["online_payments_off"].cards[0])


def test_unblocked_card_works_after_minutes(page: Page, world: World, order: Order) -> None:
    (number,) = SCENARIOS["temporarily_blocked"].cards
    failed(page, world, order, "temporarily_blocked").reads(Message.E3, order.reference)
    at_bank(page, world, order).do(
        "Unblock the card in the app", "The card is being unblocked. It works after five minutes."
    )
    page.goto(order.link)
    shown = fail(CardPage(page), world, SCENARIOS["just_unblocked"], number)
    assert Item.BLOCKED in shown.items[:2]
    opens_at = (world.clock() + timedelta(minutes=5)).astimezone(BRUSSELS)
    shown.shows("You can try again from %(time)s.", time=f"{opens_at:%H:%M}")
    world.clock.advance(minutes=5)
    shown.reload(FailurePage).shows("You can try again now.")
    succeed(page, world, order, number)


def test_card_blocked_by_bank_is_unblocked(page: Page, world: World, order: Order) -> None:
    shown = failed(page, world, order, "card_blocked").reads(Message.E3, order.reference)
    assert shown.items[0] is Item.BLOCKED
    at_bank(page, world, order).do(
        "Unblock the card in the app", "The card is being unblocked. It works after five minutes."
    )
    world.clock.advance(minutes=5)
    succeed(page, world, order, SCENARIOS["card_blocked"].cards[0])


def test_new_card_is_used_once_first(page: Page, world: World, order: Order) -> None:
    shown = failed(page, world, order, "card_never_used").reads(Message.E3, order.reference)
    assert shown.items[0] is Item.NEW_CARD
    at_bank(page, world, order).do("Use the card once with its PIN", "The card was used with its PIN.")
    succeed(page, world, order, SCENARIOS["card_never_used"].cards[0])


def test_wrong_pin_three_times_then_unblocked(page: Page, world: World, order: Order) -> None:
    shown = failed(page, world, order, "wrong_pin", GOOD_CARD).reads(Message.E3, order.reference)
    assert shown.items[0] is Item.PIN
    # A blocked PIN stays blocked, however right it is typed.
    signing = shown.try_again().submit(GOOD_CARD, world.expiry(), SigningPage)
    signing.sign(BankEndingPage).says("Your signature was refused.").go_back(FailurePage)
    at_bank(page, world, order).do("Unblock the PIN", "The PIN is not blocked.")
    succeed(page, world, order, GOOD_CARD)


def test_wrong_key_then_right_key(page: Page, world: World, order: Order) -> None:
    signing = to_bank(page, world, order).sign(SigningPage, key="M1")
    expect_active(world, order, signing.sign(SuccessPage), GOOD_CARD)


def test_wrong_security_code_then_right_one(page: Page, world: World, order: Order) -> None:
    shown = submit(page, world, order, GOOD_CARD, SigningPage, code="321").sign(FailurePage)
    assert shown.reads(Message.E3, order.reference).items[0] is Item.DATA
    succeed(page, world, order, GOOD_CARD)


def test_typing_errors_are_corrected_at_once(page: Page, world: World, order: Order) -> None:
    (bad_number,) = SCENARIOS["bad_number"].cards
    card = to_card(page, order).submit(bad_number, world.expiry(-1), CardPage, code="12")
    assert card.page.get_by_role("alert").get_by_role("link").count() == 3
    card = card.submit(GOOD_CARD, world.expiry(-1), CardPage)
    assert card.page.get_by_role("alert").get_by_role("link").count() == 1
    signing = card.submit(GOOD_CARD, world.expiry().replace("/", " / 20"), SigningPage)
    expect_active(world, order, signing.sign(SuccessPage), GOOD_CARD)


def test_cancelled_walk_is_taken_up_again(page: Page, world: World, order: Order) -> None:
    failed(page, world, order, "cancelled", GOOD_CARD).reads(Message.CANCELLED, order.reference)
    succeed(page, world, order, GOOD_CARD)


def test_closed_tab_is_taken_up_again(page: Page, world: World, order: Order) -> None:
    to_bank(page, world, order)
    page.goto(order.link)
    pending = PendingPage(page)
    world.pass_time(minutes=10)
    pending.reload(FailurePage).reads(Message.E3, order.reference)
    succeed(page, world, order, GOOD_CARD)


def test_late_handoff_is_taken_up_again(scriptless: Page, page: Page, world: World, order: Order) -> None:
    handoff = submit(scriptless, world, order, GOOD_CARD, HandoffPage)
    world.clock.advance(seconds=31)
    shown = handoff.press("Go to my bank", BankEndingPage).go_back(FailurePage)
    shown.reads(Message.TOO_LATE, order.reference)
    succeed(page, world, order, GOOD_CARD)


def test_dead_bank_comes_back_later(page: Page, world: World, order: Order) -> None:
    shown = failed(page, world, order, "bank_unavailable").reads(Message.E3, order.reference)
    assert shown.items[0] is Item.LATER
    world.clock.advance(minutes=15)
    shown.reload(FailurePage).shows("You can try again now.")
    succeed(page, world, order, GOOD_CARD)


def test_every_recovery_at_bank_is_told() -> None:
    told = {
        "online_payments_off",
        "temporarily_blocked",
        "card_blocked",
        "card_never_used",
        "wrong_pin",
    }
    assert told == {row.key for row in SCENARIOS.values() if row.recovery in AT_BANK}
    assert GOOD_CARDS == (GOOD_CARD, GOOD_MASTERCARD)
