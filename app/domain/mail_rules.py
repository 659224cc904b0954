"""The rules of each kind of mail: to whom, while it is wanted, when it is tried again, what a loss means."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto

from app.domain.history import MailKind
from app.domain.states import OPEN, ActivationState


class Recipient(StrEnum):
    """Who reads a mail."""

    CARDHOLDER = auto()
    ACCOUNTANT = auto()


@dataclass(frozen=True)
class MailRule:
    """What holds for one kind of mail.

    A mail about a request is dropped unsent where that is no longer `wanted_in`, where a newer round has
    overtaken it, or where it `asks` for what the cardholder has refused. `when_lost` is the notice that then
    goes to the accountant; after the `last` mail the address goes.
    """

    recipient: Recipient
    wanted_in: frozenset[ActivationState] = frozenset()
    outlives_round: bool = False
    in_working_hours: bool = False
    asks: bool = False
    when_lost: MailKind | None = None
    last: bool = False
    wait: timedelta = timedelta(0)


_INVITING = MailRule(Recipient.CARDHOLDER, OPEN, asks=True, when_lost=MailKind.INVITATION_UNDELIVERED)
_REMINDING = replace(_INVITING, in_working_hours=True)
_ABOUT_NO_REQUEST = MailRule(Recipient.ACCOUNTANT)
_ACTIVE = frozenset({ActivationState.ACTIVE})

MAILS: Mapping[MailKind, MailRule] = {
    MailKind.INVITATION: _INVITING,
    MailKind.INSTRUCTIONS: _INVITING,
    MailKind.FIRST_REMINDER: _REMINDING,
    MailKind.SECOND_REMINDER: _REMINDING,
    MailKind.THIRD_REMINDER: _REMINDING,
    MailKind.CONFIRMATION: MailRule(
        Recipient.CARDHOLDER, _ACTIVE, when_lost=MailKind.CONFIRMATION_UNDELIVERED, last=True
    ),
    # Most cardholders mend a mistyped card at once; only what still fails a while later is worth a mail.
    MailKind.PROBLEM: MailRule(Recipient.ACCOUNTANT, OPEN, wait=timedelta(minutes=15)),
    MailKind.INVITATION_UNDELIVERED: MailRule(Recipient.ACCOUNTANT, OPEN),
    # However late: nobody else has read what the cardholder wants.
    MailKind.NEW_LINK_WANTED: MailRule(
        Recipient.ACCOUNTANT, OPEN | {ActivationState.EXPIRED}, outlives_round=True
    ),
    MailKind.REQUEST_UNEXPECTED: MailRule(
        Recipient.ACCOUNTANT, frozenset(ActivationState) - {ActivationState.REVOKED}, outlives_round=True
    ),
    # Somebody waits for it at the screen: it overtakes a whole day of queued mails.
    MailKind.SIGN_IN: replace(_ABOUT_NO_REQUEST, wait=-timedelta(days=1)),
    MailKind.ACTIVATED: MailRule(Recipient.ACCOUNTANT, _ACTIVE),
    MailKind.EXPIRED: MailRule(Recipient.ACCOUNTANT, frozenset({ActivationState.EXPIRED})),
    MailKind.DIGEST: _ABOUT_NO_REQUEST,
    MailKind.NEW_BROWSER: _ABOUT_NO_REQUEST,
    MailKind.COLLEAGUE_INVITED: _ABOUT_NO_REQUEST,
    MailKind.CONFIRMATION_UNDELIVERED: MailRule(Recipient.ACCOUNTANT, _ACTIVE),
}

#: After each failed try wait so long; the last wait repeats until the mail is three days old.
_RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
_LAST_RETRY_DELAY = timedelta(hours=6)
_GIVE_UP_AFTER = timedelta(hours=72)


def next_delivery_at(created_at: datetime, tries: int, now: datetime) -> datetime | None:
    """Return when a mail that was not taken is tried again, at last after three days; None from then on."""
    if now - created_at >= _GIVE_UP_AFTER:
        return None
    wait = _RETRY_DELAYS[tries] if tries < len(_RETRY_DELAYS) else _LAST_RETRY_DELAY
    return min(now + wait, created_at + _GIVE_UP_AFTER)
