"""What testers do to the bank: let time go by, inject a fault, end a challenge, answer in the app."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select, update

from app.db import UtcDateTime
from app.domain.bank_results import AppDecision
from app.simulation.bank.app_requests import AppRequest, AppRequestStore
from app.simulation.bank.cardholders import (
    ReaderMode,
    RecoveryStep,
    SimulatedCardholder,
    reader_response,
)
from app.simulation.bank.issuer import Issuer
from app.simulation.bank.protocol import ChallengeRequest
from app.simulation.bank.storage import CARRIED_NAME, BankRow, BankStorage, OfficeReference
from app.simulation.bank.transactions import (
    TRIES,
    BankTransaction,
    Fault,
    InjectedFault,
)
from app.simulation.scenarios import PIN, BankPageRoute

_WRONG_PIN = "0000"


class SandboxControls:
    """The testers' use cases; each has one transaction of its own, or the issuer's."""

    def __init__(self, store: BankStorage, issuer: Issuer, app_requests: AppRequestStore) -> None:
        self._store = store
        self._issuer = issuer
        self._app_requests = app_requests

    def age_transactions(
        self, transactions: Sequence[str], office: str, client_reference: str, by: timedelta
    ) -> None:
        """Make transactions, and what their cardholder did at the bank, older; the unknown are left out."""
        with self._store.write_connection() as connection:
            for transaction in transactions:
                _shift_rows(connection, BankTransaction, by, id=transaction)
            holder = OfficeReference.of(office, client_reference)
            _shift_rows(connection, SimulatedCardholder, by, **holder._asdict())

    def set_fault(self, office: str, client_reference: str, kind: InjectedFault) -> None:
        """Treat the requests of an office for a reference so from now on."""
        key = OfficeReference.of(office, client_reference)._asdict()
        with self._store.write_connection() as connection:
            connection.execute(delete(Fault).filter_by(**key))
            connection.execute(insert(Fault).values(**key, kind=kind))

    def read_fault(self, office: str, client_reference: str) -> InjectedFault:
        """Return how they are treated."""
        query = select(Fault.kind).filter_by(**OfficeReference.of(office, client_reference)._asdict())
        with self._store.read_connection() as connection:
            return InjectedFault(connection.scalars(query).one_or_none() or InjectedFault.NONE)

    def end_challenge(self, transaction: str, session_data: str, route: BankPageRoute) -> bool:
        """Do what a cardholder does on the bank's pages; False where there is nothing to do it to."""
        stored = self._issuer.find_transaction(id=transaction)
        if stored is None:
            return False
        if route is BankPageRoute.ARRIVE_LATE:
            return True
        self._issuer.receive_browser(ChallengeRequest(stored.id, stored.acs, session_data))
        if route is BankPageRoute.CANCEL:
            self._issuer.cancel_challenge(stored.acs)
        elif route is not BankPageRoute.LEAVE:
            self._sign_challenge(stored.acs, right=route is BankPageRoute.SIGN)
        return True

    def help_cardholder(self, office: str, client_reference: str, step: RecoveryStep) -> None:
        """Do one thing at the bank or at the terminal."""
        self._issuer.record_step(OfficeReference.of(office, client_reference), step)

    def decide_in_app(self, bank: str, client_reference: str, request_id: str, decision: AppDecision) -> bool:
        """Answer the newest round of a request in the bank's app; False where it does not wait there."""
        app_requests = self._app_requests.list_requests(bank, client_reference)
        key = next((waiting.round_key for waiting in app_requests if waiting.request_id == request_id), None)
        if key is not None:
            self._app_requests.answer_request(bank, client_reference, key, decision)
        return key is not None

    def forget_office(self, office: str, client_references: Sequence[str]) -> None:
        """Forget everything about an office's requests, and what was done at the bank for their holders."""
        with self._store.write_connection() as connection:
            for row in (BankTransaction, AppRequest, Fault, SimulatedCardholder):
                is_theirs = row.office.in_((office, office[:CARRIED_NAME]))
                connection.execute(delete(row).where(row.client_reference.in_(client_references), is_theirs))

    def _sign_challenge(self, acs: str, *, right: bool) -> None:
        """Sign with the PIN, or give as many wrong responses as it takes."""
        for _ in range(1 if right else TRIES):
            transaction = self._issuer.find_transaction(acs=acs)
            if transaction is not None:
                pin = PIN if right else _WRONG_PIN
                shown = reader_response(transaction.secret, ReaderMode.M2, transaction.challenge, pin)
                self._issuer.judge_response(acs, shown)


def _shift_rows(connection: Connection, row: type[BankRow], by: timedelta, **key: str) -> None:
    instants = [column for column in row.__table__.c if isinstance(column.type, UtcDateTime)]
    found = connection.execute(select(*instants).filter_by(**key)).one_or_none()
    if found is not None:
        older = {name: at - by for name, at in found._mapping.items() if at}
        connection.execute(update(row).filter_by(**key).values(older))
