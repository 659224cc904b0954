"""Everything that is kept of one request, as the rows have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from app.domain.banks import BANKS, ActivationRoute
from app.domain.caps import InvitationRecord
from app.domain.message_rules import ONE_IS_ENOUGH, OfficeMessage, last_sent_at
from app.domain.states import StatusLabel, status_label
from app.models import Activation, Attempt, Consent, Event, Office, OutboxMessage, QaOffice
from app.queries.activation_view import ActivationView, read_activation
from app.simulation.testing.sandbox_offices import SandboxContext, UnknownSandboxItem
from app.tokens import LinkClaims

_Columns = Row[*tuple[Any, ...]]

_ACTIVATION: Select[*tuple[Any, ...]] = (
    select(*Activation.__table__.c, Office.name.label("office"))
    .join(Office, Office.id == Activation.office_id)
    .join(QaOffice, QaOffice.office_id == Activation.office_id)
)


@dataclass(frozen=True)
class ActivationRecord:
    """One request with its attempts, consents, mails and history, each oldest first."""

    columns: Any
    attempts: Sequence[Any]
    consents: Sequence[Any]
    mails: Sequence[Any]
    events: Sequence[Any]
    label: StatusLabel
    link: str | None
    card_page_opens_at: datetime | None
    room_to_send_from: datetime | None
    room_for_message_from: datetime | None

    @property
    def waiting_mails(self) -> Sequence[Any]:
        """The mails that have not left yet."""
        return [mail for mail in self.mails if mail.sent_at is None and mail.dead_at is None]


class ActivationRecordReader(SandboxContext):
    """Looking behind the pages; what belongs to another office, or to no tester, does not exist."""

    def read_record(self, public_id: str) -> ActivationRecord:
        """Return one request; raise UnknownSandboxItem."""
        with self.database.read_connection() as connection:
            columns = self._read_columns(connection, public_id)
            rows = {
                table: _read_rows(connection, table, columns.id)
                for table in (Attempt, Consent, OutboxMessage, Event)
            }
        activation, caps = self.read_activation(public_id), self.services.context.policy.caps
        invitations = InvitationRecord(rows[OutboxMessage], rows[Event], columns.round, caps, self.clock())
        return ActivationRecord(
            columns=columns,
            attempts=rows[Attempt],
            consents=rows[Consent],
            mails=rows[OutboxMessage],
            events=rows[Event],
            label=status_label(columns.state, columns.expires_at, columns.problem, self.clock()),
            link=self._activation_url(columns),
            card_page_opens_at=self.services.card_attempts.card_page_opens_at(activation),
            room_for_message_from=_room_for_message_from(rows[Event], self.clock()),
            room_to_send_from=invitations.can_send_again_at,
        )

    def read_activation(self, public_id: str) -> ActivationView:
        """Return where one request stands; raise UnknownSandboxItem."""
        with self.database.read_connection() as connection:
            self._read_columns(connection, public_id)
            activation = read_activation(connection, public_id)
        if activation is None:
            raise UnknownSandboxItem(public_id)
        return activation

    def list_activations(self) -> Sequence[Any]:
        """List the office's requests, newest first."""
        query = _ACTIVATION.where(Activation.office_id == self.office_id).order_by(Activation.id.desc())
        with self.database.read_connection() as connection:
            return connection.execute(query).all()

    def _activation_url(self, columns: _Columns) -> str | None:
        """Mint the request's link, whatever has become of it."""
        claims = LinkClaims(columns.public_id, columns.generation)
        return (
            self.services.context.tokens.activation_url(claims)
            if BANKS[columns.bank].route is ActivationRoute.LINK
            else None
        )

    def _read_columns(self, connection: Connection, public_id: str) -> _Columns:
        condition = (Activation.public_id == public_id, Activation.office_id == self.office_id)
        columns = connection.execute(_ACTIVATION.where(*condition)).one_or_none()
        if columns is None:
            raise UnknownSandboxItem(public_id)
        return columns


def _room_for_message_from(history: Sequence[Any], now: datetime) -> datetime | None:
    """Return when the cardholder may again send every message to the office, None where that is now."""
    sent = (last_sent_at(history, message, now) for message in OfficeMessage)
    return max((at + ONE_IS_ENOUGH for at in sent if at), default=None)


def _read_rows(connection: Connection, row: Any, activation_id: int) -> Sequence[_Columns]:
    columns = row.__table__.c
    query = select(*columns).where(columns.activation_id == activation_id)
    return connection.execute(query.order_by(columns.id)).all()
