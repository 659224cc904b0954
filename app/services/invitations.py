"""What an accountant does with an invitation afterwards: send it again, end it, change its language, copy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, case, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningUpdate

from app.context import Context
from app.db import bind_moment
from app.domain.banks import APP_BANKS, BANKS, ActivationRoute
from app.domain.history import WORKER, EventType
from app.domain.order_rules import ActionRefused, OrderProblem, parse_email_address, parse_language
from app.domain.reminder_schedule import Reminder, find_due_reminder
from app.domain.states import (
    OPEN,
    ActivationState,
    LifecycleAction,
    TransitionNotAllowed,
    next_state,
    version_mark,
)
from app.i18n import LANGUAGES
from app.models import Activation, Mandate
from app.models.activation import TO_EXPIRE
from app.models.office import MandateState
from app.services.invitation_caps import invitation_record, is_card_page_closed, require_correction_allowance
from app.services.orders import find_holder
from app.services.unit_of_work import UnitOfWork, unit_of_work
from app.tokens import LinkClaims

#: Whoever writes meanwhile, a cardholder for one, waits for one batch at most.
_BATCH = 100


class ActivationAction(StrEnum):
    """What an accountant can do with an activation; the last word of its address."""

    COPY = "copy"
    RESEND = "resend"
    REMIND = "remind"
    ADDRESS = "address"
    REPLACE = "replace"
    CANCEL = "cancel"
    REVOKE = "revoke"
    RELAUNCH = "relaunch"
    LANGUAGE = "language"


@dataclass(frozen=True)
class ActionCommand:
    """Who acts on which activation, as it was when they saw it; without a version nothing is compared."""

    public_id: str
    actor: str
    version: str | None = None
    address: str = ""
    language: str = ""


class ActionOutcome(StrEnum):
    """What became of an action that was not refused."""

    DONE = "done"
    STILL_WAITING = "still_waiting"


@dataclass(frozen=True)
class InvitationService:
    """Each change names the states it expects; two at once cannot both win.

    `version` is the mark of the activation as the accountant saw it; without it nothing is compared.
    """

    context: Context
    #: Writes something more into the transaction of an action that was done.
    on_done: Callable[[UnitOfWork], None] = lambda work: None

    def resend_invitation(self, public_id: str, actor: str, *, version: str | None = None) -> ActionOutcome:
        """Send the same link again: its life and its reminders start anew.

        While an invitation still waits to leave, none is added; a closed card page opens all the same.
        """
        with unit_of_work(self.context) as work:
            activation = work.lock_activation(public_id)
            invitations = invitation_record(work, activation)
            if invitations.is_waiting and _will_leave(work, activation):
                if is_card_page_closed(work, activation):
                    work.restart_life(activation)
                return ActionOutcome.STILL_WAITING
            _take_step(activation, LifecycleAction.RESEND, version)
            if activation.address is None:
                raise ActionRefused(OrderProblem.NO_ADDRESS)
            if invitations.can_send_again_at:
                raise ActionRefused(OrderProblem.SENT_TOO_OFTEN, opens_at=invitations.can_send_again_at)
            work.start_new_round(activation)
            work.record_event(activation.id, EventType.RESENT, actor)
            self.on_done(work)
            return ActionOutcome.DONE

    def send_reminder(self, public_id: str, actor: str, *, version: str | None = None) -> ActionOutcome:
        """Send the next reminder now, a day after the last mail at the earliest; the others keep their days.

        While a mail still waits to leave, none is added.
        """
        with unit_of_work(self.context) as work:
            activation = _lock_for_action(work, public_id, LifecycleAction.REMIND, version)
            if work.now >= activation.expires_at:
                raise ActionRefused(OrderProblem.NOT_IN_THIS_STATE)
            if activation.address is None:
                raise ActionRefused(OrderProblem.NO_ADDRESS)
            mails = invitation_record(work, activation)
            if mails.has_mail_waiting:
                return ActionOutcome.STILL_WAITING
            reminder, next_at = _next_reminder(work, activation)
            if mails.can_remind_at:
                raise ActionRefused(OrderProblem.REMINDED_TOO_SOON, opens_at=mails.can_remind_at)
            activation.next_reminder_at = next_at
            work.queue_mail_once(reminder.kind, activation.id, activation.round)
            work.record_event(activation.id, EventType.REMINDED, actor)
            self.on_done(work)
            return ActionOutcome.DONE

    def replace_link(
        self, public_id: str, actor: str, address: str | None = None, *, version: str | None = None
    ) -> None:
        """Send a new link, to another address where one is given; the old link dies at once."""
        new_address = None if address is None else parse_email_address(address)
        with unit_of_work(self.context) as work:
            activation = _lock_for_action(work, public_id, LifecycleAction.REPLACE, version)
            if new_address is None and BANKS[activation.bank].route is not ActivationRoute.LINK:
                raise ActionRefused(OrderProblem.NO_LINK)
            if new_address is not None:
                require_correction_allowance(work, activation)
            activation.address = new_address or activation.address
            if activation.address is None:
                raise ActionRefused(OrderProblem.NO_ADDRESS)
            activation.generation += 1
            work.supersede_attempt(activation.id)
            work.start_new_round(activation)
            changed = EventType.LINK_REPLACED if new_address is None else EventType.ADDRESS_CORRECTED
            work.record_event(activation.id, changed, actor)
        self.context.database.truncate_wal()

    def cancel_activation(self, public_id: str, actor: str, *, version: str | None = None) -> None:
        """Withdraw an open activation; its link dies and the address is erased."""
        self._end_activation(public_id, actor, LifecycleAction.CANCEL, EventType.CANCELLED, version)

    def revoke_activation(self, public_id: str, actor: str, *, version: str | None = None) -> None:
        """End an active service at the cardholder's request."""
        self._end_activation(public_id, actor, LifecycleAction.REVOKE, EventType.REVOKED, version)

    def relaunch_activation(
        self, public_id: str, actor: str, address: str, *, version: str | None = None
    ) -> None:
        """Take up an expired or cancelled activation again; the address is asked anew."""
        new_address = parse_email_address(address)
        try:
            with unit_of_work(self.context) as work:
                activation = _lock_for_action(work, public_id, LifecycleAction.RELAUNCH, version)
                _require_mandate(work, activation)
                require_correction_allowance(work, activation)
                activation.address = new_address
                activation.generation += 1
                work.start_new_round(activation)
                work.record_event(activation.id, EventType.RELAUNCHED, actor)
        except IntegrityError:
            holder = find_holder(self.context, public_id)
            raise ActionRefused(OrderProblem.ALREADY_ORDERED, holder) from None

    def change_language(
        self, public_id: str, actor: str, language: str, *, version: str | None = None
    ) -> None:
        """Speak another language in the mails and pages that follow; consent and attempts keep theirs."""
        new_language = parse_language(language, LANGUAGES)
        with unit_of_work(self.context) as work:
            activation = work.lock_activation(public_id)
            _require_version(activation, version)
            if activation.state is ActivationState.REVOKED:
                raise ActionRefused(OrderProblem.NOT_IN_THIS_STATE)
            if activation.language != new_language:
                activation.language = new_language
                work.record_event(activation.id, EventType.LANGUAGE_CHANGED, actor, new_language)
            self.on_done(work)

    def show_link(self, public_id: str, actor: str) -> str:
        """Return the activation link again; that it was shown is recorded."""
        return self._hand_out_link(public_id, actor, EventType.LINK_SHOWN)

    def copy_link(self, public_id: str, actor: str) -> str:
        """Return the activation link again, for the accountant's own mail; that it was copied is recorded."""
        return self._hand_out_link(public_id, actor, EventType.LINK_COPIED)

    def _hand_out_link(self, public_id: str, actor: str, event_type: EventType) -> str:
        with unit_of_work(self.context) as work:
            activation = work.lock_activation(public_id)
            if BANKS[activation.bank].route is not ActivationRoute.LINK:
                raise ActionRefused(OrderProblem.NO_LINK)
            if activation.state not in OPEN or work.now >= activation.expires_at:
                raise ActionRefused(OrderProblem.NOT_IN_THIS_STATE)
            work.record_event(activation.id, event_type, actor)
            claims = LinkClaims(activation.public_id, activation.generation)
        return self.context.tokens.activation_url(claims)

    def expire_due_activations(self) -> int:
        """Mark a batch of open activations past their life, and erase their addresses; return how many.

        One at the bank is left until its attempt has ended, minutes later: its signature may be given.
        """
        context = self.context
        due = _DUE.where(*context.office_condition(Activation.id))
        with context.database.read_connection() as connection:
            if connection.execute(due, {"now": context.clock()}).first() is None:
                return 0
        with unit_of_work(context) as work:
            ids = work.session.execute(_expire_statement(due), {"now": work.now}).scalars().all()
            for activation_id in ids:
                work.record_event(activation_id, EventType.EXPIRED, WORKER)
            work.erase_personal_data(WORKER, Activation.id.in_(ids))
        context.database.truncate_wal()
        return len(ids)

    def _end_activation(
        self, public_id: str, actor: str, action: LifecycleAction, event_type: EventType, version: str | None
    ) -> None:
        with unit_of_work(self.context) as work:
            activation = _lock_for_action(work, public_id, action, version)
            activation.changed_at = work.now
            if BANKS[activation.bank].route is ActivationRoute.BANK_APP:
                activation.bank_check_at = work.now
            work.supersede_attempt(activation.id)
            work.erase_personal_data(actor, Activation.id == activation.id)
            work.record_event(activation.id, event_type, actor)
            self.on_done(work)
        self.context.database.truncate_wal()


