"""The life of one activation: its states, its only moves, and the page that each state opens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, auto


class ActivationState(StrEnum):
    """Where an activation stands."""

    INVITED = "invited"
    TERMS_ACCEPTED = "terms_accepted"
    AWAITING_BANK = "awaiting_bank"
    ACTIVE = "active"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REVOKED = "revoked"


class LifecycleAction(StrEnum):
    """What may happen to an activation; each one names the states in which it is allowed."""

    ACCEPT_TERMS = auto()
    SUBMIT_CARD = auto()
    SUCCEED = auto()
    FAIL = auto()
    START_OVER = auto()
    CONFIRM_IN_BANK_APP = auto()
    RESEND = auto()
    REMIND = auto()
    REPLACE = auto()
    CANCEL = auto()
    REVOKE = auto()
    EXPIRE = auto()
    RELAUNCH = auto()


class WizardStep(StrEnum):
    """The pages of the wizard, in the cardholder's order."""

    WELCOME = "welcome"
    CARD = "card"
    RESULT = "result"


class TransitionNotAllowed(Exception):
    """The activation is in a state in which this action is not allowed."""

    def __init__(self, state: ActivationState, action: LifecycleAction) -> None:
        super().__init__(f"{action} is not allowed from {state}")
        self.state = state
        self.action = action


OPEN = frozenset({ActivationState.INVITED, ActivationState.TERMS_ACCEPTED, ActivationState.AWAITING_BANK})
#: States that hold the client reference: one such activation an office and reference.
HOLDING = OPEN | {ActivationState.ACTIVE}

#: A resend keeps the state; a replaced link starts again, since another person may hold it now.
TRANSITIONS: Mapping[tuple[ActivationState, LifecycleAction], ActivationState] = {
    (ActivationState.INVITED, LifecycleAction.ACCEPT_TERMS): ActivationState.TERMS_ACCEPTED,
    (ActivationState.TERMS_ACCEPTED, LifecycleAction.SUBMIT_CARD): ActivationState.AWAITING_BANK,
    (ActivationState.AWAITING_BANK, LifecycleAction.SUCCEED): ActivationState.ACTIVE,
    (ActivationState.AWAITING_BANK, LifecycleAction.FAIL): ActivationState.TERMS_ACCEPTED,
    (ActivationState.AWAITING_BANK, LifecycleAction.START_OVER): ActivationState.TERMS_ACCEPTED,
    (ActivationState.INVITED, LifecycleAction.CONFIRM_IN_BANK_APP): ActivationState.ACTIVE,
    (ActivationState.ACTIVE, LifecycleAction.REVOKE): ActivationState.REVOKED,
    (ActivationState.EXPIRED, LifecycleAction.RELAUNCH): ActivationState.INVITED,
    (ActivationState.CANCELLED, LifecycleAction.RELAUNCH): ActivationState.INVITED,
    **{(state, LifecycleAction.RESEND): state for state in OPEN},
    **{
        (state, LifecycleAction.REMIND): state
        for state in (ActivationState.INVITED, ActivationState.TERMS_ACCEPTED)
    },
    **{(state, LifecycleAction.REPLACE): ActivationState.INVITED for state in OPEN},
    **{(state, LifecycleAction.CANCEL): ActivationState.CANCELLED for state in OPEN},
    **{(state, LifecycleAction.EXPIRE): ActivationState.EXPIRED for state in OPEN},
}

#: The one page that each state opens; states without a page answer with a link condition.
STEPS: Mapping[ActivationState, WizardStep] = {
    ActivationState.INVITED: WizardStep.WELCOME,
    ActivationState.TERMS_ACCEPTED: WizardStep.CARD,
    ActivationState.AWAITING_BANK: WizardStep.RESULT,
    ActivationState.ACTIVE: WizardStep.RESULT,
}


