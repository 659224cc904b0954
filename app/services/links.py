"""Opening a link and its pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.context import Context
from app.domain.states import STEPS, ActivationState, LinkCondition, WizardStep, link_condition
from app.queries.activation_view import (
    ActivationView,
    AttemptView,
    ReceiptView,
    ReturnedAttemptView,
    read_activation,
    read_last_attempt,
    read_receipt,
    read_returned_attempt,
)
from app.tokens import InvalidToken, LinkClaims

#: For so long after an attempt has ended, the handle that travelled to the bank tells how it ended.
OUTCOME_READABLE_FOR = timedelta(minutes=30)


class LinkUnavailable(Exception):
    """The link does not open the wizard; `activation` is None where nothing may be told."""

    def __init__(
        self,
        condition: LinkCondition,
        activation: ActivationView | None = None,
        opens_at: datetime | None = None,
    ) -> None:
        super().__init__(condition.value)
        self.condition = condition
        self.activation = activation
        self.opens_at = opens_at


@dataclass(frozen=True)
class LinkService:
    """How a cardholder comes in; reading a link changes nothing."""

    context: Context

    def open_link(self, text: str) -> ActivationView:
        """Read a mailed link as it came; raise LinkUnavailable with the condition that closes it."""
        try:
            claims = self.context.tokens.read_link_token(text)
        except InvalidToken:
            raise LinkUnavailable(LinkCondition.ALTERED) from None
        activation = self._admit_link(claims, LinkCondition.UNKNOWN)
        if activation.state is ActivationState.ACTIVE:
            raise LinkUnavailable(LinkCondition.ACTIVE, activation)
        return activation

    def sign_cookie(self, activation: ActivationView) -> str:
        """Return the cookie that stands for the link on the wizard's pages."""
        return self.context.tokens.sign_link_cookie(LinkClaims(activation.public_id, activation.generation))

    def open_page(self, public_id: str, cookie: str | None) -> ActivationView:
        """Open a wizard page; raise LinkUnavailable where the link's cookie is missing or dead."""
        try:
            claims = self.context.tokens.read_link_cookie(cookie or "")
        except InvalidToken:
            raise LinkUnavailable(LinkCondition.MISSING) from None
        if claims.public_id != public_id:
            raise LinkUnavailable(LinkCondition.MISSING)
        return self._admit_link(claims, LinkCondition.MISSING)

    def first_step(self, activation: ActivationView) -> WizardStep:
        """Return the page to which the link leads: what went wrong last comes before another card."""
        if activation.state is ActivationState.TERMS_ACCEPTED:
            attempt = self.last_attempt(activation)
            if attempt and attempt.has_failed_since(activation.invited_at):
                return WizardStep.RESULT
        return STEPS[activation.state]

    def last_attempt(self, activation: ActivationView) -> AttemptView | None:
        """Read the newest attempt, for the pages that tell of it."""
        with self.context.database.read_connection() as connection:
            return read_last_attempt(connection, activation)

    def receipt(self, activation: ActivationView) -> ReceiptView | None:
        """Read what the cardholder can keep of an active service."""
        with self.context.database.read_connection() as connection:
            return read_receipt(connection, activation)

    def has_cookie(self, public_id: str, cookie: str | None) -> bool:
        """Tell whether a browser has opened a link of this activation, whatever became of it since."""
        try:
            return self.context.tokens.read_link_cookie(cookie or "").public_id == public_id
        except InvalidToken:
            return False

    def returned_attempt(self, public_id: str, handle: str) -> ReturnedAttemptView | None:
        """Return how the attempt of a handle stands; None where it is not ours, or told no longer."""
        transaction = self.context.tokens.find_attempt(handle)
        if transaction is None:
            return None
        with self.context.database.read_connection() as connection:
            attempt = read_returned_attempt(connection, public_id, transaction)
        if attempt is None or attempt.has_ended_before(self.context.clock() - OUTCOME_READABLE_FOR):
            return None
        return attempt

    def _admit_link(self, claims: LinkClaims, unknown: LinkCondition) -> ActivationView:
        with self.context.database.read_connection() as connection:
            activation = read_activation(connection, claims.public_id)
        if activation is None:
            raise LinkUnavailable(unknown)
        condition = link_condition(activation.link_status(claims.generation), self.context.clock())
        if condition is LinkCondition.UNKNOWN:
            raise LinkUnavailable(unknown)
        if condition not in (None, LinkCondition.ACTIVE):
            raise LinkUnavailable(condition, activation)
        return activation
