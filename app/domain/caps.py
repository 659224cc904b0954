"""How often is enough: what closes the card page, and what spares somebody's mailbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.banks import INVITATION_KINDS
from app.domain.history import EventType

DAY = timedelta(hours=24)
#: What was read of an office's file, and not used, is forgotten.
UPLOAD_LIFE = DAY
HOUR = timedelta(hours=1)
#: Whoever asks again at once has the mail already, or soon.
SIGN_IN_MAIL_GAP = timedelta(minutes=3)

#: One mistake can always be mended, and pages write the number as a word.
FEWEST, MOST = 2, 10
#: A whole office corrects more, and no page names that number.
MOST_OF_AN_OFFICE = 1000

#: What names another address: the invitations before it did not go to the present one.
ADDRESS_CHANGES = (EventType.ADDRESS_CORRECTED, EventType.RELAUNCHED)


@dataclass(frozen=True)
class Caps:
    """How often something may happen before it has to wait; each is a setting."""

    #: Counted refusals that close the card page (PSD2 RTS art. 4(3)(b), read for our own pages).
    refusals_a_day: int = 5
    #: So many invitations go to one address of a request before a resend waits; the order's is not counted.
    sends_a_day: int = 3
    #: So many mails with a link to sign in go to one address because of one network.
    sign_in_links_an_hour: int = 5
    #: So often a request is given another address, and so often all requests of an office together are.
    corrections_a_day: int = 5
    office_corrections_an_hour: int = 50


def next_allowed_at(times: Iterable[datetime], cap: int, within: timedelta, now: datetime) -> datetime | None:
    """Return when there is room for one more, None where there is now."""
    lately = sorted(at for at in times if at > now - within)
    return lately[-cap] + within if len(lately) >= cap else None


@dataclass(frozen=True)
class InvitationRecord:
    """What the caps of one request count: its mails, its history and the round that it is in."""

    mails: Sequence[Any]
    history: Sequence[Any]
    round: int
    caps: Caps
    now: datetime

    @property
    def is_waiting(self) -> bool:
        """Whether the invitation of this round has still to leave."""
        return any(mail.kind in INVITATION_KINDS and self._is_underway(mail) for mail in self.mails)

    @property
    def has_mail_waiting(self) -> bool:
        """Whether any mail of this round to the cardholder has still to leave."""
        return any(self._is_underway(mail) for mail in self.mails)

    @property
    def can_remind_at(self) -> datetime | None:
        """When a reminder may follow what was sent in this round, None where that is now."""
        sent = [mail.sent_at for mail in self.mails if mail.sent_at and mail.round == self.round]
        return next_allowed_at(sent, 1, DAY, self.now)

    @property
    def can_send_again_at(self) -> datetime | None:
        """When the present address may be written to again; None where that is now, or a mail still waits."""
        if self.is_waiting:
            return None
        since = max(self._address_changes, default=None)
        left = (
            mail.sent_at
            for mail in self.mails
            if mail.kind in INVITATION_KINDS
            and mail.round > 1
            and mail.sent_at
            and not (since and mail.created_at < since)
        )
        return next_allowed_at(left, self.caps.sends_a_day, DAY, self.now)

    @property
    def can_correct_at(self) -> datetime | None:
        """When another address may be given, None where that is now."""
        return next_allowed_at(self._address_changes, self.caps.corrections_a_day, DAY, self.now)

    @property
    def _address_changes(self) -> Sequence[datetime]:
        return [event.at for event in self.history if event.event_type in ADDRESS_CHANGES]

    def _is_underway(self, mail: Any) -> bool:
        return mail.round == self.round and not (mail.sent_at or mail.dead_at)
