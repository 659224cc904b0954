"""What a failed attempt tells the cardholder: the message, what to check, what to do, when to try again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel.speaklater import LazyString

from app.clock import brussels_day
from app.domain.failures import CATALOGUE, Failure, Item, Message
from app.i18n import _, _l, clock_time, long_date


@dataclass(frozen=True)
class Check:
    """One thing to check: what it is, and how."""

    title: LazyString
    advice: LazyString


@dataclass(frozen=True)
class FailurePage:
    """Everything that a failure page shows, in the reader's language."""

    heading: str
    under: LazyString | None
    checks: tuple[tuple[Item, Check], ...]
    now: LazyString | str
    again: str


HEADINGS: Mapping[Message, LazyString] = {
    Message.E1: _l(
        "Your CARO credit card is not linked to %(reference)s. Try again with the right credit card."
    ),
    Message.E2: _l("A problem during activation. Check your card."),
    Message.E3: _l("Something went wrong."),
    Message.CANCELLED: _l("You cancelled at your bank."),
    Message.TOO_LATE: _l("It took too long to reach your bank."),
}

#: Only the technical message has a second line, and its wording is fixed.
UNDER: Mapping[Message, LazyString | None] = {
    Message.E1: None,
    Message.E2: None,
    Message.E3: _l("Technical or data error during the activation of CodaBox CARO"),
    Message.CANCELLED: None,
    Message.TOO_LATE: None,
}

CHECKS: Mapping[Item, Check] = {
    Item.REFERENCE: Check(
        _l("The client reference and the card number"),
        _l("Both stand on your credit card statement. Take the card whose number is on that statement."),
    ),
    Item.BANK_CONTACT: Check(
        _l("Your bank"),
        _l("If both are the same as on your statement, ask your bank which card belongs to this reference."),
    ),
    Item.KIND: Check(
        _l("Debit or credit"),
        _l("Look for “Débit” or “Crédit” on your card. Only a credit card works, not a debit card."),
    ),
    Item.DATA: Check(
        _l("What you typed"),
        _l("Compare the number, the expiry date and the security code with what is printed on your card."),
    ),
    Item.PIN: Check(
        _l("Your PIN"),
        _l("Three wrong tries block the card. If you are not sure of your PIN, ask your bank first."),
    ),
    Item.VALIDITY: Check(
        _l("The expiry date"),
        _l("Is your card expired? Then use the new card that your bank has sent you."),
    ),
    Item.BLOCKED: Check(
        _l("A blocked card"),
        _l(
            "You may have blocked your card for a while in your bank's app. Unblock it there, or ask "
            "your bank. It can take some minutes before that works."
        ),
    ),
    Item.ONLINE: Check(
        _l("Online payments"),
        _l("Can you pay online with this card? If not, ask your bank whether this can be switched on."),
    ),
    Item.NEW_CARD: Check(
        _l("A new card"),
        _l(
            "If your card is new, first use it once with its PIN in a shop or at a cash machine. "
            "A contactless payment is not enough."
        ),
    ),
    Item.LATER: Check(
        _l("A technical problem"),
        _l("It may lie with your bank or with us, and it usually passes by itself. Try again later."),
    ),
    Item.BANK: Check(
        _l("Your bank"),
        _l("Ask your bank why this card was refused: it knows more than we are told."),
    ),
    Item.AGAIN: Check(
        _l("Start again"),
        _l("Have your card and your card reader at hand, and sign on the page of your bank."),
    ),
}

NOW: Mapping[Failure, LazyString] = {
    Failure.WRONG_CARD: _l("Take the credit card of this client reference and fill in its details."),
    Failure.NOT_CREDIT: _l("Take a credit card and fill in its details."),
    Failure.CARD_DATA: _l("Keep your card in front of you and fill in its details again."),
    Failure.PIN: _l("Make sure of your PIN before you try again."),
    Failure.CARD_EXPIRED: _l("Fill in the details of a card that is still valid."),
    Failure.NOT_PERMITTED: _l(
        "Check the first two points in your bank's app or with your bank, then try again."
    ),
    Failure.REFUSED: _l("Go through the list from the top, then try again."),
    Failure.BANK_REFUSED: _l("Contact your bank before you try again."),
    Failure.CARD_BLOCKED: _l("Unblock your card, wait some minutes, then try again."),
    Failure.CARD_NEVER_USED: _l("Use your new card once with its PIN, then try again."),
    Failure.TECHNICAL: _l("Wait a little, then try again. Your data need not change."),
    Failure.TOO_FREQUENT: _l("Your card was tried too often. Wait a day, then try again."),
    Failure.TIMED_OUT: _l("The time at your bank ran out. Start again and sign within ten minutes."),
    Failure.CANCELLED: _l("Start again whenever you like."),
    Failure.HANDOFF_LATE: _l("Start again: your bank waits half a minute only for your browser."),
}


def failure_page(failure: Failure, reference: str, concluded_at: datetime, now: datetime) -> FailurePage:
    """Tell one failure; the reference stays ten bare digits, as the message of the service has it."""
    page = CATALOGUE[failure]
    return FailurePage(
        heading=str(HEADINGS[page.message]) % {"reference": reference},
        under=UNDER[page.message],
        checks=tuple((item, CHECKS[item]) for item in page.items),
        now=NOW[failure],
        again=_again(page.wait, concluded_at, now),
    )


def closed(page: FailurePage, office: str, opens_at: datetime) -> FailurePage:
    """Return the page as it is after five counted refusals: when the card page opens, and who can open it."""
    return replace(
        page,
        now=_(
            "Ask %(office)s to send the invitation again if you cannot wait: that opens the page at once.",
            office=office,
        ),
        again=_(
            "The card page is closed: five attempts were refused within a day. "
            "It opens again on %(day)s at %(time)s.",
            day=long_date(opens_at),
            time=clock_time(opens_at),
        ),
    )


def _again(wait: timedelta | None, concluded_at: datetime, now: datetime) -> str:
    if wait is None:
        return _("There is no waiting time: try again as soon as this is done.")
    opens_at = concluded_at + wait
    if opens_at <= now:
        return _("You can try again now.")
    return try_again_from(opens_at, now)


def try_again_from(opens_at: datetime, now: datetime) -> str:
    """Say when another try makes sense: the time in Brussels, with the day unless it is today."""
    if brussels_day(opens_at) == brussels_day(now):
        return _("You can try again from %(time)s.", time=clock_time(opens_at))
    return _(
        "You can try again from %(day)s at %(time)s.", day=long_date(opens_at), time=clock_time(opens_at)
    )
