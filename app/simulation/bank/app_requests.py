"""Requests that wait in the app of a bank, and their answers; the first answer to a round stands."""

from collections.abc import Sequence
from dataclasses import asdict
from textwrap import wrap

from sqlalchemy import Connection, and_, exists, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, aliased, mapped_column

from app.domain.bank_results import AppDecision
from app.simulation.bank.storage import BankRow, BankStorage


class AppRequest(BankRow):
    """One round of a request: who asks, for which card and account, and what was answered."""

    __tablename__ = "app_request"

    request_id: Mapped[str] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    bank: Mapped[str]
    client_reference: Mapped[str] = mapped_column(index=True)
    iban: Mapped[str]
    office: Mapped[str]
    open: Mapped[bool]
    decision: Mapped[str] = mapped_column(default=AppDecision.PENDING)

    @property
    def round_key(self) -> str:
        """The request and its round in one word, as the page posts it back."""
        return f"{self.request_id}-{self.round}"

    @property
    def grouped_iban(self) -> str:
        """The account number in fours, as a bank prints it."""
        return " ".join(wrap(self.iban, 4))


_NEWER = aliased(AppRequest)
_REPLACED = exists().where(_NEWER.request_id == AppRequest.request_id, _NEWER.round > AppRequest.round)


class AppRequestStore:
    """The use cases of the apps; each has one transaction of its own."""

    def __init__(self, store: BankStorage) -> None:
        self._store = store

    def exchange_requests(self, requests: Sequence[AppRequest]) -> list[str]:
        """Take in what waits and what is withdrawn, and return what was answered to each."""
        with self._store.write_connection() as connection:
            return [_store_round(connection, request) for request in requests]

    def list_requests(self, bank: str, client_reference: str) -> list[AppRequest]:
        """List what a holder sees in the app."""
        with self._store.read_connection() as connection:
            return _select_requests(connection, bank, client_reference)

    def answer_request(self, bank: str, client_reference: str, key: str, decision: AppDecision) -> None:
        """Record an answer to something that the holder sees and has not answered; else change nothing."""
        with self._store.write_connection() as connection:
            for seen in _select_requests(connection, bank, client_reference):
                if seen.round_key == key and seen.decision == AppDecision.PENDING:
                    answered = update(AppRequest).filter_by(request_id=seen.request_id, round=seen.round)
                    connection.execute(answered.values(decision=decision))


def _store_round(connection: Connection, request: AppRequest) -> str:
    """Record a round; once withdrawn it stays so, even where an older exchange arrives late."""
    new = insert(AppRequest).values(asdict(request))
    stored = new.on_conflict_do_update(
        index_elements=["request_id", "round"],
        set_={"open": and_(AppRequest.open, new.excluded.open)},
    )
    decision: str = connection.execute(stored.returning(AppRequest.decision)).scalar_one()
    return decision


def _select_requests(connection: Connection, bank: str, client_reference: str) -> list[AppRequest]:
    query = (
        select(AppRequest)
        .where(AppRequest.bank == bank, AppRequest.client_reference == client_reference)
        .where(AppRequest.open, ~_REPLACED)
        .order_by(AppRequest.office, AppRequest.request_id)
    )
    return [AppRequest(**row._mapping) for row in connection.execute(query)]
