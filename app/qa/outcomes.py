"""What each scenario leaves behind: state, the accountant's word, the history, the mails."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.activation import LinkCondition, State
from app.domain.cards import Problem
from app.domain.failures import Failure
from app.domain.history import Happening, MailKind
from app.domain.labels import Label
from app.simulator.scenarios import Scenario, Section


@dataclass(frozen=True)
class Outcome:
    """How a request stands once the scenario has been walked from its invitation on."""

    state: State
    label: Label
    events: tuple[Happening, ...] = ()
    mails: tuple[MailKind, ...] = ()


_ACCEPTED = Happening.TERMS_ACCEPTED
_CONFIRMED = (Happening.ACTIVATED, Happening.MAIL_SENT, Happening.ADDRESS_ERASED)
_EXPIRED = (Happening.EXPIRED, Happening.ADDRESS_ERASED)
_REMINDERS = (MailKind.FIRST_REMINDER, MailKind.SECOND_REMINDER, MailKind.THIRD_REMINDER)
_REMINDED = (Happening.MAIL_SENT,) * len(_REMINDERS)
_UNTOUCHED = Outcome(State.INVITED, Label.INVITATION_SENT)
_ACTIVE = Outcome(State.ACTIVE, Label.ACTIVE, (_ACCEPTED, *_CONFIRMED), (MailKind.CONFIRMATION,))
_OVER = Outcome(State.EXPIRED, Label.EXPIRED, (*_REMINDED, *_EXPIRED), _REMINDERS)

_LINKS: Mapping[LinkCondition | State, Outcome] = {
    LinkCondition.ALTERED: _UNTOUCHED,
    LinkCondition.UNKNOWN: _UNTOUCHED,
    LinkCondition.MISSING: _UNTOUCHED,
    LinkCondition.EXPIRED: _OVER,
    LinkCondition.REPLACED: Outcome(
        State.INVITED,
        Label.INVITATION_SENT,
        (Happening.LINK_REPLACED, Happening.MAIL_SENT),
        (MailKind.INVITATION,),
    ),
    LinkCondition.WITHDRAWN: Outcome(
        State.CANCELLED, Label.CANCELLED, (Happening.ADDRESS_ERASED, Happening.CANCELLED)
    ),
    LinkCondition.ACTIVE: _ACTIVE,
    LinkCondition.LOCKED: Outcome(
        State.TERMS_ACCEPTED, Label.PROBLEM, (_ACCEPTED, *(Happening.ATTEMPT_FAILED,) * 5)
    ),
    State.AWAITING_BANK: Outcome(State.AWAITING_BANK, Label.INVITATION_SENT, (_ACCEPTED,)),
}

_IN_APP: Mapping[State | None, Outcome] = {
    None: Outcome(State.ACTIVE, Label.ACTIVE, _CONFIRMED, (MailKind.CONFIRMATION,)),
    State.INVITED: Outcome(State.INVITED, Label.PROBLEM, (Happening.REFUSED_IN_APP,)),
    State.EXPIRED: _OVER,
}


def outcome_of(row: Scenario) -> Outcome:
    """Return what a scenario leaves behind."""
    match row.page:
        case Failure():
            label = Label.PROBLEM if row.problem else Label.INVITATION_SENT
            return Outcome(State.TERMS_ACCEPTED, label, (_ACCEPTED, Happening.ATTEMPT_FAILED))
        case Problem():
            return Outcome(State.TERMS_ACCEPTED, Label.INVITATION_SENT, (_ACCEPTED,))
        case LinkCondition():
            return _LINKS[row.page]
        case page if row.section is Section.BANK_APP:
            return _IN_APP[page]
        case State():
            return _LINKS[row.page]
        case None:
            return _ACTIVE
