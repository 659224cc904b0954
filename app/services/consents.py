"""The cardholder's consent: recorded when both boxes are ticked, completed by the bank's evidence."""

from dataclasses import dataclass

from sqlalchemy import func, select, update

from app.context import Context
from app.domain.bank_results import BankResult
from app.domain.history import CARDHOLDER, EventType
from app.domain.states import ActivationState, LifecycleAction, next_state
from app.models import Activation, Consent
from app.queries.activation_view import ActivationView
from app.services.unit_of_work import UnitOfWork, unit_of_work


@dataclass(frozen=True)
class ConsentEvidence:
    """What the page showed when both boxes were ticked: the evidence of the consent."""

    terms_version: str
    language: str
    terms_sha256: str
    labels_sha256: str


@dataclass(frozen=True)
class ConsentService:
    """Accepting the terms."""

    context: Context

    def accept_terms(self, activation: ActivationView, evidence: ConsentEvidence) -> None:
        """Record the consent and open the card page; a second click records nothing more."""
        with unit_of_work(self.context) as work:
            accepted = work.session.execute(
                update(Activation)
                .where(
                    Activation.id == activation.id,
                    Activation.state == ActivationState.INVITED,
                    Activation.generation == activation.generation,
                )
                .values(
                    state=next_state(ActivationState.INVITED, LifecycleAction.ACCEPT_TERMS),
                    # The mails that follow speak the language in which the terms were read.
                    language=evidence.language,
                    changed_at=work.now,
                )
                .returning(Activation.id)
            ).one_or_none()
            if accepted is None:
                return
            work.session.add(_new_consent(work, activation, evidence))
            work.record_event(activation.id, EventType.TERMS_ACCEPTED, CARDHOLDER, evidence.terms_version)


def complete_consent(work: UnitOfWork, activation_id: int, transaction: str, result: BankResult) -> None:
    """Join the bank's evidence to the consent that led there, once."""
    newest = select(func.max(Consent.id)).where(Consent.activation_id == activation_id)
    work.session.execute(
        update(Consent)
        .where(Consent.id == newest.scalar_subquery(), Consent.bank_status.is_(None))
        .values(bank_status=result.status, bank_transaction=transaction)
    )


def _new_consent(work: UnitOfWork, activation: ActivationView, evidence: ConsentEvidence) -> Consent:
    return Consent(
        activation_id=activation.id,
        generation=activation.generation,
        client_reference=activation.client_reference,
        office=activation.office,
        terms_version=evidence.terms_version,
        language=evidence.language,
        terms_sha256=evidence.terms_sha256,
        labels_sha256=evidence.labels_sha256,
        reference_confirmed=True,
        conditions_accepted=True,
        accepted_at=work.now,
        build=work.context.policy.build,
    )
