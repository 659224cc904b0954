"""Ordering CARO: what can be ordered, the review, the order itself."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.context import Context
from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.history import EventType
from app.domain.order_rules import ActionRefused, OrderProblem, OrderRequest, validate_order
from app.domain.states import HOLDING, ActivationState
from app.i18n import LANGUAGES
from app.mail.outbox import enqueue_mail
from app.models import Accountant, Activation, Dossier, Event, Mandate, Office
from app.models.office import MandateState
from app.tokens import LinkClaims


@dataclass(frozen=True)
class DossierAccount:
    """An account for which the dossier has an active mandate at a bank that carries CARO."""

    bank: str
    iban: str


@dataclass(frozen=True)
class OrderOptions:
    """A dossier, and the accounts for which it can order."""

    dossier_id: int
    office_id: int
    code: str
    name: str
    code_key: str
    accounts: tuple[DossierAccount, ...]

    @property
    def banks(self) -> tuple[Bank, ...]:
        """The banks of the accounts, each once, in the order of the banks' own table."""
        held = {account.bank for account in self.accounts}
        return tuple(bank for bank in BANKS.values() if bank.key in held)


class Offers(Context):
    """Reading what may be ordered."""

    def read_order_options(self, dossier_id: int) -> OrderOptions:
        """Return what can be ordered for a dossier; raise ActionRefused where there is no such dossier."""
        with self.database.read_connection() as connection:
            return self._load_order_options(connection, Dossier.id == dossier_id)

    def _load_order_options(
        self, session: Session | Connection, *wanted: ColumnElement[bool]
    ) -> OrderOptions:
        asked = (
            select(Dossier.id, Dossier.office_id, Dossier.code, Dossier.name, Dossier.code_key)
            .join(Office, Office.id == Dossier.office_id)
            .where(*wanted)
        )
        if self.office_id is not None:
            asked = asked.where(Dossier.office_id == self.office_id)
        found = session.execute(asked).one_or_none()
        if found is None:
            raise ActionRefused(OrderProblem.NO_DOSSIER)
        return OrderOptions(*found, _read_accounts(session, found.id))

    def _options_for_order(self, session: Session | Connection, order: OrderRequest) -> OrderOptions:
        """Return the offer that an order takes up; raise ActionRefused where it has no such bank."""
        offer = self._load_order_options(session, *_dossier_condition(order))
        if not offer.accounts:
            raise ActionRefused(OrderProblem.NO_MANDATE)
        if BANKS[order.bank] not in offer.banks:
            raise ActionRefused(OrderProblem.BANK_NOT_OFFERED)
        return offer


def _dossier_condition(order: OrderRequest) -> Sequence[ColumnElement[bool]]:
    if order.dossier_id is not None:
        return (Dossier.id == order.dossier_id,)
    return Office.name == order.office, Dossier.code == order.dossier_code


def _read_accounts(session: Session | Connection, dossier_id: int) -> tuple[DossierAccount, ...]:
    asked = select(Mandate.bank, Mandate.iban).where(
        Mandate.dossier_id == dossier_id,
        Mandate.state == MandateState.ACTIVE,
        Mandate.bank.in_(BANKS),
    )
    return tuple(DossierAccount(*row) for row in session.execute(asked.order_by(Mandate.id)))


#: An order that comes again from the same person so soon is a second click.
_A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True)
class PlacedOrder:
    """What was ordered; there is no link for a bank that activates in its own app."""

    public_id: str
    link: str | None


