"""The one transaction of a use case: rows, their history and their mails, all or nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.context import Context
from app.domain.banks import BANKS, ActivationRoute
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.news_rules import MAIL_OF_EVENT
from app.domain.order_rules import ActionRefused, OrderProblem
from app.domain.reminder_schedule import first_reminder
from app.mail.outbox import enqueue_mail, enqueue_mail_once, requeue_waiting_mail
from app.models import Activation, Attempt
from app.models.event import record_event
from app.models.personal_data import erase_personal_data


@dataclass(frozen=True)
class UnitOfWork:
    """What use cases do within their transaction; `now` is one instant for all of it."""

    session: Session
    context: Context
    now: datetime

    def lock_activation(self, public_id: str) -> Activation:
        """Return the row, held until the end; raise ActionRefused where the office has none."""
        query = select(Activation).where(Activation.public_id == public_id).with_for_update()
        activation = self.session.execute(self.context.scoped(query)).scalar_one_or_none()
        if activation is None:
            raise ActionRefused(OrderProblem.UNKNOWN_ACTIVATION)
        return activation

    def start_new_round(self, activation: Activation) -> None:
        """Begin an invitation's life and reminders, and queue its mail, unless one still waits to leave."""
        activation.round += 1
        self.restart_life(activation)
        self.session.flush()
        queued = (BANKS[activation.bank].invitation_kind, activation.id, activation.round, self.now)
        if activation.round == 1 or not requeue_waiting_mail(self.session, *queued):
            enqueue_mail(self.session, *queued)

    def restart_life(self, activation: Activation) -> None:
        """Let the link live and the card page be open anew; a bank with an app is asked again."""
        policy, bank = self.context.policy, BANKS[activation.bank]
        activation.invited_at = activation.changed_at = self.now
        activation.expires_at = self.now + policy.link_life
        activation.next_reminder_at = first_reminder(self.now, policy.reminder_days)
        activation.bank_check_at = self.now if bank.route is ActivationRoute.BANK_APP else None
        activation.refused_at, activation.problem = None, False
        self.session.add(activation)

    def supersede_attempt(self, activation_id: int) -> None:
        """Close the attempt that is open: its card page belongs to what was replaced or has ended."""
        self.session.execute(
            update(Attempt)
            .where(Attempt.activation_id == activation_id, Attempt.concluded_at.is_(None))
            .values(concluded_at=self.now, outcome=AttemptOutcome.SUPERSEDED)
        )

    def queue_mail(self, kind: MailKind, activation_id: int, round_: int) -> None:
        """Queue a mail, which leaves only if all this is committed."""
        enqueue_mail(self.session, kind, activation_id, round_, self.now)

    def queue_mail_once(self, kind: MailKind, activation_id: int, round_: int) -> None:
        """Queue a mail, unless this round already has one of its kind."""
        enqueue_mail_once(self.session, kind, activation_id, round_, self.now)

    def erase_personal_data(self, actor: str, *condition: ColumnElement[bool]) -> Sequence[int]:
        """Forget what is personal of the activations that meet a condition; return whose it was."""
        return erase_personal_data(self.session, actor, self.now, *condition)

    def record_event(
        self, activation_id: int, event_type: EventType, actor: str, detail: str | None = None
    ) -> None:
        """Add one line of history, and queue the mails for those who want to be told of it."""
        record_event(self.session, activation_id, event_type, actor, self.now, detail)
        if event_type in MAIL_OF_EVENT:
            of_request = select(Activation.round).where(Activation.id == activation_id)
            round_ = self.session.execute(of_request).scalar_one()
            enqueue_mail_once(self.session, MAIL_OF_EVENT[event_type], activation_id, round_, self.now)


@contextmanager
def unit_of_work(context: Context) -> Iterator[UnitOfWork]:
    """Open a transaction: committed at the end, rolled back on any error."""
    with context.database.transaction() as session:
        yield UnitOfWork(session, context, context.clock())
