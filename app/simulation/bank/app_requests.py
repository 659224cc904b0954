"""Requests that wait in the app of a bank, and their answers; the first answer to a round stands."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask import current_app
from schwifty import IBAN
from sqlalchemy import Connection, and_, exists, select, update
from sqlalchemy.dialects.sqlite import insert

from app.domain.bank_results import AppDecision
from app.simulation.bank.storage import APP_REQUESTS, BankStorage

_NAME = "caro-simulator-app"

_NEWER = APP_REQUESTS.alias()
_REPLACED = exists().where(
    _NEWER.c.request_id == APP_REQUESTS.c.request_id, _NEWER.c.round > APP_REQUESTS.c.round
)


@dataclass(frozen=True)
class AppRequest:
    """One round of a request: who asks, for which card and account, and what was answered."""

    request_id: str
    round: int
    bank: str
    client_reference: str
    iban: str
    office: str
    open: bool
    decision: str = AppDecision.PENDING

    @property
    def round_key(self) -> str:
        """The request and its round in one word, as the page posts it back."""
        return f"{self.request_id}-{self.round}"

    @property
    def grouped_iban(self) -> str:
        """The account number in fours, as a bank prints it."""
        return IBAN(self.iban, allow_invalid=True).formatted


class AppRequestStore:
    """The use cases of the apps; each has one transaction of its own."""

    def __init__(self, store: BankStorage) -> None:
        self._store = store

    def init_app(self, extensions: dict[str, object]) -> None:
        """Hand the requests to an application."""
        extensions[_NAME] = self

    def exchange_requests(self, requests: Sequence[AppRequest]) -> list[str]:
        """Take in what waits and what is withdrawn, and return what was answered to each."""
        with self._store.write_transaction() as connection:
            return [_store_round(connection, request) for request in requests]

    def list_requests(self, bank: str, client_reference: str) -> list[AppRequest]:
        """List what a holder sees in the app."""
        with self._store.read_transaction() as connection:
            return _select_requests(connection, bank, client_reference)

    def answer_request(self, bank: str, client_reference: str, key: str, decision: AppDecision) -> None:
        """Record an answer to something that the holder sees and has not answered; else change nothing."""
        with self._store.write_transaction() as connection:
            for request in _select_requests(connection, bank, client_reference):
                if request.round_key == key and request.decision == AppDecision.PENDING:
                    _store_decision(connection, request, decision)


def current_app_requests() -> AppRequestStore:
    """Return the requests of the application that serves this request."""
    store: AppRequestStore = current_app.extensions[_NAME]
    return store


def _store_round(connection: Connection, request: AppRequest) -> str:
    """Record a round; once withdrawn it stays so, even where an older exchange arrives late."""
    new = insert(APP_REQUESTS).values(asdict(request))
    stored = new.on_conflict_do_update(
        index_elements=["request_id", "round"],
        set_={"open": and_(APP_REQUESTS.c.open, new.excluded.open)},
    )
    decision: str = connection.execute(stored.returning(APP_REQUESTS.c.decision)).scalar_one()
    return decision


def _select_requests(connection: Connection, bank: str, client_reference: str) -> list[AppRequest]:
    query = (
        select(APP_REQUESTS)
        .where(APP_REQUESTS.c.bank == bank, APP_REQUESTS.c.client_reference == client_reference)
        .where(APP_REQUESTS.c.open, ~_REPLACED)
        .order_by(APP_REQUESTS.c.office, APP_REQUESTS.c.request_id)
    )
    return [AppRequest(**row._mapping) for row in connection.execute(query)]


def _store_decision(connection: Connection, request: AppRequest, decision: AppDecision) -> None:
    condition = (APP_REQUESTS.c.request_id == request.request_id, APP_REQUESTS.c.round == request.round)
    connection.execute(update(APP_REQUESTS).where(*condition).values(decision=decision))
