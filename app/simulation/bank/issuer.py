"""The issuer: looks a card up, opens an authentication, judges responses, tells the result."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import Clock, brussels_day
from app.domain.bank_results import CardVerification
from app.domain.cards import brand_of
from app.simulation.bank.cardholders import (
    RecoveryStep,
    SimulatedCardholder,
    after_recovery,
    block_pin,
    is_signature,
    new_challenge,
    read_cardholder,
    record_step,
)
from app.simulation.bank.protocol import AuthenticationRequest, ChallengeRequest, Erro, ErroCode
from app.simulation.bank.storage import BankStorage, OfficeReference
from app.simulation.bank.transactions import BankTransaction, transaction_result
from app.simulation.scenarios import (
    SCENARIOS,
    SECURITY_CODE,
    ReturnFault,
    Scenario,
    ServerReply,
    find_scenario,
)

#: Any month from this one to the same three years on is the right expiry date of every test card.
_GOOD_MONTHS = 36


@dataclass(frozen=True)
class RegisterDecision:
    """The scenario, and what the verification will say if the cardholder signs."""

    scenario: Scenario
    verification: CardVerification | None


def look_card_up(
    request: AuthenticationRequest, holder: SimulatedCardholder, now: datetime
) -> RegisterDecision:
    """Look a card up; nothing of its number or code goes further than this."""
    scenario = after_recovery(find_scenario(request.number, request.client_reference), holder, now)
    if scenario.reply is not ServerReply.CHALLENGE:
        return RegisterDecision(scenario, None)
    months = _months_left(request.expiry, now)
    if months < 0:
        return RegisterDecision(SCENARIOS["expired_at_bank"], None)
    right = request.code == SECURITY_CODE and months <= _GOOD_MONTHS
    if right or scenario.verification is not CardVerification.APPROVED:
        return RegisterDecision(scenario, scenario.verification)
    wrong = SCENARIOS["wrong_security_code"]
    return RegisterDecision(scenario if scenario.quirk else wrong, wrong.verification)


def _months_left(expiry: str, now: datetime) -> int:
    today = brussels_day(now)
    year, month = 2000 + int(expiry[:2]), int(expiry[2:])
    return (year - today.year) * 12 + month - today.month


#: Only these replies open a transaction; the others end with the answer itself.
_KEPT = (ServerReply.CHALLENGE, ServerReply.FOREIGN_CHALLENGE, ServerReply.FINAL)


class ResponseOutcome(StrEnum):
    """What a posted response did."""

    WRONG = "wrong"
    ENDED = "ended"
    IGNORED = "ignored"


class Issuer:
    """The use cases of the simulated bank; each writes in one transaction of its own."""

    def __init__(self, store: BankStorage, clock: Clock, late: timedelta) -> None:
        self._store = store
        self._late = late
        self.clock = clock

    def open_transaction(self, request: AuthenticationRequest) -> tuple[Scenario, BankTransaction | None]:
        """Decide on a request and open its transaction; raise Erro 301 for a repeated id."""
        now = self.clock()
        with self._store.write_connection() as connection:
            decision = look_card_up(request, read_cardholder(connection, _holder_key(request)), now)
            if decision.scenario.reply not in _KEPT:
                return decision.scenario, None
            try:
                connection.execute(insert(BankTransaction).values(_new_transaction(request, decision, now)))
            except IntegrityError:
                raise Erro(ErroCode.UNKNOWN_TRANSACTION, "threeDSServerTransID", 409) from None
            return decision.scenario, _find_row(connection, id=request.transaction)

    def find_transaction(self, **key: str) -> BankTransaction | None:
        """Find a transaction by `id` (the merchant's) or `acs` (the bank's)."""
        with self._store.read_connection() as connection:
            return _find_row(connection, **key)

    def receive_browser(self, request: ChallengeRequest) -> BankTransaction:
        """Receive the browser, the first time only; raise Erro 301 where the ids match nothing."""
        with self._store.write_connection() as connection:
            transaction = _find_row(connection, id=request.transaction, acs=request.acs)
            if transaction is None or transaction.scenario_row.reply is not ServerReply.CHALLENGE:
                raise Erro(ErroCode.UNKNOWN_TRANSACTION, "threeDSServerTransID,acsTransID", 404)
            if transaction.arrived_at is None:
                _update_row(
                    connection, transaction, arrived_at=self.clock(), session_data=request.session_data
                )
            return transaction

    def judge_response(self, acs: str, typed: str) -> ResponseOutcome:
        """Judge a response; the third wrong one ends the transaction and blocks the PIN."""
        now = self.clock()
        with self._store.write_connection() as connection:
            transaction = _find_open(connection, acs, now)
            if transaction is None:
                return ResponseOutcome.IGNORED
            blocked = read_cardholder(connection, _holder_key(transaction)).pin_blocked_at is not None
            right = is_signature(transaction.secret, transaction.challenge, typed)
            if not right and transaction.tries_left > 1:
                _update_row(connection, transaction, tries=transaction.tries + 1, challenge=new_challenge())
                return ResponseOutcome.WRONG
            if not right:
                block_pin(connection, _holder_key(transaction), now)
            ending = SCENARIOS["wrong_pin"] if blocked or not right else transaction.scenario_row
            _update_row(
                connection, transaction, tries=transaction.tries + 1, **self._signature_verdict(ending, now)
            )
            return ResponseOutcome.ENDED

    def cancel_challenge(self, acs: str) -> None:
        """End a challenge because its cardholder asked for it; what has ended stays as it is."""
        now = self.clock()
        with self._store.write_connection() as connection:
            transaction = _find_open(connection, acs, now)
            if transaction is not None:
                _update_row(connection, transaction, **self._signature_verdict(SCENARIOS["cancelled"], now))

    def find_newest_office(self, client_reference: str) -> str:
        """Return which office asked last about a client reference; nothing where none has."""
        newest = (
            select(BankTransaction.office)
            .filter_by(client_reference=client_reference)
            .order_by(BankTransaction.answered_at.desc())
        )
        with self._store.read_connection() as connection:
            return connection.scalars(newest.limit(1)).one_or_none() or ""

    def read_cardholder(self, key: OfficeReference) -> SimulatedCardholder:
        """Return what was done at the bank for an office's client reference."""
        with self._store.read_connection() as connection:
            return read_cardholder(connection, key)

    def record_step(self, key: OfficeReference, step: RecoveryStep) -> None:
        """Do one thing at the bank or at the terminal."""
        with self._store.write_connection() as connection:
            record_step(connection, key, step, self.clock())

    def _signature_verdict(self, scenario: Scenario, now: datetime) -> dict[str, Any]:
        late = scenario.quirk is ReturnFault.LATE_RESULT
        return {
            "status": scenario.status,
            "reason": scenario.reason,
            "cancel": scenario.cancel,
            "released_at": now + self._late if late else None,
        }