#: The use case behind each action that changes a request.
_PERFORM: Mapping[ActivationAction, Callable[[InvitationService, ActionCommand], ActionOutcome | None]] = {
    ActivationAction.RESEND: lambda service, command: service.resend_invitation(
        command.public_id, command.actor, version=command.version
    ),
    ActivationAction.REMIND: lambda service, command: service.send_reminder(
        command.public_id, command.actor, version=command.version
    ),
    ActivationAction.ADDRESS: lambda service, command: service.replace_link(
        command.public_id, command.actor, command.address, version=command.version
    ),
    ActivationAction.REPLACE: lambda service, command: service.replace_link(
        command.public_id, command.actor, version=command.version
    ),
    ActivationAction.CANCEL: lambda service, command: service.cancel_activation(
        command.public_id, command.actor, version=command.version
    ),
    ActivationAction.REVOKE: lambda service, command: service.revoke_activation(
        command.public_id, command.actor, version=command.version
    ),
    ActivationAction.RELAUNCH: lambda service, command: service.relaunch_activation(
        command.public_id, command.actor, command.address, version=command.version
    ),
    ActivationAction.LANGUAGE: lambda service, command: service.change_language(
        command.public_id, command.actor, command.language, version=command.version
    ),
}


def perform_action(
    service: InvitationService, action: ActivationAction, command: ActionCommand
) -> ActionOutcome:
    """Do what was asked for; raise ActionRefused, and then nothing has changed."""
    return _PERFORM[action](service, command) or ActionOutcome.DONE


