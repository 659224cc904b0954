"""What each scenario leaves behind: state, the accountant's word, the history, the mails."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.cards import CardProblem
from app.domain.failures import Failure
from app.domain.history import EventType, MailKind
from app.domain.states import ActivationState, LinkCondition, StatusLabel
from app.simulation.scenarios import Scenario, ScenarioSection


@dataclass(frozen=True)
class ScenarioOutcome:
    """How a request stands once the scenario has been walked from its invitation on."""

    state: ActivationState
    label: StatusLabel
    events: tuple[EventType, ...] = ()
    mails: tuple[MailKind, ...] = ()


_ACCEPTED = EventType.TERMS_ACCEPTED
_CONFIRMED = (EventType.ACTIVATED, EventType.MAIL_SENT, EventType.ADDRESS_ERASED)
_EXPIRED = (EventType.EXPIRED, EventType.ADDRESS_ERASED)
_REMINDERS = (MailKind.FIRST_REMINDER, MailKind.SECOND_REMINDER, MailKind.THIRD_REMINDER)
_REMINDED = (EventType.MAIL_SENT,) * len(_REMINDERS)
_UNTOUCHED = ScenarioOutcome(ActivationState.INVITED, StatusLabel.INVITATION_SENT)
_ACTIVE = ScenarioOutcome(
    ActivationState.ACTIVE, StatusLabel.ACTIVE, (_ACCEPTED, *_CONFIRMED), (MailKind.CONFIRMATION,)
)
_OVER = ScenarioOutcome(ActivationState.EXPIRED, StatusLabel.EXPIRED, (*_REMINDED, *_EXPIRED), _REMINDERS)

_LINKS: Mapping[LinkCondition | ActivationState, ScenarioOutcome] = {
    LinkCondition.ALTERED: _UNTOUCHED,
    LinkCondition.UNKNOWN: _UNTOUCHED,
    LinkCondition.MISSING: _UNTOUCHED,
    LinkCondition.EXPIRED: _OVER,
    LinkCondition.REPLACED: ScenarioOutcome(
        ActivationState.INVITED,
        StatusLabel.INVITATION_SENT,
        (EventType.LINK_REPLACED, EventType.MAIL_SENT),
        (MailKind.INVITATION,),
    ),
    LinkCondition.WITHDRAWN: ScenarioOutcome(
        ActivationState.CANCELLED, StatusLabel.CANCELLED, (EventType.ADDRESS_ERASED, EventType.CANCELLED)
    ),
    LinkCondition.ACTIVE: _ACTIVE,
    LinkCondition.LOCKED: ScenarioOutcome(
        ActivationState.TERMS_ACCEPTED, StatusLabel.PROBLEM, (_ACCEPTED, *(EventType.ATTEMPT_FAILED,) * 5)
    ),
    ActivationState.AWAITING_BANK: ScenarioOutcome(
        ActivationState.AWAITING_BANK, StatusLabel.INVITATION_SENT, (_ACCEPTED,)
    ),
}

_IN_APP: Mapping[ActivationState | None, ScenarioOutcome] = {
    None: ScenarioOutcome(ActivationState.ACTIVE, StatusLabel.ACTIVE, _CONFIRMED, (MailKind.CONFIRMATION,)),
    ActivationState.INVITED: ScenarioOutcome(
        ActivationState.INVITED, StatusLabel.PROBLEM, (EventType.REFUSED_IN_APP,)
    ),
    ActivationState.EXPIRED: _OVER,
}


def scenario_outcome(row: Scenario) -> ScenarioOutcome:
    """Return what a scenario leaves behind."""
    match row.page:
        case Failure():
            label = StatusLabel.PROBLEM if row.problem else StatusLabel.INVITATION_SENT
            return ScenarioOutcome(
                ActivationState.TERMS_ACCEPTED, label, (_ACCEPTED, EventType.ATTEMPT_FAILED)
            )
        case CardProblem():
            return ScenarioOutcome(ActivationState.TERMS_ACCEPTED, StatusLabel.INVITATION_SENT, (_ACCEPTED,))
        case LinkCondition():
            return _LINKS[row.page]
        case page if row.section is ScenarioSection.BANK_APP:
            return _IN_APP[page]
        case ActivationState():
            return _LINKS[row.page]
        case None:
            return _ACTIVE
