"""What the wizard's pages can do: for a cardholder it happens, another journey may only show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from app.domain.cards import Card
from app.i18n import current_language
from app.queries.activation_view import ActivationView, AttemptView
from app.services.activations import Activations
from app.services.card_attempts import BrowserInfo
from app.services.links import ConsentEvidence
from app.web.cookies import link_cookie_name
from app.web.extensions import services

_LONGEST_HEADER = 2048


class Journey(Protocol):
    """One way through the wizard; its views speak to nothing else."""

    def open_page(self, public_id: str) -> ActivationView:
        """Open a page; raise LinkUnavailable where the browser may not."""
        ...

    def accept_terms(self, standing: ActivationView, agreement: ConsentEvidence) -> None:
        """Record that both boxes were ticked."""
        ...

    def card_page_opens_at(self, standing: ActivationView) -> datetime | None:
        """Return when the card page opens again after too many refusals; None while it is open."""
        ...

    def card_fields(self) -> "MultiDict[str, str]":
        """Return the fields of the card page."""
        ...

    def submit_card(self, standing: ActivationView, card: Card) -> bool:
        """Try a card at the bank, and tell whether its page comes next."""
        ...

    def last_attempt(self, standing: ActivationView) -> AttemptView | None:
        """Return the newest attempt."""
        ...

    def attempt_handle(self, attempt: AttemptView) -> str:
        """Return what the bank hands back, so that its answer finds the attempt without a cookie."""
        ...

    def check_result(self, standing: ActivationView) -> None:
        """Ask the bank now."""
        ...

    def start_over(self, standing: ActivationView) -> None:
        """Close the open attempt, unless the bank has decided."""
        ...


@dataclass(frozen=True)
class LiveJourney:
    """The cardholder's own journey: it reads the link's cookie and everything is real."""

    activations: Activations
    cookie: str | None

    def open_page(self, public_id: str) -> ActivationView:
        """Open a page; raise LinkUnavailable where the link's cookie is missing or dead."""
        return self.activations.open_page(public_id, self.cookie)

    def accept_terms(self, standing: ActivationView, agreement: ConsentEvidence) -> None:
        """Record the consent."""
        self.activations.accept_terms(standing, agreement)

    def card_page_opens_at(self, standing: ActivationView) -> datetime | None:
        """Ask the cap on counted refusals."""
        return self.activations.card_page_opens_at(standing)

    def card_fields(self) -> "MultiDict[str, str]":
        """Return what the cardholder has typed."""
        return request.form

    def submit_card(self, standing: ActivationView, card: Card) -> bool:
        """Try a card at the bank; raise LinkUnavailable while the card page is closed."""
        return self.activations.submit_card(standing, card, _browser_info())

    def last_attempt(self, standing: ActivationView) -> AttemptView | None:
        """Read the newest attempt."""
        return self.activations.last_attempt(standing)

    def attempt_handle(self, attempt: AttemptView) -> str:
        """Sign the attempt's transaction."""
        return self.activations.links.sign_attempt_handle(attempt.transaction)

    def check_result(self, standing: ActivationView) -> None:
        """Fetch the bank's result now and conclude what it decides."""
        self.activations.check_open_attempt(standing)

    def start_over(self, standing: ActivationView) -> None:
        """Ask the bank once more, then close the attempt as superseded."""
        self.activations.give_up_attempt(standing)


def live_journey() -> Journey:
    """Begin the journey of the browser that asks."""
    found = services()
    return LiveJourney(found.activations, request.cookies.get(link_cookie_name(found.settings)))


def _browser_info() -> BrowserInfo:
    return BrowserInfo(
        language=current_language(),
        user_agent=request.user_agent.string[:_LONGEST_HEADER],
        accept=request.headers.get("Accept", "*/*")[:_LONGEST_HEADER],
        return_url=services().settings.public_url + url_for("entry.receive_return"),
    )
