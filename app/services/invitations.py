"""What an accountant does with an invitation afterwards: resend, replace, cancel, revoke, relaunch, copy."""

from datetime import datetime

from sqlalchemy import Select, bindparam, case, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.context import WORKER, Context
from app.db import UtcDateTime
from app.domain.banks import APP_BANKS, BANKS, ActivationRoute
from app.domain.caps import DAY, SENDS, next_allowed_at
from app.domain.history import AttemptOutcome, EventType
from app.domain.order_rules import ActionRefused, OrderProblem, parse_email_address
from app.domain.states import (
    OPEN,
    ActivationState,
    LifecycleAction,
    TransitionNotAllowed,
    next_state,
    version_mark,
)
from app.mail.outbox import enqueue_mail
from app.models import Activation, Attempt, Event, Mandate
from app.models.activation import TO_EXPIRE
from app.models.office import MandateState
from app.tokens import LinkClaims

#: Whoever writes meanwhile, a cardholder for one, waits for one batch at most.
_BATCH = 100


class InvitationService(Context):
    """Each change names the states it expects; two at once cannot both win.

    `seen` is the mark of the request as the accountant saw it; without it nothing is compared.
    """

    def resend_invitation(self, public_id: str, actor: str, *, seen: str | None = None) -> None:
        """Send the same link again: its life and its reminders start anew."""
        with self.database.transaction() as session:
            row = self._lock_for_action(session, public_id, LifecycleAction.RESEND, seen)
            if row.address is None:
                raise ActionRefused(OrderProblem.NO_ADDRESS)
            self._start_new_round(session, row)
            self.record_event(session, row.id, EventType.RESENT, actor)

    def replace_link(
        self, public_id: str, actor: str, address: str | None = None, *, seen: str | None = None
    ) -> None:
        """Send a new link, to another address where one is given; the old link dies at once."""
        new_address = None if address is None else parse_email_address(address)
        with self.database.transaction() as session:
            row = self._lock_for_action(session, public_id, LifecycleAction.REPLACE, seen)
            if new_address is None and BANKS[row.bank].route is not ActivationRoute.LINK:
                raise ActionRefused(OrderProblem.NO_LINK)
            row.address = new_address or row.address
            if row.address is None:
                raise ActionRefused(OrderProblem.NO_ADDRESS)
            row.generation += 1
            self._supersede_attempt(session, row.id)
            self._start_new_round(session, row)
            self.record_event(session, row.id, EventType.LINK_REPLACED, actor)
        self.database.truncate_wal()

    def cancel_activation(self, public_id: str, actor: str, *, seen: str | None = None) -> None:
        """Withdraw an open request; its link dies and the address is erased."""
        with self.database.transaction() as session:
            row = self._lock_for_action(session, public_id, LifecycleAction.CANCEL, seen)
            self._end_activation(session, row, actor)
            self.record_event(session, row.id, EventType.CANCELLED, actor)
        self.database.truncate_wal()

    def revoke_activation(self, public_id: str, actor: str, *, seen: str | None = None) -> None:
        """End an active service at the cardholder's request."""
        with self.database.transaction() as session:
            row = self._lock_for_action(session, public_id, LifecycleAction.REVOKE, seen)
            self._end_activation(session, row, actor)
            self.record_event(session, row.id, EventType.REVOKED, actor)
        self.database.truncate_wal()

    def relaunch_activation(
        self, public_id: str, actor: str, address: str, *, seen: str | None = None
    ) -> None:
        """Take up an expired or cancelled request again; the address is asked anew."""
        new_address = parse_email_address(address)
        try:
            with self.database.transaction() as session:
                row = self._lock_for_action(session, public_id, LifecycleAction.RELAUNCH, seen)
                require_mandate(session, row)
                row.address = new_address
                row.generation += 1
                self._start_new_round(session, row)
                self.record_event(session, row.id, EventType.RELAUNCHED, actor)
        except IntegrityError:
            raise ActionRefused(OrderProblem.ALREADY_ORDERED) from None

    def copy_link(self, public_id: str, actor: str) -> str:
        """Return the activation link again, for the accountant's own mail; it is recorded."""
        with self.database.transaction() as session:
            row = self._find(session, public_id)
            if BANKS[row.bank].route is not ActivationRoute.LINK:
                raise ActionRefused(OrderProblem.NO_LINK)
            if row.state not in OPEN or self.clock() >= row.expires_at:
                raise ActionRefused(OrderProblem.NOT_IN_THIS_STATE)
            self.record_event(session, row.id, EventType.LINK_COPIED, actor)
            return self.links.activation_url(LinkClaims(row.public_id, row.generation))

    def expire_due_activations(self) -> int:
        """Mark open requests past their life, a batch at a time, and erase their addresses; return how many.

        One at the bank is left until its attempt has ended, minutes later: its signature may be given.
        """
        now = self.clock()
        with self.database.read_connection() as connection:
            ended = _ENDED.where(*self._own(Activation.id))
            if connection.execute(ended, {"now": now}).first() is None:
                return 0
        with self.database.transaction() as session:
            ids = session.execute(_expire_statement(ended), {"now": now}).scalars().all()
            for activation_id in ids:
                self.record_event(session, activation_id, EventType.EXPIRED, WORKER)
                self.record_event(session, activation_id, EventType.ADDRESS_ERASED, WORKER)
        self.database.truncate_wal()
        return len(ids)

    def _find(self, session: Session, public_id: str) -> Activation:
        asked = select(Activation).where(Activation.public_id == public_id).with_for_update()
        if self.office_id is not None:
            asked = asked.where(Activation.office_id == self.office_id)
        row = session.execute(asked).scalar_one_or_none()
        if row is None:
            raise ActionRefused(OrderProblem.UNKNOWN_ACTIVATION)
        return row

    def _lock_for_action(
        self, session: Session, public_id: str, action: LifecycleAction, seen: str | None
    ) -> Activation:
        """Lock the row and take the action's step; raise ActionRefused where it has none."""
        row = self._find(session, public_id)
        require_unchanged(row, seen)
        try:
            state = next_state(row.state, action)
        except TransitionNotAllowed:
            raise ActionRefused(OrderProblem.NOT_IN_THIS_STATE) from None
        require_send_allowance(session, row, action, self.caps.sends_a_day, self.clock())
        row.state = state
        return row

    def _start_new_round(self, session: Session, row: Activation) -> None:
        row.round += 1
        for name, value in self.new_round_values(row.bank).items():
            setattr(row, name, value)
        enqueue_mail(session, BANKS[row.bank].invitation_kind, row.id, row.round, row.invited_at)

    def _end_activation(self, session: Session, row: Activation, actor: str) -> None:
        row.changed_at = self.clock()
        if BANKS[row.bank].route is ActivationRoute.BANK_APP:
            row.bank_check_at = row.changed_at
        self._supersede_attempt(session, row.id)
        if row.address is not None:
            row.address = None
            self.record_event(session, row.id, EventType.ADDRESS_ERASED, actor)

    def _supersede_attempt(self, session: Session, activation_id: int) -> None:
        session.execute(
            update(Attempt)
            .where(Attempt.activation_id == activation_id, Attempt.concluded_at.is_(None))
            .values(concluded_at=self.clock(), outcome=AttemptOutcome.SUPERSEDED)
        )