_NOW = bind_moment("now")

_DUE = (
    select(Activation.id)
    .where(*TO_EXPIRE, Activation.expires_at <= _NOW)
    .order_by(Activation.expires_at)
    .limit(_BATCH)
)


def _expire_statement(due: Select[int]) -> ReturningUpdate[int]:
    """Return the statement that marks what has ended."""
    marked = (
        update(Activation)
        .where(Activation.id.in_(due.with_for_update(skip_locked=True)))
        .values(
            state=ActivationState.EXPIRED,
            changed_at=_NOW,
            bank_check_at=case((Activation.bank.in_(tuple(APP_BANKS)), _NOW)),
        )
    )
    return marked.returning(Activation.id)


def _require_version(activation: Activation, version: str | None) -> None:
    """Raise ActionRefused where the row is no longer what the accountant saw."""
    if version not in (None, version_mark(activation.state, activation.generation, activation.round)):
        raise ActionRefused(OrderProblem.CHANGED_MEANWHILE)


def _take_step(activation: Activation, action: LifecycleAction, version: str | None) -> None:
    """Take the action's step; raise ActionRefused where the row has none, or has changed unseen."""
    _require_version(activation, version)
    try:
        activation.state = next_state(activation.state, action)
    except TransitionNotAllowed:
        raise ActionRefused(OrderProblem.NOT_IN_THIS_STATE) from None


def _lock_for_action(
    work: UnitOfWork, public_id: str, action: LifecycleAction, version: str | None
) -> Activation:
    """Lock the row and take the action's step; raise ActionRefused where it has none."""
    activation = work.lock_activation(public_id)
    _take_step(activation, action, version)
    return activation


def _next_reminder(work: UnitOfWork, activation: Activation) -> tuple[Reminder, datetime | None]:
    """Return the reminder that is waited for, and when the one after it is due; raise ActionRefused."""
    waited_for, days = activation.next_reminder_at, work.context.policy.reminder_days
    if waited_for is not None and activation.refused_at is None:
        due, next_at = find_due_reminder(activation.invited_at, days, waited_for, max(waited_for, work.now))
        if due:
            return due, next_at
    raise ActionRefused(OrderProblem.NO_REMINDER_LEFT)


def _require_mandate(work: UnitOfWork, activation: Activation) -> None:
    """Raise ActionRefused where the dossier has lost its mandate at the bank since the order."""
    active = exists().where(
        Mandate.dossier_id == activation.dossier_id,
        Mandate.bank == activation.bank,
        Mandate.state == MandateState.ACTIVE,
    )
    if not work.session.scalar(select(active)):
        raise ActionRefused(OrderProblem.NO_MANDATE)


def _will_leave(work: UnitOfWork, activation: Activation) -> bool:
    """Tell whether an invitation that waits still fits the request, or would be dropped."""
    return activation.state in OPEN and activation.refused_at is None and work.now < activation.expires_at
