"""Opening a link, and its pages, up to the accepted terms. Reading a link changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from app.context import CARDHOLDER, Context
from app.domain.history import EventType
from app.domain.states import ActivationState, LifecycleAction, LinkCondition, link_condition, next_state
from app.models import Activation, Consent
from app.queries.activation_view import ActivationView, AttemptView, read_activation, read_last_attempt
from app.tokens import InvalidToken, LinkClaims


class LinkUnavailable(Exception):
    """The link does not open the wizard; `standing` is None where nothing may be told."""

    def __init__(
        self,
        condition: LinkCondition,
        standing: ActivationView | None = None,
        opens_at: datetime | None = None,
    ) -> None:
        super().__init__(condition.value)
        self.condition = condition
        self.standing = standing
        self.opens_at = opens_at


@dataclass(frozen=True)
class ConsentEvidence:
    """What the page showed when both boxes were ticked: the evidence of the consent."""

    terms_version: str
    language: str
    terms_sha256: str
    labels_sha256: str


class LinkService(Context):
    """How a cardholder comes in and agrees."""

    def open_link(self, text: str) -> ActivationView:
        """Read a mailed link as it came; raise LinkUnavailable with the condition that closes it."""
        try:
            identity = self.links.read_link_token(text)
        except InvalidToken:
            raise LinkUnavailable(LinkCondition.ALTERED) from None
        standing = self._admit_link(identity, LinkCondition.UNKNOWN)
        if standing.state is ActivationState.ACTIVE:
            raise LinkUnavailable(LinkCondition.ACTIVE, standing)
        return standing

    def sign_cookie(self, standing: ActivationView) -> str:
        """Return the cookie that stands for the link on the wizard's pages."""
        return self.links.sign_link_cookie(LinkClaims(standing.public_id, standing.generation))

    def open_page(self, public_id: str, cookie: str | None) -> ActivationView:
        """Open a wizard page; raise LinkUnavailable where the link's cookie is missing or dead."""
        try:
            identity = self.links.read_link_cookie(cookie or "")
        except InvalidToken:
            raise LinkUnavailable(LinkCondition.MISSING) from None
        if identity.public_id != public_id:
            raise LinkUnavailable(LinkCondition.MISSING)
        return self._admit_link(identity, LinkCondition.MISSING)

    def accept_terms(self, standing: ActivationView, agreement: ConsentEvidence) -> None:
        """Record the consent and open the card page; a second click records nothing more."""
        with self.database.transaction() as session:
            accepted = session.execute(
                update(Activation)
                .where(
                    Activation.id == standing.id,
                    Activation.state == ActivationState.INVITED,
                    Activation.generation == standing.generation,
                )
                .values(
                    state=next_state(ActivationState.INVITED, LifecycleAction.ACCEPT_TERMS),
                    changed_at=self.clock(),
                )
                .returning(Activation.id)
            ).one_or_none()
            if accepted is None:
                return
            session.add(self._consent_row(standing, agreement))
            self.record_event(
                session, standing.id, EventType.TERMS_ACCEPTED, CARDHOLDER, agreement.terms_version
            )

    def last_attempt(self, standing: ActivationView) -> AttemptView | None:
        """Read the newest attempt, for the pages that tell of it."""
        with self.database.read_connection() as connection:
            return read_last_attempt(connection, standing)

    def _admit_link(self, identity: LinkClaims, unknown: LinkCondition) -> ActivationView:
        with self.database.read_connection() as connection:
            standing = read_activation(connection, identity.public_id)
        if standing is None:
            raise LinkUnavailable(unknown)
        condition = link_condition(standing.link_status(identity.generation), self.clock())
        if condition is LinkCondition.UNKNOWN:
            raise LinkUnavailable(unknown)
        if condition not in (None, LinkCondition.ACTIVE):
            raise LinkUnavailable(condition, standing)
        return standing

    def _consent_row(self, standing: ActivationView, agreement: ConsentEvidence) -> Consent:
        return Consent(
            activation_id=standing.id,
            generation=standing.generation,
            client_reference=standing.client_reference,
            office=standing.office,
            terms_version=agreement.terms_version,
            language=agreement.language,
            terms_sha256=agreement.terms_sha256,
            labels_sha256=agreement.labels_sha256,
            reference_confirmed=True,
            conditions_accepted=True,
            accepted_at=self.clock(),
            build=self.build,
        )