class OrderService(Offers):
    """Ordering."""

    def review_order(self, order: OrderRequest) -> OrderRequest:
        """Return the order as it would be kept, nothing stored; raise ActionRefused as ordering would."""
        order = validate_order(order, LANGUAGES)
        with self.database.read_connection() as connection:
            offer = self._options_for_order(connection, order)
            holder = _find_existing(connection, offer, order)
        if holder:
            raise ActionRefused(OrderProblem.ALREADY_ORDERED, holder)
        return order

    def place_order(self, order: OrderRequest) -> PlacedOrder:
        """Order the service and queue the invitation; raise ActionRefused, and then nothing has changed."""
        order = validate_order(order, LANGUAGES)
        activation = self._new_activation(order)
        try:
            with self.database.transaction() as session:
                self._insert_activation(session, order, activation)
        except IntegrityError:
            with self.database.read_connection() as connection:
                holder = _find_existing(connection, self._options_for_order(connection, order), order)
            if holder is None:
                raise
            raise ActionRefused(OrderProblem.ALREADY_ORDERED, holder) from None
        linked = BANKS[order.bank].route is ActivationRoute.LINK
        identity = LinkClaims(activation.public_id, activation.generation)
        return PlacedOrder(activation.public_id, self.links.activation_url(identity) if linked else None)

    def is_double_click(self, order: OrderRequest, public_id: str) -> bool:
        """Tell whether the same person has just placed this very order: a second click, not a second wish."""
        order = validate_order(order, LANGUAGES)
        just_now = exists().where(
            Event.activation_id == Activation.id,
            Event.event_type == EventType.ORDERED,
            Event.actor == order.actor,
            Event.at > self.clock() - _A_MOMENT,
        )
        same = select(Activation.id).where(
            Activation.public_id == public_id,
            Activation.dossier_id == order.dossier_id,
            *(getattr(Activation, name) == getattr(order, name) for name in _SAME),
            just_now,
        )
        with self.database.read_connection() as connection:
            return connection.execute(same).first() is not None

    def find_dossier_id(self, public_id: str) -> int:
        """Return the dossier of an activation; raise ActionRefused where the office has none such."""
        asked = select(Activation.dossier_id).where(Activation.public_id == public_id)
        if self.office_id is not None:
            asked = asked.where(Activation.office_id == self.office_id)
        with self.database.read_connection() as connection:
            dossier_id = connection.execute(asked).scalar_one_or_none()
        if dossier_id is None:
            raise ActionRefused(OrderProblem.UNKNOWN_ACTIVATION)
        return dossier_id

    def _new_activation(self, order: OrderRequest) -> Activation:
        return Activation(
            public_id=secrets.token_hex(12),
            bank=order.bank,
            client_reference=order.client_reference,
            iban=order.iban,
            address=order.address,
            language=order.language,
            state=ActivationState.INVITED,
            generation=1,
            round=1,
            ordered_at=self.clock(),
            **self.new_round_values(order.bank),
        )

    def _insert_activation(self, session: Session, order: OrderRequest, activation: Activation) -> None:
        offer = self._options_for_order(session, order)
        activation.office_id, activation.dossier_id = offer.office_id, offer.dossier_id
        activation.dossier_key = offer.code_key
        activation.accountant_id = _find_accountant(session, offer.office_id, order.accountant)
        session.add(activation)
        session.flush()
        session.execute(update(Dossier).where(Dossier.id == offer.dossier_id).values(ordered=True))
        enqueue_mail(
            session, BANKS[order.bank].invitation_kind, activation.id, activation.round, activation.invited_at
        )
        self.record_event(session, activation.id, EventType.ORDERED, order.actor, order.bank)


#: What tells one order from another.
_SAME = ("bank", "client_reference", "iban", "address", "language")


def _find_existing(connection: Connection, offer: OrderOptions, order: OrderRequest) -> str | None:
    return connection.execute(
        select(Activation.public_id).where(
            Activation.office_id == offer.office_id,
            Activation.client_reference == order.client_reference,
            Activation.state.in_(HOLDING),
        )
    ).scalar_one_or_none()


def _find_accountant(session: Session, office_id: int, email: str | None) -> int:
    wanted = select(Accountant.id).where(Accountant.office_id == office_id).order_by(Accountant.id).limit(1)
    if email:
        wanted = wanted.where(Accountant.email == email.strip().lower())
    found = session.execute(wanted).scalar_one_or_none()
    if found is None:
        raise ActionRefused(OrderProblem.NO_DOSSIER)
    return found
