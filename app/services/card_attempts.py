"""The card's one moment: reserve the attempt, ask the bank with no transaction open, record the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from uuid import uuid4

from sqlalchemy import BindParameter, bindparam, delete, exists, func, insert, select, update

from app.bank.gateway import BankChallenge, BankFault, BankGateway, CardAuthenticationRequest, ChallengeForm
from app.context import Context
from app.db import bind_moment
from app.domain.bank_results import BankFaultKind, BankResult, RegisterRefusal
from app.domain.caps import DAY, next_allowed_at
from app.domain.cards import Card
from app.domain.states import ActivationState, LifecycleAction, LinkCondition, next_state
from app.domain.verdicts import judge_bank_fault, judge_register_refusal, judge_result
from app.models import Activation, Attempt
from app.queries.activation_view import ActivationView, AttemptView
from app.services.attempt_results import CHECK_WAITING, AttemptResultService
from app.services.links import LinkUnavailable


class CardSubmission(Enum):
    """What becomes of a card that is sent: the bank's page comes next, a result, or an attempt was open.

    Refused is a result that counts: not the bank that was away.
    """

    CHALLENGED = auto()
    DECIDED = auto()
    REFUSED = auto()
    JOINED = auto()


@dataclass(frozen=True)
class BrowserInfo:
    """What the bank is told of the browser, and where it sends it back to."""

    language: str
    user_agent: str
    accept: str
    return_url: str


@dataclass(frozen=True)
class CardAttemptService:
    """Submitting a card, the cap on refused ones, and the way to the bank's page."""

    context: Context
    bank: BankGateway
    results: AttemptResultService

    def card_page_opens_at(self, activation: ActivationView) -> datetime | None:
        """Return when the card page opens again after too many counted refusals; None while it is open."""
        return self._next_opening(activation) if activation.was_refused else None

    def _next_opening(self, activation: ActivationView) -> datetime | None:
        now, cap = self.context.clock(), self.context.policy.caps.refusals_a_day
        parameters = {"activation_id": activation.id, "since": now - DAY, "cap": cap}
        with self.context.database.read_connection() as connection:
            refusals = connection.execute(LAST_REFUSALS, parameters).scalars()
            return next_allowed_at((at for at in refusals if at), cap, DAY, now)

    def submit_card(self, activation: ActivationView, card: Card, browser: BrowserInfo) -> CardSubmission:
        """Try a card at the bank, and tell what became of it.

        A second submission while an attempt is open joins that attempt and asks nothing.
        Raise LinkUnavailable where too many refusals have closed the page, and BankFault where the bank was
        not asked: then nothing has happened.
        """
        transaction = str(uuid4())
        if not self._reserve_attempt(activation, card, browser, transaction):
            opens_at = self._next_opening(activation)
            if opens_at is not None:
                raise LinkUnavailable(LinkCondition.LOCKED, activation, opens_at)
            return CardSubmission.JOINED
        try:
            order = _authentication_order(activation, browser, transaction)
            answer = self.bank.authenticate_card(card, order)
        except BankFault as broken:
            if broken.fault is BankFaultKind.NOT_ASKED:
                self._take_back_attempt(activation, transaction)
                raise
            self.results.record_failure(transaction, judge_bank_fault(broken.fault))
            return CardSubmission.DECIDED
        return self._record_answer(transaction, card, answer)

    def _record_answer(
        self, transaction: str, card: Card, answer: BankChallenge | RegisterRefusal | BankResult
    ) -> CardSubmission:
        match answer:
            case BankChallenge():
                self._record_challenge(transaction, answer)
                return CardSubmission.CHALLENGED
            case RegisterRefusal():
                self.results.record_failure(transaction, judge_register_refusal(answer, card.brand))
                return CardSubmission.REFUSED
            case _:
                self.results.apply_result(transaction, answer)
                is_refused = not answer.approved and judge_result(answer).counts
                return CardSubmission.REFUSED if is_refused else CardSubmission.DECIDED

    def challenge_form(self, attempt: AttemptView) -> ChallengeForm:
        """Return the form that takes the browser to the bank; the handle in it replaces a cookie."""
        challenge = BankChallenge(attempt.challenge_url or "", attempt.acs_transaction or "")
        handle = self.context.tokens.sign_attempt_handle(attempt.transaction)
        return self.bank.challenge_form(attempt.transaction, challenge, handle)

    def _reserve_attempt(
        self, activation: ActivationView, card: Card, browser: BrowserInfo, transaction: str
    ) -> bool:
        now = self.context.clock()
        parameters = {
            "activation_id": activation.id,
            "link_generation": activation.generation,
            "since": now - DAY,
            "cap": self.context.policy.caps.refusals_a_day,
            "now": now,
        }
        with self.context.database.write_connection() as connection:
            if not connection.execute(_RESERVE, parameters).rowcount:
                return False
            connection.execute(_NEW_ATTEMPT, _attempt_values(activation, card, browser, transaction, now))
        return True

    def _take_back_attempt(self, activation: ActivationView, transaction: str) -> None:
        parameters = {
            "activation_id": activation.id,
            "transaction_id": transaction,
            "changed_before": activation.changed_at,
        }
        with self.context.database.write_connection() as connection:
            connection.execute(_REOPEN_CARD_PAGE, parameters)
            connection.execute(_TAKE_BACK, parameters)

    def _record_challenge(self, transaction: str, challenge: BankChallenge) -> None:
        parameters = {
            "transaction_id": transaction,
            "url": challenge.url,
            "acs": challenge.acs_transaction,
            "now": self.context.clock(),
        }
        with self.context.database.write_connection() as connection:
            connection.execute(_RECORD_CHALLENGE, parameters)


