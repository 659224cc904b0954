"""The mails on a stage: written by the same texts, about what is shown."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from app.domain.banks import ActivationRoute
from app.domain.cards import CardBrand
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.states import CURRENT_TERMS, ActivationState
from app.mail.mail_context import AnyLetter, LastRefusal, MailContext, SignInMailContext
from app.portal.door import current_accountant
from app.portal.letters import MailSubject, PreviewedMail, render_sample, sample_context
from app.portal.preview.journey import LAST_FOUR
from app.portal.preview.stage import PreviewSubject, preview_now

_CARDHOLDER = "cardholder@example.be"
_SIGN_IN_LIFE = timedelta(minutes=15)


def mail_of_page(kind: MailKind, stage: PreviewSubject, dossier: tuple[str, str]) -> PreviewedMail:
    """Return a mail of a kind as it would leave for what is shown."""
    if kind is MailKind.SIGN_IN:
        return render_sample(_sign_in_context(stage))
    subject = MailSubject(*dossier, stage.bank_key, stage.reference, stage.language, _CARDHOLDER)
    written = replace(sample_context(kind, subject), contact_language=stage.language)
    happened = _BEFORE.get(kind)
    by_card = kind is MailKind.PROBLEM and stage.bank.route is ActivationRoute.LINK
    return render_sample(
        happened(written) if happened else written, _sample_refusal(stage) if by_card else None
    )


def _activated_context(written: MailContext) -> MailContext:
    accepted = CURRENT_TERMS if written.bank.route is ActivationRoute.LINK else None
    return replace(written, state=ActivationState.ACTIVE, activated_at=preview_now(), accepted_terms=accepted)


def _refused_context(written: MailContext) -> MailContext:
    return replace(
        written, refused_at=preview_now() if written.bank.route is ActivationRoute.BANK_APP else None
    )


#: What has happened by the time that such a mail leaves.
_BEFORE: Mapping[MailKind, Callable[[MailContext], MailContext]] = {
    MailKind.CONFIRMATION: _activated_context,
    MailKind.CONFIRMATION_UNDELIVERED: _activated_context,
    MailKind.PROBLEM: _refused_context,
}


def _sample_refusal(stage: PreviewSubject) -> LastRefusal:
    return LastRefusal(Failure.WRONG_CARD, preview_now(), CardBrand.VISA, LAST_FOUR, stage.language)


def _sign_in_context(stage: PreviewSubject) -> AnyLetter:
    return SignInMailContext(
        message_id=0,
        kind=MailKind.SIGN_IN,
        round=1,
        created_at=preview_now(),
        tries=0,
        leased_until=None,
        public_id="",
        expires_at=preview_now() + _SIGN_IN_LIFE,
        claimed_at=None,
        contact=current_accountant().email,
        recipient_language=stage.language,
        office=current_accountant().office,
    )
