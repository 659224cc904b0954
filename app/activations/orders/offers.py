"""What can be ordered for a dossier: the banks of its active mandates that carry CARO."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.orm import Session

from app.activations.desk import Desk
from app.activations.orders.wishes import NewOrder
from app.activations.refusals import OrderProblem, Refused
from app.domain.banks import BANKS, Bank
from app.models import Dossier, Mandate, Office
from app.models.office import MandateState


@dataclass(frozen=True)
class Account:
    """An account for which the dossier has an active mandate at a bank that carries CARO."""

    bank: str
    iban: str


@dataclass(frozen=True)
class Offer:
    """A dossier, and the accounts for which it can order."""

    dossier_id: int
    office_id: int
    code: str
    name: str
    code_key: str
    accounts: tuple[Account, ...]

    @property
    def banks(self) -> tuple[Bank, ...]:
        """The banks of the accounts, each once, in the order of the banks' own table."""
        held = {account.bank for account in self.accounts}
        return tuple(bank for bank in BANKS.values() if bank.key in held)


class Offers(Desk):
    """Reading what may be ordered."""

    def offer(self, dossier_id: int) -> Offer:
        """Return what can be ordered for a dossier; raise Refused where there is no such dossier."""
        with self.database.connection() as connection:
            return self._offer(connection, Dossier.id == dossier_id)

    def _offer(self, session: Session | Connection, *wanted: ColumnElement[bool]) -> Offer:
        asked = (
            select(Dossier.id, Dossier.office_id, Dossier.code, Dossier.name, Dossier.code_key)
            .join(Office, Office.id == Dossier.office_id)
            .where(*wanted)
        )
        if self.office_id is not None:
            asked = asked.where(Dossier.office_id == self.office_id)
        found = session.execute(asked).one_or_none()
        if found is None:
            raise Refused(OrderProblem.NO_DOSSIER)
        return Offer(*found, _accounts(session, found.id))

    def _offer_for(self, session: Session | Connection, order: NewOrder) -> Offer:
        """Return the offer that an order takes up; raise Refused where it has no such bank."""
        offer = self._offer(session, *_named(order))
        if not offer.accounts:
            raise Refused(OrderProblem.NO_MANDATE)
        if BANKS[order.bank] not in offer.banks:
            raise Refused(OrderProblem.BANK_NOT_OFFERED)
        return offer


def _named(order: NewOrder) -> Sequence[ColumnElement[bool]]:
    if order.dossier_id is not None:
        return (Dossier.id == order.dossier_id,)
    return Office.name == order.office, Dossier.code == order.dossier_code


def _accounts(session: Session | Connection, dossier_id: int) -> tuple[Account, ...]:
    asked = select(Mandate.bank, Mandate.iban).where(
        Mandate.dossier_id == dossier_id,
        Mandate.state == MandateState.ACTIVE,
        Mandate.bank.in_(BANKS),
    )
    return tuple(Account(*row) for row in session.execute(asked.order_by(Mandate.id)))