def next_state(state: ActivationState, action: LifecycleAction) -> ActivationState:
    """Return the state after the action; raise TransitionNotAllowed where the table has no such move."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise TransitionNotAllowed(state, action) from None


def source_states(action: LifecycleAction) -> frozenset[ActivationState]:
    """Return the states from which the action is allowed."""
    return frozenset(state for state, known in TRANSITIONS if known is action)


class LinkCondition(StrEnum):
    """Why a link does not lead into the wizard; each has a page of its own."""

    ALTERED = "altered"
    UNKNOWN = "unknown"
    MISSING = "missing"
    ACTIVE = "active"
    #: Of an activation that is CANCELLED; STOPPED, of one that is REVOKED.
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    REPLACED = "replaced"
    EXPIRED = "expired"
    LOCKED = "locked"


@dataclass(frozen=True)
class LinkStatus:
    """What decides whether a genuine link still opens: read from the row, never from the link."""

    state: ActivationState
    generation: int
    link_generation: int
    expires_at: datetime
    has_link: bool


#: In order: a link of a bank that knows none is unknown; a final state outranks replacement and expiry.
_CONDITIONS: tuple[tuple[LinkCondition, Callable[[LinkStatus, datetime], bool]], ...] = (
    (LinkCondition.UNKNOWN, lambda facts, now: not facts.has_link),
    (LinkCondition.ACTIVE, lambda facts, now: facts.state is ActivationState.ACTIVE),
    (LinkCondition.WITHDRAWN, lambda facts, now: facts.state is ActivationState.CANCELLED),
    (LinkCondition.STOPPED, lambda facts, now: facts.state is ActivationState.REVOKED),
    (LinkCondition.REPLACED, lambda facts, now: facts.generation != facts.link_generation),
    (
        LinkCondition.EXPIRED,
        lambda facts, now: facts.state is ActivationState.EXPIRED or now >= facts.expires_at,
    ),
)


def link_condition(facts: LinkStatus, now: datetime) -> LinkCondition | None:
    """Return why this link does not open the wizard, or None where it does."""
    return next((name for name, holds in _CONDITIONS if holds(facts, now)), None)


def state_by_clock(state: ActivationState, expires_at: datetime, now: datetime) -> ActivationState:
    """Return the state, expired from the link's end on: the worker marks it a moment later."""
    return ActivationState.EXPIRED if state in OPEN and now >= expires_at else state


#: The challenge may last ten minutes in all; what has no verdict after twelve is over.
CHALLENGE_TIME = timedelta(minutes=10)
ATTEMPT_TIME = timedelta(minutes=12)


class StatusLabel(StrEnum):
    """The portal's words; a dossier without any request is *Non commandé*."""

    CANCELLED = "cancelled"
    ACTIVE = "active"
    EXPIRED = "expired"
    PROBLEM = "problem"
    INVITATION_SENT = "invitation_sent"
    NOT_ORDERED = "not_ordered"


#: When a request came to its label; to the other ones when its state changed.
SINCE: Mapping[StatusLabel, str] = {
    StatusLabel.INVITATION_SENT: "invited_at",
    StatusLabel.EXPIRED: "expires_at",
}

_Holds = Callable[[ActivationState, bool, bool], bool]

#: In order of precedence: what has ended outranks what went wrong, which outranks what is waiting.
_LABELS: tuple[tuple[StatusLabel, _Holds], ...] = (
    (
        StatusLabel.CANCELLED,
        lambda state, over, problem: state in (ActivationState.CANCELLED, ActivationState.REVOKED),
    ),
    (StatusLabel.ACTIVE, lambda state, over, problem: state is ActivationState.ACTIVE),
    (StatusLabel.EXPIRED, lambda state, over, problem: state is ActivationState.EXPIRED or over),
    (StatusLabel.PROBLEM, lambda state, over, problem: problem),
    (StatusLabel.INVITATION_SENT, lambda state, over, problem: state in OPEN),
)


def status_label(state: ActivationState, expires_at: datetime, problem: bool, now: datetime) -> StatusLabel:
    """Name where a request stands; `problem` is of the last concluded attempt since the last send."""
    over = now >= expires_at
    return next(name for name, holds in _LABELS if holds(state, over, problem))


def first_statement_month(activated_on: date) -> date:
    """Return the first day of the month after the activation (seed: from the following month on)."""
    return date(activated_on.year + activated_on.month // 12, activated_on.month % 12 + 1, 1)


def version_mark(state: ActivationState, generation: int, round_: int) -> str:
    """Return what a form carries of the request that it was drawn for."""
    return f"{state}.{generation}.{round_}"
