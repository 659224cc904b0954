"""What an accountant can do with a request, as one table: when it is possible, and what it brings about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel.speaklater import LazyString

from app.domain.message_rules import OfficeMessage
from app.domain.states import OPEN, ActivationState, LifecycleAction, StatusLabel, source_states
from app.i18n import _, _l, format_date, format_time
from app.portal.dossiers.timeline import waiting_message
from app.queries.activation_detail import ActivationDetail
from app.services.invitations import ActivationAction
from app.wording import NUMBERS


@dataclass(frozen=True)
class ActionRule:
    """When something can be done, and its words; what has effects to announce has a page of its own."""

    name: LazyString
    states: frozenset[ActivationState]
    done: LazyString | None = None
    effects: tuple[LazyString, ...] = ()
    app_effects: tuple[LazyString, ...] = ()
    by_link_only: bool = False
    in_time_only: bool = False
    sends: bool = False
    repeats: bool = False
    reminds: bool = False
    asks_address: bool = False
    asks_language: bool = False
    ends: bool = False

    @property
    def needs_address(self) -> bool:
        """Whether it writes to the address that is known."""
        return self.sends and not self.asks_address

    def announced_effects(self, *, has_link: bool) -> tuple[LazyString, ...]:
        """Return what it brings about; in a bank's own app there is no link, and no page of ours."""
        return self.effects if has_link else self.app_effects or self.effects


_OLD_LINKS = _l("Older links stop working straight away.")
_BEGINS_AGAIN = _l("The cardholder starts again from the first page.")
_IN_THIS_LANGUAGE = _l("The emails and pages that follow are in this language. Nothing is sent now.")

RULES: Mapping[ActivationAction, ActionRule] = {
    ActivationAction.COPY: ActionRule(
        _l("Copy the activation link"), OPEN, by_link_only=True, in_time_only=True
    ),
    ActivationAction.RESEND: ActionRule(
        _l("Resend the invitation"),
        source_states(LifecycleAction.RESEND),
        _l("The invitation is being sent again. Its validity and its reminders start again."),
        sends=True,
        repeats=True,
    ),
    ActivationAction.REMIND: ActionRule(
        _l("Send a reminder"),
        source_states(LifecycleAction.REMIND),
        _l("The next reminder is being sent. The others follow on the planned days."),
        in_time_only=True,
        sends=True,
        reminds=True,
    ),
    ActivationAction.ADDRESS: ActionRule(
        _l("Correct the address"),
        source_states(LifecycleAction.REPLACE),
        _l("The address is corrected and a new invitation is being sent."),
        (_l("A new invitation is sent straight away to the new address."), _OLD_LINKS, _BEGINS_AGAIN),
        (_l("The steps are sent again straight away, to the new address."),),
        sends=True,
        asks_address=True,
    ),
    ActivationAction.REPLACE: ActionRule(
        _l("Replace the link"),
        source_states(LifecycleAction.REPLACE),
        _l("The link is replaced and a new invitation is being sent."),
        (_l("A new invitation is sent straight away to the same address."), _OLD_LINKS, _BEGINS_AGAIN),
        by_link_only=True,
        sends=True,
    ),
    ActivationAction.CANCEL: ActionRule(
        _l("Cancel the request"),
        source_states(LifecycleAction.CANCEL),
        _l("The request is cancelled and the cardholder's address is deleted."),
        (
            _l("The cardholder can no longer activate CARO and receives no more emails."),
            _l("The cardholder's address is deleted straight away."),
            _l("You can relaunch the request later. You will then enter the address again."),
        ),
        ends=True,
    ),
    ActivationAction.REVOKE: ActionRule(
        _l("Stop the service"),
        source_states(LifecycleAction.REVOKE),
        _l("The service has been stopped."),
        (
            _l("No more statements will arrive for this client reference."),
            _l("To start again, make a new request. The cardholder then activates CARO again."),
        ),
        ends=True,
    ),
    ActivationAction.RELAUNCH: ActionRule(
        _l("Relaunch"),
        source_states(LifecycleAction.RELAUNCH),
        _l("The request is open again and a new invitation is being sent."),
        (_l("A new invitation is sent straight away to this address."), _OLD_LINKS, _BEGINS_AGAIN),
        (_l("The steps are sent again straight away, to this address."),),
        sends=True,
        asks_address=True,
    ),
    ActivationAction.LANGUAGE: ActionRule(
        _l("Change the language"),
        frozenset(ActivationState) - {ActivationState.REVOKED},
        _l("The cardholder's language is changed."),
        (
            _IN_THIS_LANGUAGE,
            _l(
                "If the cardholder accepts the conditions in another language, that one is used from then on."
            ),
        ),
        (_IN_THIS_LANGUAGE,),
        asks_language=True,
    ),
}

STILL_WAITING = _l("An email to the cardholder is already waiting to be sent, so no other one is sent.")

#: Why something is not possible: what the state says of itself.
_STANDS: Mapping[ActivationState, LazyString] = {
    ActivationState.INVITED: _l("The service is not active yet, and the invitation is still open."),
    ActivationState.TERMS_ACCEPTED: _l("The service is not active yet, and the invitation is still open."),
    ActivationState.AWAITING_BANK: _l("The cardholder is at the bank at the moment."),
    ActivationState.ACTIVE: _l("The service is already active."),
    ActivationState.EXPIRED: _l("The invitation has expired."),
    ActivationState.CANCELLED: _l("The request is cancelled."),
    ActivationState.REVOKED: _l("The service was stopped. To start again, make a new request."),
}

