"""The dossiers for which an office can order, a row for each bank."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from app.context import Context
from app.domain.banks import BANKS
from app.domain.order_rules import usual_iban
from app.models import Dossier, Mandate
from app.models.office import MandateState


@dataclass(frozen=True)
class OrderableDossier:
    """A dossier and a bank; the account where the bank's own app needs it and there is only one."""

    code: str
    name: str
    bank: str
    iban: str


def read_orderable_dossiers(context: Context) -> list[OrderableDossier]:
    """Return them in the order of their codes."""
    query = (
        select(Dossier.code, Dossier.name, Mandate.bank, Mandate.iban)
        .join(Mandate)
        .where(Mandate.state == MandateState.ACTIVE, Mandate.bank.in_(BANKS))
        .order_by(Dossier.code_key, Dossier.id, Mandate.id)
    )
    accounts: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    with context.database.read_connection() as connection:
        for row in connection.execute(context.scoped(query, Dossier.office_id)):
            accounts[row.code, row.name, row.bank].append(row.iban)
    return [OrderableDossier(*of, usual_iban(of[2], ibans)) for of, ibans in accounts.items()]