def _holder_key(source: AuthenticationRequest | BankTransaction) -> OfficeReference:
    return OfficeReference.of(source.office, source.client_reference)


def _new_transaction(
    request: AuthenticationRequest, decision: RegisterDecision, now: datetime
) -> dict[str, Any]:
    final = decision.scenario.reply is ServerReply.FINAL
    return {
        "id": request.transaction,
        "acs": str(uuid.uuid4()),
        "scenario": decision.scenario.key,
        "bank": request.bank,
        "client_reference": request.client_reference,
        "office": request.office,
        "merchant": request.merchant,
        "language": request.language,
        "return_url": request.return_url,
        "brand": brand_of(request.number),
        "last_four": request.number[-4:],
        "verification": decision.verification,
        "secret": secrets.token_hex(32),
        "challenge": new_challenge(),
        "status": decision.scenario.status if final else None,
        "reason": decision.scenario.reason if final else None,
        "answered_at": now,
        "tries": 0,
        "session_data": "",
    }


def _find_row(connection: Connection, **key: str) -> BankTransaction | None:
    row = connection.execute(select(BankTransaction).filter_by(**key)).one_or_none()
    return BankTransaction(**row._mapping) if row else None


def _find_open(connection: Connection, acs: str, now: datetime) -> BankTransaction | None:
    """Find a transaction whose cardholder may still act on the signing page."""
    transaction = _find_row(connection, acs=acs)
    is_open = transaction and transaction.challenged and transaction_result(transaction, now) is None
    return transaction if is_open else None


def _update_row(connection: Connection, transaction: BankTransaction, **values: Any) -> None:
    connection.execute(update(BankTransaction).filter_by(id=transaction.id).values(values))