_CAP: BindParameter[int] = bindparam("cap")

#: Counted since the later of a day ago and the last send: a resend opens the page at once.
_RECENT_REFUSALS = (
    Attempt.activation_id == Activation.id,
    Attempt.counted.is_(True),
    Attempt.concluded_at > bindparam("since"),
    Attempt.concluded_at >= Activation.invited_at,
)

LAST_REFUSALS = (
    select(Attempt.concluded_at)
    .join(Activation, Activation.id == Attempt.activation_id)
    .where(Activation.id == bindparam("activation_id"), *_RECENT_REFUSALS)
    .order_by(Attempt.concluded_at.desc())
    .limit(_CAP)
)

_RECENT_REFUSAL_COUNT = (
    select(func.count()).select_from(Attempt).where(*_RECENT_REFUSALS).correlate(Activation)
)

_RESERVE = (
    update(Activation)
    .where(
        Activation.id == bindparam("activation_id"),
        Activation.state == ActivationState.TERMS_ACCEPTED,
        Activation.generation == bindparam("link_generation"),
        _RECENT_REFUSAL_COUNT.scalar_subquery() < _CAP,
    )
    .values(
        state=next_state(ActivationState.TERMS_ACCEPTED, LifecycleAction.SUBMIT_CARD),
        changed_at=bindparam("now"),
    )
)

#: Nobody needs its id.
_NEW_ATTEMPT = insert(Attempt).inline()

_STILL_OPEN = (Attempt.transaction == bindparam("transaction_id"), Attempt.concluded_at.is_(None))

_REOPEN_CARD_PAGE = (
    update(Activation)
    .where(
        Activation.id == bindparam("activation_id"),
        Activation.state == ActivationState.AWAITING_BANK,
        exists().where(*_STILL_OPEN),
    )
    .values(
        state=next_state(ActivationState.AWAITING_BANK, LifecycleAction.START_OVER),
        changed_at=bind_moment("changed_before"),
    )
)

_TAKE_BACK = delete(Attempt).where(*_STILL_OPEN)

_RECORD_CHALLENGE = (
    update(Attempt)
    .where(*_STILL_OPEN)
    .values(challenge_url=bindparam("url"), acs_transaction=bindparam("acs"), challenged_at=bindparam("now"))
)


def _attempt_values(
    activation: ActivationView, card: Card, browser: BrowserInfo, transaction: str, now: datetime
) -> Mapping[str, object]:
    return {
        "activation_id": activation.id,
        "transaction": transaction,
        "generation": activation.generation,
        "brand": card.brand,
        "last_four": card.last_four,
        "language": browser.language,
        "started_at": now,
        "next_check_at": now + CHECK_WAITING,
    }


def _authentication_order(
    activation: ActivationView, browser: BrowserInfo, transaction: str
) -> CardAuthenticationRequest:
    return CardAuthenticationRequest(
        transaction=transaction,
        client_reference=activation.client_reference,
        bank=activation.bank,
        office=activation.office,
        language=browser.language,
        return_url=browser.return_url,
        user_agent=browser.user_agent,
        accept=browser.accept,
    )
