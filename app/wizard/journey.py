"""What the wizard's pages can do: for a cardholder it happens, another journey may only show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import current_app, request, url_for
from werkzeug.datastructures import MultiDict

from app.bank.gateway import ChallengeForm
from app.domain.cards import Card
from app.i18n import current_language
from app.queries.activation_view import ActivationView, AttemptView, ReceiptView
from app.services.card_attempts import BrowserInfo, CardSubmission
from app.services.consents import ConsentEvidence
from app.web.card_testing import note_refused_card, require_calm_network
from app.web.extensions import Services, services

_LONGEST_HEADER = 2048


class Journey(Protocol):
    """One way through the wizard; its views speak to nothing else."""

    def open_page(self, public_id: str) -> ActivationView:
        """Open a page; raise LinkUnavailable where the browser may not."""
        ...

    def accept_terms(self, activation: ActivationView, agreement: ConsentEvidence) -> None:
        """Record that both boxes were ticked."""
        ...

    def card_page_opens_at(self, activation: ActivationView) -> datetime | None:
        """Return when the card page opens again after too many refusals; None while it is open."""
        ...

    def card_fields(self) -> "MultiDict[str, str]":
        """Return the fields of the card page."""
        ...

    def submit_card(self, activation: ActivationView, card: Card) -> CardSubmission:
        """Try a card at the bank, and tell what became of it."""
        ...

    def last_attempt(self, activation: ActivationView) -> AttemptView | None:
        """Return the newest attempt."""
        ...

    def receipt(self, activation: ActivationView) -> ReceiptView | None:
        """Return what can be kept of an active service."""
        ...

    def challenge_form(self, attempt: AttemptView) -> ChallengeForm:
        """Return the form that takes the browser to the bank."""
        ...

    def check_result(self, activation: ActivationView) -> None:
        """Ask the bank now."""
        ...

    def start_over(self, activation: ActivationView) -> None:
        """Close the open attempt, unless the bank has decided."""
        ...


@dataclass(frozen=True)
class LiveJourney:
    """The cardholder's own journey: it reads the link's cookie and everything is real."""

    services: Services
    cookie: str | None

    def open_page(self, public_id: str) -> ActivationView:
        """Open a page; raise LinkUnavailable where the link's cookie is missing or dead."""
        return self.services.links.open_page(public_id, self.cookie)

    def accept_terms(self, activation: ActivationView, agreement: ConsentEvidence) -> None:
        """Record the consent."""
        self.services.consents.accept_terms(activation, agreement)

    def card_page_opens_at(self, activation: ActivationView) -> datetime | None:
        """Ask the cap on counted refusals."""
        return self.services.card_attempts.card_page_opens_at(activation)

    def card_fields(self) -> "MultiDict[str, str]":
        """Return what the cardholder has typed."""
        return request.form

    def submit_card(self, activation: ActivationView, card: Card) -> CardSubmission:
        """Try a card at the bank; raise LinkUnavailable while the card page is closed, and CardTesting."""
        require_calm_network(self.services)
        submitted = self.services.card_attempts.submit_card(activation, card, _browser_info())
        if submitted is CardSubmission.REFUSED:
            note_refused_card(self.services, activation.public_id)
        return submitted

    def last_attempt(self, activation: ActivationView) -> AttemptView | None:
        """Read the newest attempt."""
        return self.services.links.last_attempt(activation)

    def receipt(self, activation: ActivationView) -> ReceiptView | None:
        """Read the consent, the card and the address that is still known."""
        return self.services.links.receipt(activation)

    def challenge_form(self, attempt: AttemptView) -> ChallengeForm:
        """Return the bank's own form."""
        return self.services.card_attempts.challenge_form(attempt)

    def check_result(self, activation: ActivationView) -> None:
        """Fetch the bank's result now and conclude what it decides."""
        self.services.attempt_results.check_open_attempt(activation)

    def start_over(self, activation: ActivationView) -> None:
        """Ask the bank once more, then close the attempt as superseded."""
        self.services.attempt_results.give_up_attempt(activation)


def live_journey() -> Journey:
    """Begin the journey of the browser that asks."""
    return LiveJourney(services(), link_cookie())


def link_cookie() -> str | None:
    """Return the cookie of a link that this browser has opened; None where it brings none."""
    return request.cookies.get(current_app.config["LINK_COOKIE_NAME"])


def _browser_info() -> BrowserInfo:
    return BrowserInfo(
        language=current_language(),
        user_agent=request.user_agent.string[:_LONGEST_HEADER],
        accept=request.headers.get("Accept", "*/*")[:_LONGEST_HEADER],
        return_url=services().settings.public_url + url_for("entry.receive_return"),
    )
