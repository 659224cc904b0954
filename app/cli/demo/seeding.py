"""One fresh activation for each state that is worth a look, made by the use cases themselves."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from app.bank.gateway import BankChallenge, BankReturn, CardAuthenticationRequest, ChallengeForm
from app.domain.bank_results import BankResult, CardVerification, RegisterRefusal, TransactionStatus
from app.domain.banks import SAMPLE_BANKS, ActivationRoute
from app.domain.cards import Card
from app.domain.order_rules import OrderRequest
from app.domain.telephones import SAMPLE_TELEPHONE
from app.i18n import DEFAULT_LANGUAGE
from app.queries.activation_view import ActivationView
from app.services.card_attempts import BrowserInfo
from app.services.consents import ConsentEvidence
from app.services.sign_in import SignInService
from app.web.extensions import Services

ACTOR = "demo"
_UNSHOWN = hashlib.sha256(b"demonstration: no page was shown").hexdigest()
_BROWSER = BrowserInfo(
    DEFAULT_LANGUAGE, user_agent=ACTOR, accept="text/html", return_url="http://localhost/3ds/return"
)
_CARD = Card(number="4000024329596391", expiry="9912", code="123")
_SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


@dataclass(frozen=True)
class _FixedAnswerBank:
    """A bank that has made up its mind: whatever the card, the same answer at once."""

    answer: RegisterRefusal | BankResult

    def authenticate_card(
        self, card: Card, request: CardAuthenticationRequest
    ) -> RegisterRefusal | BankResult:
        """Answer without asking the cardholder anything."""
        return self.answer

    def fetch_result(self, transaction: str) -> None:
        """Keep nothing that could be fetched later."""

    def challenge_form(self, transaction: str, challenge: BankChallenge, handle: str) -> ChallengeForm:
        """Show no page."""
        raise NotImplementedError

    def read_return(self, fields: Mapping[str, str]) -> BankReturn:
        """Recognise nobody."""
        return BankReturn(transaction=None, handle=None)


def sign_in_link(sign_in: SignInService) -> str:
    """Return a link with which an accountant of the office that orders signs in."""
    return sign_in.create_sign_in_link("sophie@lambert.example") or ""


def set_sample_telephones(services: Services) -> None:
    """Give each office a number that rings nowhere, but for those that have one."""
    for office in services.offices.list_offices():
        if office.telephone is None:
            services.offices.set_telephone(office.name, SAMPLE_TELEPHONE)


def create_demo_links(services: Services) -> dict[str, str]:
    """Make the services and return their links by state."""
    return {state: make(services) for state, make in STATES.items()}


def _seed_invited(services: Services) -> str:
    placed = services.orders.place_order(
        OrderRequest(
            office="Fiduciaire Lambert",
            dossier_code="BOUL01",
            bank=SAMPLE_BANKS[ActivationRoute.LINK],
            client_reference=f"6{secrets.randbelow(10**9):09d}",
            address="titulaire@boulangerie-tilleul.example",
            language=DEFAULT_LANGUAGE,
            actor=ACTOR,
        )
    )
    return placed.link or ""


def _terms_accepted(services: Services) -> str:
    link = _seed_invited(services)
    terms = services.terms.current(DEFAULT_LANGUAGE)
    agreement = ConsentEvidence(terms.version, DEFAULT_LANGUAGE, terms.sha256, labels_sha256=_UNSHOWN)
    services.consents.accept_terms(_read_activation(services, link), agreement)
    return link


def _seed_active(services: Services) -> str:
    yesterday = _shift_clock(services, timedelta(days=1))
    link = _terms_accepted(yesterday)
    _try_card(yesterday, link, _SIGNED)
    return link


def _seed_problem(services: Services) -> str:
    link = _terms_accepted(services)
    _try_card(services, link, RegisterRefusal.NOT_LINKED)
    return link


def _seed_locked(services: Services) -> str:
    link = _terms_accepted(services)
    for _ in range(services.context.policy.caps.refusals_a_day):
        _try_card(services, link, RegisterRefusal.NOT_LINKED)
    return link


def _seed_expired(services: Services) -> str:
    return _seed_invited(_shift_clock(services, services.context.policy.link_life + timedelta(days=1)))


def _seed_replaced(services: Services) -> str:
    link = _seed_invited(services)
    services.invitations.replace_link(_read_activation(services, link).public_id, ACTOR)
    return link


def _seed_cancelled(services: Services) -> str:
    link = _seed_invited(services)
    services.invitations.cancel_activation(_read_activation(services, link).public_id, ACTOR)
    return link


STATES: Mapping[str, Callable[[Services], str]] = {
    "invited": _seed_invited,
    "terms_accepted": _terms_accepted,
    "active": _seed_active,
    "problem": _seed_problem,
    "locked": _seed_locked,
    "expired": _seed_expired,
    "replaced": _seed_replaced,
    "withdrawn": _seed_cancelled,
}


def _read_activation(services: Services, link: str) -> ActivationView:
    return services.links.open_link(link.rpartition("/")[2])


def _shift_clock(services: Services, age: timedelta) -> Services:
    """Return the same services as if it were so long ago."""
    clock = services.clock
    return replace(services, context=replace(services.context, clock=lambda: clock() - age))


def _try_card(services: Services, link: str, answer: RegisterRefusal | BankResult) -> None:
    decided = replace(services, bank=_FixedAnswerBank(answer))
    decided.card_attempts.submit_card(_read_activation(decided, link), _CARD, _BROWSER)
