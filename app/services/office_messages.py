"""What a cardholder in a dead end says to the office: a line of history and a mail, once a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from app.context import Context
from app.domain.history import CARDHOLDER, NEW_GENERATION, EventType
from app.domain.mail_rules import MAILS
from app.domain.message_rules import FORM_LIFE, MAIL_KINDS, ONE_IS_ENOUGH, OfficeMessage, last_sent_at
from app.domain.order_rules import ActionRefused
from app.domain.states import state_by_clock
from app.models import Activation, Event, OutboxMessage
from app.queries.activation_view import ActivationView, read_activation
from app.services.unit_of_work import UnitOfWork, unit_of_work
from app.tokens import LinkClaims, MessageClaims


class OutdatedMessage(Exception):
    """The page from which the message was sent is too old, or the activation has moved on since."""


@dataclass(frozen=True)
class MessageReceipt:
    """A message that the office has: when it was sent, and from when on it may be sent again."""

    activation: ActivationView
    message: OfficeMessage
    sent_at: datetime

    @property
    def opens_at(self) -> datetime:
        """When the same message may be sent again."""
        return self.sent_at + ONE_IS_ENOUGH


@dataclass(frozen=True)
class OfficeMessageService:
    """Messages by signed values alone: no cookie is needed, and the cardholder is sent nothing."""

    context: Context

    def sign_messages(
        self, activation: ActivationView, messages: Iterable[OfficeMessage]
    ) -> Mapping[OfficeMessage, str]:
        """Return the value of each message that a page of this activation offers."""
        link = LinkClaims(activation.public_id, activation.generation)
        ends, sign = self.context.clock() + FORM_LIFE, self.context.tokens.sign_office_message
        return {message: sign(MessageClaims(link, message, ends)) for message in messages}

    def send_message(self, value: str) -> bool:
        """Send a message, and tell whether it is new; raise InvalidToken, OutdatedMessage."""
        claims = self._read_value(value)
        with unit_of_work(self.context) as work:
            activation = _lock_sender(work, claims)
            if _last_sent_at(work.session, activation.id, claims.message, work.now) is not None:
                return False
            kind = MAIL_KINDS[claims.message]
            sent = select(func.coalesce(func.max(OutboxMessage.round), 0)).where(
                OutboxMessage.activation_id == activation.id, OutboxMessage.kind == kind
            )
            work.queue_mail(kind, activation.id, work.session.execute(sent).scalar_one() + 1)
            work.record_event(activation.id, EventType.OFFICE_MESSAGE, CARDHOLDER, claims.message)
        return True

    def read_receipt(self, value: str) -> MessageReceipt:
        """Return what became of a message of the last day; raise InvalidToken, OutdatedMessage."""
        claims = self._read_value(value)
        with self.context.database.read_connection() as connection:
            activation = read_activation(connection, claims.link.public_id)
            if activation is None:
                raise OutdatedMessage
            sent_at = _last_sent_at(connection, activation.id, claims.message, self.context.clock())
        if sent_at is None:
            raise OutdatedMessage
        return MessageReceipt(activation, claims.message, sent_at)

    def _read_value(self, value: str) -> MessageClaims:
        claims = self.context.tokens.read_office_message(value)
        if self.context.clock() >= claims.expires_at:
            raise OutdatedMessage
        return claims


def _lock_sender(work: UnitOfWork, claims: MessageClaims) -> Activation:
    """Lock the row, so that two presses at once wait for each other; raise OutdatedMessage."""
    try:
        activation = work.lock_activation(claims.link.public_id)
    except ActionRefused:
        raise OutdatedMessage from None
    state = state_by_clock(activation.state, activation.expires_at, work.now)
    wanted = state in MAILS[MAIL_KINDS[claims.message]].wanted_in
    if not wanted or activation.generation != claims.link.generation:
        raise OutdatedMessage
    return activation


def _last_sent_at(
    connection: Connection | Session, activation_id: int, message: OfficeMessage, now: datetime
) -> datetime | None:
    """Return when the message was sent, where it may not be sent again yet."""
    lately = (
        select(Event.at, Event.event_type, Event.detail)
        .where(
            Event.activation_id == activation_id,
            Event.event_type.in_((*NEW_GENERATION, EventType.OFFICE_MESSAGE)),
        )
        .order_by(Event.id)
    )
    return last_sent_at(connection.execute(lately).all(), message, now)