#: What to do first, by where a request stands: the first that is possible, nothing where waiting is best.
FIRST_ACTIONS: Mapping[StatusLabel, tuple[ActivationAction, ...]] = {
    StatusLabel.PROBLEM: (ActivationAction.RESEND, ActivationAction.COPY),
    StatusLabel.INVITATION_SENT: (ActivationAction.COPY, ActivationAction.RESEND),
    StatusLabel.EXPIRED: (ActivationAction.RELAUNCH, ActivationAction.RESEND),
    StatusLabel.NOT_ORDERED: (),
    StatusLabel.ACTIVE: (),
    StatusLabel.CANCELLED: (ActivationAction.RELAUNCH,),
}
#: The same where the cardholder has written; what was not expected is a matter for the telephone.
ANSWERS: Mapping[OfficeMessage, tuple[ActivationAction, ...]] = {
    OfficeMessage.NEW_LINK: (ActivationAction.RESEND, ActivationAction.RELAUNCH),
    OfficeMessage.UNEXPECTED: (),
}


@dataclass(frozen=True)
class OfferedActions:
    """What can be done with a request: what first, what else, and why what one looks for is not there."""

    first: ActivationAction | None
    others: tuple[ActivationAction, ...]
    reasons: tuple[str, ...]


_Holds = Callable[[ActionRule, ActivationDetail], bool]
_Obstacles = tuple[tuple[_Holds, Callable[[ActivationDetail], str]], ...]

#: Nobody looks for an action that its state does not know, so that a page is silent about these.
_STATE_OBSTACLES: _Obstacles = (
    (
        lambda rule, activation: activation.state not in rule.states and activation.is_past_end,
        lambda activation: _("The cardholder's address is about to be deleted."),
    ),
    (
        lambda rule, activation: activation.state not in rule.states,
        lambda activation: str(_STANDS[activation.state]),
    ),
    (
        lambda rule, activation: rule.in_time_only and not activation.is_open,
        lambda activation: str(_STANDS[ActivationState.EXPIRED]),
    ),
    (
        lambda rule, activation: rule.reminds and activation.reminder is None,
        lambda activation: _("No more reminders will be sent."),
    ),
    (
        lambda rule, activation: rule.reminds and activation.invitations.has_mail_waiting,
        lambda activation: str(STILL_WAITING),
    ),
    (
        lambda rule, activation: rule.reminds and activation.invitations.can_remind_at is not None,
        lambda activation: _(
            "The last email was sent less than a day ago. You can send a reminder from %(day)s at %(time)s.",
            **_day_and_time(activation.invitations.can_remind_at),
        ),
    ),
)
_OBSTACLES: _Obstacles = (
    (
        lambda rule, activation: rule.by_link_only and not activation.has_link,
        lambda activation: _(
            "At %(bank)s there is no link: the cardholder activates CARO in the bank's app.",
            bank=activation.bank.name,
        ),
    ),
    (
        lambda rule, activation: rule.needs_address and activation.address is None,
        lambda activation: _(
            "The cardholder's address has been deleted. Correct the address to send the invitation again."
        ),
    ),
    (
        lambda rule, activation: rule.repeats and activation.invitations.can_send_again_at is not None,
        lambda activation: _(
            "Since the order, %(count)s invitations were sent to this address within 24 hours. You can send "
            "the next one from %(day)s at %(time)s.",
            count=NUMBERS[activation.caps.sends_a_day],
            **_day_and_time(activation.invitations.can_send_again_at),
        ),
    ),
    (
        lambda rule, activation: rule.asks_address and activation.invitations.can_correct_at is not None,
        lambda activation: _(
            "The address was entered %(count)s times within 24 hours. You can enter it again from %(day)s at "
            "%(time)s.",
            count=NUMBERS[activation.caps.corrections_a_day],
            **_day_and_time(activation.invitations.can_correct_at),
        ),
    ),
)


def why_unavailable(action: ActivationAction, activation: ActivationDetail) -> str | None:
    """Return why this cannot be done now, None where it can."""
    return _obstacle(_STATE_OBSTACLES + _OBSTACLES, action, activation)


def offered_actions(activation: ActivationDetail) -> OfferedActions:
    """Return what can be done now."""
    known = [action for action in RULES if _obstacle(_STATE_OBSTACLES, action, activation) is None]
    missed = {action: _obstacle(_OBSTACLES, action, activation) for action in known}
    possible = [action for action, reason in missed.items() if reason is None]
    first = next((action for action in _first_actions(activation) if action in possible), None)
    return OfferedActions(
        first,
        tuple(action for action in possible if action is not first),
        tuple(dict.fromkeys(reason for reason in missed.values() if reason)),
    )


def _first_actions(activation: ActivationDetail) -> tuple[ActivationAction, ...]:
    if activation.state is ActivationState.AWAITING_BANK:
        return ()
    if activation.lost_mail:
        return ActivationAction.ADDRESS, ActivationAction.RELAUNCH
    message = waiting_message(activation)
    return ANSWERS[message] if message else FIRST_ACTIONS[activation.label]


def _obstacle(obstacles: _Obstacles, action: ActivationAction, activation: ActivationDetail) -> str | None:
    return next((say(activation) for holds, say in obstacles if holds(RULES[action], activation)), None)


def _day_and_time(at: datetime | None) -> dict[str, str]:
    return {"day": format_date(at), "time": format_time(at)} if at else {}
