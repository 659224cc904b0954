"""The life of one activation: its states, its only moves, and the page that each state opens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where an activation stands."""

    INVITED = "invited"
    TERMS_ACCEPTED = "terms_accepted"
    AWAITING_BANK = "awaiting_bank"
    ACTIVE = "active"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REVOKED = "revoked"


class Action(StrEnum):
    """What may happen to an activation; each one names the states in which it is allowed."""

    ACCEPT_TERMS = "accept_terms"
    SUBMIT_CARD = "submit_card"
    SUCCEED = "succeed"
    FAIL = "fail"
    START_OVER = "start_over"
    CONFIRM_IN_BANK_APP = "confirm_in_bank_app"
    RESEND = "resend"
    REPLACE = "replace"
    CANCEL = "cancel"
    REVOKE = "revoke"
    EXPIRE = "expire"
    RELAUNCH = "relaunch"


class Step(StrEnum):
    """The pages of the wizard, in the cardholder's order."""

    WELCOME = "welcome"
    CARD = "card"
    RESULT = "result"


class NotAllowed(Exception):
    """The activation is in a state in which this action is not allowed."""

    def __init__(self, state: State, action: Action) -> None:
        super().__init__(f"{action} is not allowed from {state}")
        self.state = state
        self.action = action


OPEN = frozenset({State.INVITED, State.TERMS_ACCEPTED, State.AWAITING_BANK})
#: States that hold the client reference: one such activation an office and reference.
HOLDING = OPEN | {State.ACTIVE}

#: A resend keeps the state; a replaced link starts again, since another person may hold it now.
TRANSITIONS: Mapping[tuple[State, Action], State] = {
    (State.INVITED, Action.ACCEPT_TERMS): State.TERMS_ACCEPTED,
    (State.TERMS_ACCEPTED, Action.SUBMIT_CARD): State.AWAITING_BANK,
    (State.AWAITING_BANK, Action.SUCCEED): State.ACTIVE,
    (State.AWAITING_BANK, Action.FAIL): State.TERMS_ACCEPTED,
    (State.AWAITING_BANK, Action.START_OVER): State.TERMS_ACCEPTED,
    (State.INVITED, Action.CONFIRM_IN_BANK_APP): State.ACTIVE,
    (State.ACTIVE, Action.REVOKE): State.REVOKED,
    (State.EXPIRED, Action.RELAUNCH): State.INVITED,
    (State.CANCELLED, Action.RELAUNCH): State.INVITED,
    **{(state, Action.RESEND): state for state in OPEN},
    **{(state, Action.REPLACE): State.INVITED for state in OPEN},
    **{(state, Action.CANCEL): State.CANCELLED for state in OPEN},
    **{(state, Action.EXPIRE): State.EXPIRED for state in OPEN},
}

#: The one page that each state opens; states without a page answer with a link condition.
STEPS: Mapping[State, Step] = {
    State.INVITED: Step.WELCOME,
    State.TERMS_ACCEPTED: Step.CARD,
    State.AWAITING_BANK: Step.RESULT,
    State.ACTIVE: Step.RESULT,
}


def advance(state: State, action: Action) -> State:
    """Return the state after the action; raise NotAllowed where the table has no such move."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise NotAllowed(state, action) from None


def sources(action: Action) -> frozenset[State]:
    """Return the states from which the action is allowed."""
    return frozenset(state for state, known in TRANSITIONS if known is action)


class LinkCondition(StrEnum):
    """Why a link does not lead into the wizard; each has a page of its own."""

    ALTERED = "altered"
    UNKNOWN = "unknown"
    MISSING = "missing"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    EXPIRED = "expired"
    LOCKED = "locked"


@dataclass(frozen=True)
class LinkFacts:
    """What decides whether a genuine link still opens: read from the row, never from the link."""

    state: State
    generation: int
    link_generation: int
    expires_at: datetime
    has_link: bool


#: In order: a link of a bank that knows none is unknown; a final state outranks replacement and expiry.
_CONDITIONS: tuple[tuple[LinkCondition, Callable[[LinkFacts, datetime], bool]], ...] = (
    (LinkCondition.UNKNOWN, lambda facts, now: not facts.has_link),
    (LinkCondition.ACTIVE, lambda facts, now: facts.state is State.ACTIVE),
    (LinkCondition.WITHDRAWN, lambda facts, now: facts.state in (State.CANCELLED, State.REVOKED)),
    (LinkCondition.REPLACED, lambda facts, now: facts.generation != facts.link_generation),
    (LinkCondition.EXPIRED, lambda facts, now: facts.state is State.EXPIRED or now >= facts.expires_at),
)


def link_condition(facts: LinkFacts, now: datetime) -> LinkCondition | None:
    """Return why this link does not open the wizard, or None where it does."""
    return next((name for name, holds in _CONDITIONS if holds(facts, now)), None)


#: The challenge may last ten minutes in all; what has no verdict after twelve is over.
CHALLENGE_TIME = timedelta(minutes=10)
ATTEMPT_TIME = timedelta(minutes=12)
