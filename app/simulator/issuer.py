"""The bank at work: it takes a request, shows a challenge, judges a response, tells the result."""

import secrets
import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import Clock
from app.domain.cards import brand_of
from app.simulator.areq import AuthenticationRequest
from app.simulator.erro import Erro, ErrorCode
from app.simulator.handoff import ChallengeRequest
from app.simulator.holders import Holder, Step, block_pin, holder_of, take_step
from app.simulator.reader import is_signature, new_challenge
from app.simulator.register import Decision, decide
from app.simulator.scenarios import SCENARIOS, ReturnFault, Scenario, ServerReply
from app.simulator.store import TRANSACTIONS, Store
from app.simulator.transaction import Transaction, outcome

#: Only these replies open a transaction; the others end with the answer itself.
_KEPT = (ServerReply.CHALLENGE, ServerReply.FOREIGN_CHALLENGE, ServerReply.FINAL)


class Answer(StrEnum):
    """What a posted response did."""

    WRONG = "wrong"
    ENDED = "ended"
    IGNORED = "ignored"


class Issuer:
    """The use cases of the simulated bank; each writes in one transaction of its own."""

    def __init__(self, store: Store, clock: Clock, late: timedelta) -> None:
        self._store = store
        self._late = late
        self.clock = clock

    def receive(self, request: AuthenticationRequest) -> tuple[Scenario, Transaction | None]:
        """Decide on a request and open its transaction; raise Erro 301 for a repeated id."""
        now = self.clock()
        with self._store.writing() as connection:
            decision = decide(request, holder_of(connection, request.client_reference), now)
            if decision.scenario.reply not in _KEPT:
                return decision.scenario, None
            try:
                connection.execute(insert(TRANSACTIONS).values(_opened(request, decision, now)))
            except IntegrityError:
                raise Erro(ErrorCode.UNKNOWN_TRANSACTION, "threeDSServerTransID", 409) from None
            return decision.scenario, _found(connection, id=request.transaction)

    def transaction(self, **key: str) -> Transaction | None:
        """Find a transaction by `id` (the merchant's) or `acs` (the bank's)."""
        with self._store.reading() as connection:
            return _found(connection, **key)

    def arrive(self, request: ChallengeRequest) -> Transaction:
        """Receive the browser, the first time only; raise Erro 301 where the ids match nothing."""
        with self._store.writing() as connection:
            found = _found(connection, id=request.transaction, acs=request.acs)
            if found is None or found.row.reply is not ServerReply.CHALLENGE:
                raise Erro(ErrorCode.UNKNOWN_TRANSACTION, "threeDSServerTransID,acsTransID", 404)
            if found.arrived_at is None:
                _change(connection, found, arrived_at=self.clock(), session_data=request.session_data)
            return found

    def sign(self, acs: str, typed: str) -> Answer:
        """Judge a response; the third wrong one ends the transaction and blocks the PIN."""
        now = self.clock()
        with self._store.writing() as connection:
            found = _found(connection, acs=acs)
            if found is None or not found.challenged or outcome(found, now) is not None:
                return Answer.IGNORED
            blocked = holder_of(connection, found.client_reference).pin_blocked_at is not None
            right = is_signature(found.secret, found.challenge, typed)
            if not right and found.tries_left > 1:
                _change(connection, found, tries=found.tries + 1, challenge=new_challenge())
                return Answer.WRONG
            if not right:
                block_pin(connection, found.client_reference, now)
            ending = SCENARIOS["wrong_pin"] if blocked or not right else found.row
            _change(connection, found, tries=found.tries + 1, **self._verdict(ending, now))
            return Answer.ENDED

    def cancel(self, acs: str) -> None:
        """End a challenge because its cardholder asked for it; what has ended stays as it is."""
        now = self.clock()
        with self._store.writing() as connection:
            found = _found(connection, acs=acs)
            if found is not None and found.challenged and outcome(found, now) is None:
                _change(connection, found, **self._verdict(SCENARIOS["cancelled"], now))

    def holder(self, client_reference: str) -> Holder:
        """Return what was done at the bank for a client reference."""
        with self._store.reading() as connection:
            return holder_of(connection, client_reference)

    def help(self, client_reference: str, step: Step) -> None:
        """Do one thing at the bank or at the terminal."""
        with self._store.writing() as connection:
            take_step(connection, client_reference, step, self.clock())

    def _verdict(self, scenario: Scenario, now: datetime) -> dict[str, Any]:
        late = scenario.quirk is ReturnFault.LATE_RESULT
        return {
            "status": scenario.status,
            "reason": scenario.reason,
            "cancel": scenario.cancel,
            "released_at": now + self._late if late else None,
        }


def _opened(request: AuthenticationRequest, decision: Decision, now: datetime) -> dict[str, Any]:
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
    }


def _found(connection: Connection, **key: str) -> Transaction | None:
    query = select(TRANSACTIONS).where(*(TRANSACTIONS.c[name] == value for name, value in key.items()))
    row = connection.execute(query).one_or_none()
    return Transaction(**row._mapping) if row else None


def _change(connection: Connection, transaction: Transaction, **values: Any) -> None:
    connection.execute(update(TRANSACTIONS).where(TRANSACTIONS.c.id == transaction.id).values(values))
