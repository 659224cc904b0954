"""What can be ordered for a dossier: the banks of its active mandates that carry CARO."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.orm import Session

from app.activations.desk import Context
from app.activations.orders.wishes import OrderRequest
from app.activations.refusals import ActionRefused, OrderProblem
from app.domain.banks import BANKS, Bank
from app.models import Dossier, Mandate, Office
from app.models.office import MandateState


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
