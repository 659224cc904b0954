"""What is wrong with each row of an order for many, looked up for all rows at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from app.context import Context
from app.domain.banks import APP_BANKS, BANKS, SAMPLE_BANKS, ActivationRoute, find_bank
from app.domain.file_rules import FileFault, FileProblem
from app.domain.identifiers import parse_client_reference
from app.domain.order_rules import InvalidOrder, OrderProblem, OrderRequest, usual_iban, validate_order
from app.domain.states import HOLDING
from app.i18n import LANGUAGES
from app.models import Activation, Dossier, Mandate
from app.models.office import MandateState
from app.services.dossier_file import compare_code
from app.services.office_file import is_rewritten
from app.services.order_file import OrderColumn


@dataclass(frozen=True)
class EarlierRequest:
    """A request that there is, or was, for the same client reference."""

    public_id: str
    dossier_id: int
    ordered_at: datetime
    holds: bool


@dataclass(frozen=True)
class CheckedRow:
    """A row as it was typed, what it would order, and what is wrong with it by column."""

    position: int
    line: int
    cells: Mapping[OrderColumn, str]
    seen: str | None
    name: str = ""
    order: OrderRequest | None = None
    faults: Mapping[OrderColumn, FileFault] = field(default_factory=dict)
    earlier: EarlierRequest | None = None
    #: The banks at which the dossier can order.
    bank_names: Sequence[str] = ()

    @property
    def needs_tick(self) -> bool:
        """Whether there was an earlier request that nobody has looked at yet."""
        return self.earlier is not None and not self.earlier.holds and self.seen != self.earlier.public_id

    @property
    def problem(self) -> str | None:
        """The first thing that keeps the row from being ordered; None where nothing does."""
        first = next((fault.problem for fault in self.faults.values()), None)
        return first or (FileProblem.EARLIER_REQUEST if self.needs_tick else None)


@dataclass(frozen=True)
class _Offer:
    """A dossier, and what can be ordered for it."""

    id: int
    name: str
    accounts: Sequence[tuple[str, str]]

    @property
    def bank_names(self) -> Sequence[str]:
        """The banks of the accounts, in the order of the banks' own table."""
        held = {bank for bank, _iban in self.accounts}
        return [bank.name for bank in BANKS.values() if bank.key in held]

    def find_bank_key(self, typed: str) -> str | None:
        """Return the bank that is meant: the only one, where none was typed."""
        banks = {bank for bank, _iban in self.accounts}
        bank = find_bank(typed)
        key = bank.key if bank else next(iter(banks)) if not typed and len(banks) == 1 else ""
        return key if key in banks else None

    def find_iban(self, bank: str, typed: str) -> str | None:
        """Return the account that a bank's own app is told: the only one, where none was typed."""
        if bank not in APP_BANKS:
            return None
        return typed or usual_iban(bank, [iban for key, iban in self.accounts if key == bank])


