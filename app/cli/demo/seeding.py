"""One fresh activation for each state that is worth a look, made by the use cases themselves."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from app.bank.gateway import AuthenticationOrder
from app.domain.bank_results import BankResult, CardVerification, RegisterRefusal, TransactionStatus
from app.domain.banks import SAMPLE_BANKS, ActivationRoute
from app.domain.cards import Card
from app.domain.order_rules import OrderRequest
from app.domain.states import CURRENT_TERMS
from app.queries.activation_view import ActivationView
from app.services.activations import Activations
from app.services.card_attempts import BrowserInfo
from app.services.links import ConsentEvidence
from app.services.sign_in import SignInService

ACTOR = "demo"
_LANGUAGE = "fr"
_UNSHOWN = hashlib.sha256(b"demonstration: no page was shown").hexdigest()
_AGREEMENT = ConsentEvidence(CURRENT_TERMS, _LANGUAGE, terms_sha256=_UNSHOWN, labels_sha256=_UNSHOWN)
_BROWSER = BrowserInfo(
    _LANGUAGE, user_agent=ACTOR, accept="text/html", return_url="http://localhost/3ds/return"
)
_CARD = Card(number="4000024329596391", expiry="9912", code="123")
_SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


@dataclass(frozen=True)
class _FixedAnswerBank:
    """A bank that has made up its mind: whatever the card, the same answer at once."""

    answer: RegisterRefusal | BankResult

    def authenticate_card(self, card: Card, request: AuthenticationOrder) -> RegisterRefusal | BankResult:
        """Answer without asking the cardholder anything."""
        return self.answer

    def fetch_result(self, transaction: str) -> None:
        """Keep nothing that could be fetched later."""


def sign_in_link(sign_in: SignInService) -> str:
    """Return a link with which an accountant of the office that orders signs in."""
    return sign_in.create_sign_in_link("sophie@lambert.example") or ""


def create_demo_links(activations: Activations) -> dict[str, str]:
    """Make the activations and return their links by state."""
    return {state: make(activations) for state, make in STATES.items()}


def _seed_invited(activations: Activations) -> str:
    placed = activations.place_order(
        OrderRequest(
            office="Fiduciaire Lambert",
            dossier_code="BOUL01",
            bank=SAMPLE_BANKS[ActivationRoute.LINK],
            client_reference=f"6{secrets.randbelow(10**9):09d}",
            address="titulaire@boulangerie-tilleul.example",
            language=_LANGUAGE,
            actor=ACTOR,
        )
    )
    return placed.link or ""


def _terms_accepted(activations: Activations) -> str:
    link = _seed_invited(activations)
    activations.accept_terms(_read_activation(activations, link), _AGREEMENT)
    return link


def _seed_active(activations: Activations) -> str:
    yesterday = _shift_clock(activations, timedelta(days=1))
    link = _terms_accepted(yesterday)
    _try_card(yesterday, link, _SIGNED)
    return link


def _seed_problem(activations: Activations) -> str:
    link = _terms_accepted(activations)
    _try_card(activations, link, RegisterRefusal.NOT_LINKED)
    return link


def _seed_locked(activations: Activations) -> str:
    link = _terms_accepted(activations)
    for _ in range(activations.caps.refusals_a_day):
        _try_card(activations, link, RegisterRefusal.NOT_LINKED)
    return link


def _seed_expired(activations: Activations) -> str:
    return _seed_invited(_shift_clock(activations, activations.link_life + timedelta(days=1)))


def _seed_replaced(activations: Activations) -> str:
    link = _seed_invited(activations)
    activations.replace_link(_read_activation(activations, link).public_id, ACTOR)
    return link


def _seed_cancelled(activations: Activations) -> str:
    link = _seed_invited(activations)
    activations.cancel_activation(_read_activation(activations, link).public_id, ACTOR)
    return link


STATES: Mapping[str, Callable[[Activations], str]] = {
    "invited": _seed_invited,
    "terms_accepted": _terms_accepted,
    "active": _seed_active,
    "problem": _seed_problem,
    "locked": _seed_locked,
    "expired": _seed_expired,
    "replaced": _seed_replaced,
    "withdrawn": _seed_cancelled,
}


def _read_activation(activations: Activations, link: str) -> ActivationView:
    return activations.open_link(link.rpartition("/")[2])


def _shift_clock(activations: Activations, age: timedelta) -> Activations:
    """Return the same use cases as if it were so long ago."""
    return replace(activations, clock=lambda: activations.clock() - age)


def _try_card(activations: Activations, link: str, answer: RegisterRefusal | BankResult) -> None:
    settled = replace(activations, bank=_FixedAnswerBank(answer))
    settled.submit_card(_read_activation(settled, link), _CARD, _BROWSER)
