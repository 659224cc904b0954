"""Through the door: from the mailed link to the accepted terms. Reading a link changes nothing."""

from dataclasses import dataclass

from sqlalchemy import update

from app.activations.desk import CARDHOLDER, Desk
from app.activations.refusals import Unavailable
from app.activations.standing import LastAttempt, Standing, read_last_attempt, read_standing
from app.domain.activation import ActivationState, LifecycleAction, LinkCondition, link_condition, next_state
from app.domain.history import EventType
from app.links import LinkIdentity, NotOurs
from app.models import Activation, Consent


@dataclass(frozen=True)
class Agreement:
    """What the page showed when both boxes were ticked: the evidence of the consent."""

    terms_version: str
    language: str
    terms_sha256: str
    labels_sha256: str


class Entries(Desk):
    """How a cardholder comes in and agrees."""

    def open_link(self, text: str) -> Standing:
        """Read a mailed link as it came; raise Unavailable with the condition that closes it."""
        try:
            identity = self.links.read_token(text)
        except NotOurs:
            raise Unavailable(LinkCondition.ALTERED) from None
        standing = self._admit(identity, LinkCondition.UNKNOWN)
        if standing.state is ActivationState.ACTIVE:
            raise Unavailable(LinkCondition.ACTIVE, standing)
        return standing

    def cookie_for(self, standing: Standing) -> str:
        """Return the cookie that stands for the link on the wizard's pages."""
        return self.links.cookie(LinkIdentity(standing.public_id, standing.generation))

    def enter(self, public_id: str, cookie: str | None) -> Standing:
        """Open a wizard page; raise Unavailable where the link's cookie is missing or dead."""
        try:
            identity = self.links.read_cookie(cookie or "")
        except NotOurs:
            raise Unavailable(LinkCondition.MISSING) from None
        if identity.public_id != public_id:
            raise Unavailable(LinkCondition.MISSING)
        return self._admit(identity, LinkCondition.MISSING)

    def accept_terms(self, standing: Standing, agreement: Agreement) -> None:
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
            session.add(self._consent(standing, agreement))
            self._note(session, standing.id, EventType.TERMS_ACCEPTED, CARDHOLDER, agreement.terms_version)

    def last_attempt(self, standing: Standing) -> LastAttempt | None:
        """Read the newest attempt, for the pages that tell of it."""
        with self.database.connection() as connection:
            return read_last_attempt(connection, standing)

    def _admit(self, identity: LinkIdentity, unknown: LinkCondition) -> Standing:
        with self.database.connection() as connection:
            standing = read_standing(connection, identity.public_id)
        if standing is None:
            raise Unavailable(unknown)
        condition = link_condition(standing.facts(identity.generation), self.clock())
        if condition is LinkCondition.UNKNOWN:
            raise Unavailable(unknown)
        if condition not in (None, LinkCondition.ACTIVE):
            raise Unavailable(condition, standing)
        return standing

    def _consent(self, standing: Standing, agreement: Agreement) -> Consent:
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
