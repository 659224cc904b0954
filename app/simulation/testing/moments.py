"""The moments that a request waits for, from its rows alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from app.activations.standing import HANDOFF_TIME
from app.domain.states import ATTEMPT_TIME, OPEN
from app.simulation.testing.records import ActivationRecord


class Milestone(StrEnum):
    """What can be waited for."""

    NEXT_REMINDER = "next_reminder"
    LINK_END = "link_end"
    HANDOFF_END = "handoff_end"
    BANK_TIMEOUT = "bank_timeout"
    NEXT_MAIL = "next_mail"
    LOCK_END = "lock_end"
    ROOM_TO_SEND = "room_to_send"


#: Time that goes by stops at these, so that what is due then is done then. Nothing is done where a cap ends.
STOPS = frozenset(Milestone) - {Milestone.LOCK_END, Milestone.ROOM_TO_SEND}

#: The bank counts from the moment when it answered, which we learn a little later; and strictly.
_A_LITTLE = timedelta(seconds=1)


def milestones(record: ActivationRecord) -> Mapping[Milestone, datetime]:
    """Return what the request waits for, the soonest first."""
    found = {
        Milestone.NEXT_REMINDER: record.facts.next_reminder_at if _is_answerable(record) else None,
        Milestone.LINK_END: record.facts.expires_at if record.facts.state in OPEN else None,
        Milestone.LOCK_END: record.card_page_opens_at,
        Milestone.ROOM_TO_SEND: record.room_to_send_from,
        Milestone.NEXT_MAIL: min((mail.due_at for mail in record.waiting_mails), default=None),
        **_bank_milestones(record),
    }
    return dict(sorted(((name, at) for name, at in found.items() if at), key=lambda one: one[1]))


def _is_answerable(record: ActivationRecord) -> bool:
    return record.facts.state in OPEN and record.facts.refused_at is None


def _bank_milestones(record: ActivationRecord) -> Mapping[Milestone, datetime | None]:
    attempt = next((one for one in record.attempts if one.concluded_at is None), None)
    if attempt is None:
        return {}
    waits = attempt.challenged_at is not None and attempt.returned_at is None
    return {
        Milestone.HANDOFF_END: attempt.challenged_at + HANDOFF_TIME + _A_LITTLE if waits else None,
        Milestone.BANK_TIMEOUT: attempt.started_at + ATTEMPT_TIME,
    }
