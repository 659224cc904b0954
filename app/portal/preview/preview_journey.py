"""The journey of the preview: the same pages, and nothing happens."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from flask import abort, g, request, url_for
from werkzeug.datastructures import MultiDict

from app.bank.gateway import ChallengeForm
from app.clock import brussels_day
from app.domain.banks import ActivationRoute
from app.domain.caps import DAY
from app.domain.cards import Card, CardBrand
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome
from app.domain.message_rules import OfficeMessage
from app.domain.states import ActivationState, LinkCondition
from app.domain.verdicts import BEFORE_BANK_PAGE
from app.i18n import current_language
from app.portal.preview.preview_pages import PREVIEW_PAGES, current_subject, preview_now
from app.portal.sign_in_guard import current_accountant
from app.queries.activation_view import ActivationView, AttemptView, ReceiptView
from app.services.card_attempts import CardSubmission
from app.services.consents import ConsentEvidence
from app.services.links import LinkUnavailable
from app.services.office_messages import MessageReceipt
from app.web.extensions import services

LAST_FOUR = "6391"
#: A published test number; no page shows it.
_TEST_CARD = f"400002432959{LAST_FOUR}"
_SAMPLE_CONSENT, _SAMPLE_ADDRESS = "9f1c7d6e-3b2a-4c5d-8e9f-0a1b2c3d4e5f", "name@example.be"
_NEXT_YEAR = timedelta(days=366)

#: The state in which each page is open; only the result depends on the scene.
_STATES: Mapping[str, ActivationState] = {
    "show_welcome": ActivationState.INVITED,
    "accept_terms": ActivationState.INVITED,
    "show_wrong_reference": ActivationState.INVITED,
    "show_card_form": ActivationState.TERMS_ACCEPTED,
    "submit_card": ActivationState.TERMS_ACCEPTED,
    "hand_over_to_bank": ActivationState.AWAITING_BANK,
    "check_result": ActivationState.AWAITING_BANK,
    "start_over": ActivationState.AWAITING_BANK,
}

#: These pages may tell nothing of a request, since nobody knows which one it is about.
_NAMELESS = frozenset({LinkCondition.ALTERED, LinkCondition.UNKNOWN, LinkCondition.MISSING})


class PreviewJourney:
    """A journey on which nothing is recorded, sent or counted, and no bank is asked."""

    def open_page(self, public_id: str) -> ActivationView:
        """Open any page; raise LinkUnavailable for the pages that show how a link does not open."""
        page = PREVIEW_PAGES.get(public_id)
        if page is None:
            abort(404)
        activation = _sample_activation(public_id)
        # As it happens: a bank whose cardholders activate in its own app has no link.
        condition = (
            LinkCondition.UNKNOWN
            if current_subject().bank.route is ActivationRoute.BANK_APP
            else page.condition
        )
        if condition:
            raise _closed_link(condition, activation)
        return activation

    def accept_terms(self, activation: ActivationView, agreement: ConsentEvidence) -> None:
        """Record nothing."""

    def card_page_opens_at(self, activation: ActivationView) -> datetime | None:
        """Close the card page where too many refusals are shown."""
        return _sample_opening() if activation.public_id == "closed" else None

    def card_fields(self) -> "MultiDict[str, str]":
        """Return the test card, whatever was sent: the fields of the preview are closed."""
        return MultiDict({"card_number": _TEST_CARD, "expiry": sample_expiry(), "security_code": "123"})

    def submit_card(self, activation: ActivationView, card: Card) -> CardSubmission:
        """Ask nobody, and go on to the page of the bank."""
        return CardSubmission.CHALLENGED

    def last_attempt(self, activation: ActivationView) -> AttemptView | None:
        """Return the attempt that the scene tells of."""
        if activation.state is ActivationState.AWAITING_BANK:
            return _open_attempt(activation.public_id)
        failure = PREVIEW_PAGES[activation.public_id].failure
        return _failed_attempt(failure) if failure else None

    def receipt(self, activation: ActivationView) -> ReceiptView:
        """Return a sample."""
        return ReceiptView(
            consent=_SAMPLE_CONSENT,
            brand=CardBrand.VISA,
            last_four=LAST_FOUR,
            address=_SAMPLE_ADDRESS,
            terms_version=services().settings.terms_version,
            terms_language=current_language(),
        )

    def challenge_form(self, attempt: AttemptView) -> ChallengeForm:
        """Lead to the next page, and hand the bank nothing."""
        return ChallengeForm(url_for("preview.show_bank_page"), {})

    def check_result(self, activation: ActivationView) -> None:
        """Ask nobody."""

    def start_over(self, activation: ActivationView) -> None:
        """Lead back to the card, as giving up an attempt does."""
        g.public_id = "card"


def sample_receipt(message: OfficeMessage) -> MessageReceipt:
    """Return a message that the office has had since now."""
    return MessageReceipt(_sample_activation(f"message-{message}"), message, preview_now())


def sample_expiry() -> str:
    """Return an expiry date that every card page takes."""
    return f"{brussels_day(preview_now() + _NEXT_YEAR):%m/%y}"


def _sample_activation(key: str) -> ActivationView:
    page = (request.endpoint or "").rpartition(".")[2]
    state = _STATES.get(page, PREVIEW_PAGES[key].state)
    return ActivationView(
        id=0,
        public_id=key,
        generation=1,
        state=state,
        client_reference=current_subject().reference,
        bank=current_subject().bank_key,
        office=current_accountant().office,
        contact=current_accountant().email,
        telephone=current_accountant().telephone,
        language=current_subject().language,
        invited_at=preview_now(),
        expires_at=preview_now() + services().settings.link_life,
        changed_at=preview_now(),
        activated_at=preview_now() if state is ActivationState.ACTIVE else None,
        was_refused=False,
    )


def _closed_link(condition: LinkCondition, activation: ActivationView) -> LinkUnavailable:
    if condition in _NAMELESS:
        return LinkUnavailable(condition)
    # Each of these pages names one moment, and here all of them are the present one.
    sample = replace(activation, expires_at=preview_now())
    return LinkUnavailable(
        condition, sample, _sample_opening() if condition is LinkCondition.LOCKED else None
    )


def _sample_opening() -> datetime:
    return preview_now() + DAY


def _open_attempt(key: str) -> AttemptView:
    return AttemptView(
        transaction="preview",
        acs_transaction="preview",
        challenge_url=None,
        brand=CardBrand.VISA,
        last_four=LAST_FOUR,
        started_at=preview_now(),
        challenged_at=None if key == "asking" else preview_now(),
        returned_at=preview_now() if key == "pending" else None,
        concluded_at=None,
        outcome=None,
        failure=None,
    )


def _failed_attempt(failure: Failure) -> AttemptView:
    return replace(
        _open_attempt("asking" if failure in BEFORE_BANK_PAGE else "failed"),
        returned_at=preview_now(),
        concluded_at=preview_now(),
        outcome=AttemptOutcome.FAILED,
        failure=failure,
    )