class OrderChecker:
    """Everything of the office that the rows speak of, read once."""

    def __init__(self, connection: Connection, context: Context, rows: Sequence[Any]) -> None:
        self._rows = rows
        self._offers = _read_offers(connection, context, {row.code for row in rows})
        orders = [self._read_order(row) for row in rows]
        self._orders = dict(zip((row.position for row in rows), orders, strict=True))
        references = {order.client_reference for order, _faults in orders if order}
        self._earlier = _read_earlier(connection, context, references)

    def check_rows(self) -> list[CheckedRow]:
        """Return each row with what is wrong with it; of two rows of one reference the second."""
        first: dict[str, int] = {}
        return [self._check_row(row, first) for row in self._rows]

    def _check_row(self, row: Any, first: dict[str, int]) -> CheckedRow:
        order, faults = self._orders[row.position]
        earlier = self._earlier.get(order.client_reference) if order else None
        if order and order.client_reference:
            line = first.setdefault(order.client_reference, row.line)
            if line != row.line:
                faults[OrderColumn.REFERENCE] = FileFault(FileProblem.TWICE)
        if earlier and earlier.holds:
            faults[OrderColumn.REFERENCE] = FileFault(OrderProblem.ALREADY_ORDERED)
        offer = self._offers.get(row.code)
        cells = {column: getattr(row, column) or "" for column in OrderColumn}
        name, banks = (offer.name, offer.bank_names) if offer else ("", ())
        return CheckedRow(row.position, row.line, cells, row.seen, name, order, faults, earlier, banks)

    def _read_order(self, row: Any) -> tuple[OrderRequest | None, dict[OrderColumn, FileFault]]:
        """Return the order with its fields as they are kept, as far as they can be, and its faults."""
        offer, faults = self._offers.get(row.code), dict[OrderColumn, FileFault]()
        bank = offer.find_bank_key(row.bank) if offer else None
        if offer is None:
            faults[OrderColumn.CODE] = FileFault(FileProblem.UNKNOWN_DOSSIER)
        elif not offer.accounts:
            faults[OrderColumn.CODE] = FileFault(FileProblem.NO_ACTIVE_MANDATE)
        elif bank is None:
            faults[OrderColumn.BANK] = FileFault(OrderProblem.BANK_NOT_OFFERED)
        order = OrderRequest(
            dossier_id=offer.id if offer else 0,
            bank=bank or SAMPLE_BANKS[ActivationRoute.LINK],
            # As it is kept, whatever else is wrong: an earlier request is told at once.
            client_reference=parse_client_reference(row.client_reference or "") or row.client_reference or "",
            address=row.address or "",
            language=row.language,
            iban=offer.find_iban(bank, row.iban or "") if offer and bank else None,
        )
        try:
            order = validate_order(order, LANGUAGES)
        except InvalidOrder as invalid:
            faults |= {OrderColumn(name): FileFault(problem) for name, problem in invalid.faults.items()}
        if is_rewritten(row.client_reference or ""):
            faults[OrderColumn.REFERENCE] = FileFault(FileProblem.REWRITTEN)
        return (None if OrderColumn.REFERENCE in faults else order), faults


def _read_offers(connection: Connection, context: Context, codes: set[str]) -> dict[str, _Offer]:
    query = context.scoped(select(Dossier.id, Dossier.code, Dossier.name), Dossier.office_id)
    dossiers = connection.execute(query.where(Dossier.code.in_(codes))).all()
    accounts: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    held = select(Mandate.dossier_id, Mandate.bank, Mandate.iban).where(
        Mandate.dossier_id.in_([row.id for row in dossiers]),
        Mandate.state == MandateState.ACTIVE,
        Mandate.bank.in_(BANKS),
    )
    for row in connection.execute(held.order_by(Mandate.id)):
        accounts[row.dossier_id].append((row.bank, row.iban))
    return {row.code: _Offer(row.id, row.name, accounts[row.id]) for row in dossiers}


def _read_earlier(
    connection: Connection, context: Context, references: set[str]
) -> dict[str, EarlierRequest]:
    """Return the last request of each reference, or the one that holds it."""
    columns = (
        *(Activation.client_reference, Activation.public_id, Activation.dossier_id),
        *(Activation.ordered_at, Activation.state),
    )
    query = context.scoped(select(*columns).where(Activation.client_reference.in_(references)))
    found: dict[str, EarlierRequest] = {}
    for row in connection.execute(query.order_by(Activation.id)):
        if not (row.client_reference in found and found[row.client_reference].holds):
            found[row.client_reference] = EarlierRequest(
                row.public_id, row.dossier_id, row.ordered_at, row.state in HOLDING
            )
    return found


def find_own_codes(connection: Connection, context: Context, codes: set[str]) -> dict[str, str]:
    """Return the office's own writing of codes that were typed a little differently."""
    query = context.scoped(select(Dossier.code), Dossier.office_id)
    own = connection.execute(query.order_by(Dossier.id.desc())).scalars().all()
    alike = {compare_code(code): code for code in own}
    known = set(own)
    return {code: code if code in known else alike.get(compare_code(code), code) for code in codes}
