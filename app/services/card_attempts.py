"""The card's one moment: reserve the attempt, ask the bank with no transaction open, record the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Integer, bindparam, func, insert, select, update

from app.bank.gateway import AuthenticationOrder, BankChallenge, BankFault
from app.domain.bank_results import RegisterRefusal
from app.domain.caps import DAY, next_allowed_at
from app.domain.cards import Card
from app.domain.states import ActivationState, LifecycleAction, LinkCondition, next_state
from app.domain.verdicts import judge_bank_fault, judge_register_refusal
from app.models import Activation, Attempt
from app.queries.activation_view import ActivationView
from app.services.attempt_results import CHECK_WAITING, AttemptResultService
from app.services.links import LinkUnavailable


@dataclass(frozen=True)
class BrowserInfo:
    """What the bank is told of the browser, and where it sends it back to."""

    language: str
    user_agent: str
    accept: str
    return_url: str


class CardAttemptService(AttemptResultService):
    """Submitting a card, and the cap on refused ones."""

    def card_page_opens_at(self, standing: ActivationView) -> datetime | None:
        """Return when the card page opens again after too many counted refusals; None while it is open."""
        now, cap = self.clock(), self.caps.refusals_a_day
        asked = {"activation_id": standing.id, "since": now - DAY, "cap": cap}
        with self.database.read_connection() as connection:
            refused_at = connection.execute(_LAST_REFUSALS, asked).scalars()
            return next_allowed_at((at for at in refused_at if at), cap, DAY, now)

    def submit_card(self, standing: ActivationView, card: Card, browser: BrowserInfo) -> bool:
        """Try a card at the bank, and tell whether its page comes next rather than a result.

        A second submission while an attempt is open joins that attempt and asks nothing.
        Raise LinkUnavailable where too many refusals have closed the page.
        """
        transaction = str(uuid4())
        if not self._reserve_attempt(standing, card, browser, transaction):
            opens_at = self.card_page_opens_at(standing)
            if opens_at is not None:
                raise LinkUnavailable(LinkCondition.LOCKED, standing, opens_at)
            return True
        try:
            order = _authentication_request(standing, browser, transaction)
            answer = self.bank.authenticate_card(card, order)
        except BankFault as broken:
            self.record_failure(transaction, judge_bank_fault(broken.fault))
            return False
        match answer:
            case BankChallenge():
                self._record_challenge(transaction, answer)
            case RegisterRefusal():
                self.record_failure(transaction, judge_register_refusal(answer))
            case _:
                self._apply_result(transaction, answer)
        return isinstance(answer, BankChallenge)

    def _reserve_attempt(
        self, standing: ActivationView, card: Card, browser: BrowserInfo, transaction: str
    ) -> bool:
        now = self.clock()
        asked = {
            "activation_id": standing.id,
            "link_generation": standing.generation,
            "since": now - DAY,
            "cap": self.caps.refusals_a_day,
            "now": now,
        }
        with self.database.write_connection() as connection:
            if connection.execute(_RESERVE, asked).one_or_none() is None:
                return False
            connection.execute(_NEW_ATTEMPT, _attempt_values(standing, card, browser, transaction, now))
        return True

    def _record_challenge(self, transaction: str, challenge: BankChallenge) -> None:
        answer = {
            "asked": transaction,
            "url": challenge.url,
            "acs": challenge.acs_transaction,
            "now": self.clock(),
        }
        with self.database.write_connection() as connection:
            connection.execute(_CHALLENGED, answer)


_CAP = bindparam("cap", type_=Integer)

#: Counted since the later of a day ago and the last send: a resend opens the page at once.
_COUNTED_LATELY = (
    Attempt.activation_id == Activation.id,
    Attempt.counted.is_(True),
    Attempt.concluded_at > bindparam("since"),
    Attempt.concluded_at >= Activation.invited_at,
)

_LAST_REFUSALS = (
    select(Attempt.concluded_at)
    .join(Activation, Activation.id == Attempt.activation_id)
    .where(Activation.id == bindparam("activation_id"), *_COUNTED_LATELY)
    .order_by(Attempt.concluded_at.desc())
    .limit(_CAP)
)

_REFUSED_LATELY = select(func.count()).select_from(Attempt).where(*_COUNTED_LATELY).correlate(Activation)

_RESERVE = (
    update(Activation)
    .where(
        Activation.id == bindparam("activation_id"),
        Activation.state == ActivationState.TERMS_ACCEPTED,
        Activation.generation == bindparam("link_generation"),
        _REFUSED_LATELY.scalar_subquery() < _CAP,
    )
    .values(
        state=next_state(ActivationState.TERMS_ACCEPTED, LifecycleAction.SUBMIT_CARD),
        changed_at=bindparam("now"),
    )
    .returning(Activation.id)
)

_NEW_ATTEMPT = insert(Attempt)

_CHALLENGED = (
    update(Attempt)
    .where(Attempt.transaction == bindparam("asked"), Attempt.concluded_at.is_(None))
    .values(challenge_url=bindparam("url"), acs_transaction=bindparam("acs"), challenged_at=bindparam("now"))
)


def _attempt_values(
    standing: ActivationView, card: Card, browser: BrowserInfo, transaction: str, now: datetime
) -> Mapping[str, object]:
    return {
        "activation_id": standing.id,
        "transaction": transaction,
        "generation": standing.generation,
        "brand": card.brand,
        "last_four": card.last_four,
        "language": browser.language,
        "started_at": now,
        "next_check_at": now + CHECK_WAITING,
    }


def _authentication_request(
    standing: ActivationView, browser: BrowserInfo, transaction: str
) -> AuthenticationOrder:
    return AuthenticationOrder(
        transaction=transaction,
        client_reference=standing.client_reference,
        bank=standing.bank,
        office=standing.office,
        language=browser.language,
        return_url=browser.return_url,
        user_agent=browser.user_agent,
        accept=browser.accept,
    )
