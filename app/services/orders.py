"""Ordering CARO: what can be ordered, the review, the order itself."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.context import Context
from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.history import EventType
from app.domain.identifiers import bare_address
from app.domain.order_rules import ORDER_FIELDS, ActionRefused, OrderProblem, OrderRequest, validate_order
from app.domain.states import HOLDING, ActivationState
from app.i18n import LANGUAGES
from app.models import Accountant, Activation, Dossier, Event, Mandate, Office
from app.models.office import MandateState
from app.services.unit_of_work import UnitOfWork, unit_of_work
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


#: An order that comes again from the same person so soon is a second click.
_A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True)
class PlacedOrder:
    """What was ordered; there is no link for a bank that activates in its own app."""

    public_id: str
    link: str | None


@dataclass(frozen=True)
class OrderService:
    """What can be ordered, the review, and the order itself; `on_placed` joins its transaction."""

    context: Context
    on_placed: Callable[[UnitOfWork, Activation], None] = lambda _work, _activation: None

    def read_order_options(self, dossier_id: int) -> OrderOptions:
        """Return what can be ordered for a dossier; raise ActionRefused where there is no such dossier."""
        with self.context.database.read_connection() as connection:
            return _load_order_options(connection, self.context, Dossier.id == dossier_id)

    def review_order(self, order: OrderRequest) -> OrderRequest:
        """Return the order as it would be kept, nothing stored; raise ActionRefused as ordering would."""
        order = validate_order(order, LANGUAGES)
        existing = self._find_existing(order)
        if existing:
            raise ActionRefused(OrderProblem.ALREADY_ORDERED, existing)
        return order

    def place_order(self, order: OrderRequest) -> PlacedOrder:
        """Order the service and queue the invitation; raise ActionRefused, and then nothing has changed."""
        order = validate_order(order, LANGUAGES)
        try:
            with unit_of_work(self.context) as work:
                activation = _insert_activation(work, order)
                self.on_placed(work, activation)
        except IntegrityError:
            existing = self._find_existing(order)
            if existing is None:
                raise
            raise ActionRefused(OrderProblem.ALREADY_ORDERED, existing) from None
        if BANKS[order.bank].route is not ActivationRoute.LINK:
            return PlacedOrder(activation.public_id, None)
        claims = LinkClaims(activation.public_id, activation.generation)
        return PlacedOrder(activation.public_id, self.context.tokens.activation_url(claims))

    def is_double_click(self, order: OrderRequest, public_id: str) -> bool:
        """Tell whether the same person has just placed this very order: a second click."""
        order = validate_order(order, LANGUAGES)
        just_now = exists().where(
            Event.activation_id == Activation.id,
            Event.event_type == EventType.ORDERED,
            Event.actor == order.actor,
            Event.at > self.context.clock() - _A_MOMENT,
        )
        same = select(Activation.id).where(
            Activation.public_id == public_id,
            Activation.dossier_id == order.dossier_id,
            *(getattr(Activation, name) == getattr(order, name) for name in ORDER_FIELDS),
            just_now,
        )
        with self.context.database.read_connection() as connection:
            return connection.execute(same).first() is not None

    def find_dossier_id(self, public_id: str) -> int:
        """Return the dossier of an activation; raise ActionRefused where the office has none such."""
        query = self.context.scoped(select(Activation.dossier_id).where(Activation.public_id == public_id))
        with self.context.database.read_connection() as connection:
            dossier_id = connection.execute(query).scalar_one_or_none()
        if dossier_id is None:
            raise ActionRefused(OrderProblem.UNKNOWN_ACTIVATION)
        return dossier_id

    def _find_existing(self, order: OrderRequest) -> str | None:
        """Return the activation that holds the reference; raise ActionRefused where it cannot be ordered."""
        with self.context.database.read_connection() as connection:
            options = _options_for_order(connection, self.context, order)
            return connection.execute(
                select(Activation.public_id).where(
                    Activation.office_id == options.office_id,
                    Activation.client_reference == order.client_reference,
                    Activation.state.in_(HOLDING),
                )
            ).scalar_one_or_none()


def find_holder(context: Context, public_id: str) -> str | None:
    """Return the activation of the same office that holds the client reference of this one."""
    holder = aliased(Activation)
    same = and_(
        holder.office_id == Activation.office_id, holder.client_reference == Activation.client_reference
    )
    query = select(holder.public_id).join(Activation, same).where(Activation.public_id == public_id)
    with context.database.read_connection() as connection:
        return connection.execute(query.where(holder.state.in_(HOLDING))).scalar_one_or_none()


def _insert_activation(work: UnitOfWork, order: OrderRequest) -> Activation:
    options = _options_for_order(work.session, work.context, order)
    activation = Activation(
        public_id=secrets.token_hex(12),
        office_id=options.office_id,
        accountant_id=_find_accountant(work.session, options.office_id, order.accountant),
        dossier_id=options.dossier_id,
        dossier_key=options.code_key,
        bank=order.bank,
        client_reference=order.client_reference,
        iban=order.iban,
        address=order.address,
        language=order.language,
        state=ActivationState.INVITED,
        generation=1,
        round=0,
        ordered_at=work.now,
    )
    work.start_new_round(activation)
    work.session.execute(update(Dossier).where(Dossier.id == options.dossier_id).values(ordered=True))
    work.record_event(activation.id, EventType.ORDERED, order.actor, order.bank)
    return activation


def _options_for_order(
    connection: Session | Connection, context: Context, order: OrderRequest
) -> OrderOptions:
    """Return the dossier that an order is for; raise ActionRefused where it cannot order at that bank."""
    condition: Sequence[ColumnElement[bool]] = (Dossier.id == order.dossier_id,)
    if order.dossier_id is None:
        condition = Office.name == order.office, Dossier.code == order.dossier_code
    options = _load_order_options(connection, context, *condition)
    if not options.accounts:
        raise ActionRefused(OrderProblem.NO_MANDATE)
    if BANKS[order.bank] not in options.banks:
        raise ActionRefused(OrderProblem.BANK_NOT_OFFERED)
    return options


def _load_order_options(
    connection: Session | Connection, context: Context, *condition: ColumnElement[bool]
) -> OrderOptions:
    query = (
        select(Dossier.id, Dossier.office_id, Dossier.code, Dossier.name, Dossier.code_key)
        .join(Office, Office.id == Dossier.office_id)
        .where(*condition)
    )
    dossier = connection.execute(context.scoped(query, Dossier.office_id)).one_or_none()
    if dossier is None:
        raise ActionRefused(OrderProblem.NO_DOSSIER)
    return OrderOptions(
        dossier_id=dossier.id,
        office_id=dossier.office_id,
        code=dossier.code,
        name=dossier.name,
        code_key=dossier.code_key,
        accounts=_read_accounts(connection, dossier.id),
    )


def _read_accounts(connection: Session | Connection, dossier_id: int) -> tuple[DossierAccount, ...]:
    query = (
        select(Mandate.bank, Mandate.iban)
        .where(
            Mandate.dossier_id == dossier_id,
            Mandate.state == MandateState.ACTIVE,
            Mandate.bank.in_(BANKS),
        )
        .order_by(Mandate.id)
    )
    return tuple(DossierAccount(bank=row.bank, iban=row.iban) for row in connection.execute(query))


def _find_accountant(session: Session, office_id: int, email: str | None) -> int:
    query = select(Accountant.id).where(Accountant.office_id == office_id).order_by(Accountant.id).limit(1)
    if email:
        query = query.where(Accountant.email == bare_address(email).lower())
    accountant_id = session.execute(query).scalar_one_or_none()
    if accountant_id is None:
        raise ActionRefused(OrderProblem.NO_DOSSIER)
    return accountant_id
