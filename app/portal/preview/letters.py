"""The mails on a stage: written by the same texts, about what is shown."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from app.domain.activation import ActivationState
from app.domain.banks import ActivationRoute
from app.domain.cards import CardBrand
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.terms import CURRENT_TERMS
from app.mail.letters import AnyLetter, LastRefusal, MailContext, SignInMailContext
from app.portal.door import visitor
from app.portal.letters import Shown, Subject, by_hand, show
from app.portal.preview.journey import LAST_FOUR
from app.portal.preview.stage import Stage, now

_CARDHOLDER = "cardholder@example.be"
_SIGN_IN_LIFE = timedelta(minutes=15)


def letter(kind: MailKind, stage: Stage, dossier: tuple[str, str]) -> Shown:
    """Return a mail of a kind as it would leave for what is shown."""
    if kind is MailKind.SIGN_IN:
        return show(_sign_in(stage))
    subject = Subject(*dossier, stage.bank_key, stage.reference, stage.language, _CARDHOLDER)
    written = replace(by_hand(kind, subject), contact_language=stage.language)
    happened = _BEFORE.get(kind)
    by_card = kind is MailKind.PROBLEM and stage.bank.route is ActivationRoute.LINK
    return show(happened(written) if happened else written, _refusal(stage) if by_card else None)


def _active(written: MailContext) -> MailContext:
    accepted = CURRENT_TERMS if written.bank.route is ActivationRoute.LINK else None
    return replace(written, state=ActivationState.ACTIVE, activated_at=now(), accepted_terms=accepted)


def _refused(written: MailContext) -> MailContext:
    return replace(written, refused_at=now() if written.bank.route is ActivationRoute.BANK_APP else None)


#: What has happened by the time that such a mail leaves.
_BEFORE: Mapping[MailKind, Callable[[MailContext], MailContext]] = {
    MailKind.CONFIRMATION: _active,
    MailKind.CONFIRMATION_UNDELIVERED: _active,
    MailKind.PROBLEM: _refused,
}


def _refusal(stage: Stage) -> LastRefusal:
    return LastRefusal(Failure.WRONG_CARD, now(), CardBrand.VISA, LAST_FOUR, stage.language)


def _sign_in(stage: Stage) -> AnyLetter:
    return SignInMailContext(
        message_id=0,
        kind=MailKind.SIGN_IN,
        round=1,
        created_at=now(),
        tries=0,
        leased_until=None,
        public_id="",
        expires_at=now() + _SIGN_IN_LIFE,
        claimed_at=None,
        contact=visitor().email,
        recipient_language=stage.language,
        office=visitor().office,
    )