_NOW = bindparam("now", type_=UtcDateTime)

_ENDED = (
    select(Activation.id)
    .where(*TO_EXPIRE, Activation.expires_at <= _NOW)
    .order_by(Activation.expires_at)
    .limit(_BATCH)
)


def _expire_statement(ended: Select[int]) -> ReturningUpdate[int]:
    """Return the statement that marks what has ended."""
    marked = (
        update(Activation)
        .where(Activation.id.in_(ended.with_for_update(skip_locked=True)))
        .values(
            state=ActivationState.EXPIRED,
            address=None,
            changed_at=_NOW,
            bank_check_at=case((Activation.bank.in_(APP_BANKS), _NOW)),
        )
    )
    return marked.returning(Activation.id)


_SENDING = frozenset({LifecycleAction.RESEND, LifecycleAction.REPLACE, LifecycleAction.RELAUNCH})


def require_unchanged(row: Activation, seen: str | None) -> None:
    """Raise ActionRefused where the request is no longer what the accountant saw; None looks at nothing."""
    if seen is not None and seen != version_mark(row.state, row.generation, row.round):
        raise ActionRefused(OrderProblem.CHANGED_MEANWHILE)


def require_mandate(session: Session, row: Activation) -> None:
    """Raise ActionRefused where the dossier has lost its mandate at the bank since the order."""
    active = exists().where(
        Mandate.dossier_id == row.dossier_id,
        Mandate.bank == row.bank,
        Mandate.state == MandateState.ACTIVE,
    )
    if not session.scalar(select(active)):
        raise ActionRefused(OrderProblem.NO_MANDATE)


def require_send_allowance(
    session: Session, row: Activation, action: LifecycleAction, cap: int, now: datetime
) -> None:
    """Raise ActionRefused, with the time to wait for, where the cardholder had enough mails for a day."""
    if action not in _SENDING:
        return
    lately = (
        select(Event.at)
        .where(Event.activation_id == row.id, Event.event_type.in_(SENDS), Event.at > now - DAY)
        .order_by(Event.at.desc())
        .limit(cap)
    )
    opens_at = next_allowed_at(session.execute(lately).scalars(), cap, DAY, now)
    if opens_at is not None:
        raise ActionRefused(OrderProblem.SENT_TOO_OFTEN, opens_at=opens_at)
