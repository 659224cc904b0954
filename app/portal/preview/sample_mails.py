"""Mails to look at, made from samples and sent to nobody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app.domain.banks import ActivationRoute
from app.domain.cards import CardBrand
from app.domain.failures import Failure
from app.domain.history import EventType, MailKind
from app.domain.news_rules import NewsChoice
from app.domain.states import ActivationState
from app.mail.digest import DigestLine
from app.mail.mail_context import AnyMailContext, LastRefusal, MailContext
from app.mail.office_mail_context import (
    DigestMailContext,
    InvitationMailContext,
    NewBrowserMailContext,
    SignInMailContext,
)
from app.mail.rendering import MailRenderer, RenderedMail
from app.portal.preview.preview_journey import LAST_FOUR
from app.portal.preview.preview_pages import PreviewSubject, preview_now
from app.portal.sign_in_guard import current_accountant
from app.services.colleagues import INVITATION_LIFE
from app.services.sign_in import LINK_LIFE
from app.tokens import LinkClaims, TokenSigner
from app.web.extensions import services

#: What a mail knows of the rows behind it, where there are none.
_NO_ROW: Mapping[str, Any] = {
    "message_id": 0,
    "round": 1,
    "tries": 0,
    "leased_until": None,
    "activation_id": 0,
    "public_id": "…",
    "generation": 1,
    "current_round": 1,
    "state": ActivationState.INVITED,
    "activated_at": None,
    "refused_at": None,
    "accepted_terms": None,
    "contact_id": 0,
    "contact_news": NewsChoice.EACH,
    "has_left": False,
}


@dataclass(frozen=True)
class MailSubject:
    """What a mail is about, whether or not there is a request yet."""

    dossier_code: str
    dossier_name: str
    bank: str
    client_reference: str
    language: str
    address: str | None = None


def sample_context(kind: MailKind, subject: MailSubject) -> MailContext:
    """Return what a mail of this kind is about, had the visitor ordered now; `replace` what is to differ."""
    now = services().clock()
    return MailContext(
        **_NO_ROW,
        kind=kind,
        created_at=now,
        expires_at=now + services().settings.link_life,
        bank_key=subject.bank,
        client_reference=subject.client_reference,
        cardholder=subject.address,
        cardholder_language=subject.language,
        office=current_accountant().office,
        contact=current_accountant().email,
        contact_language=current_accountant().language,
        telephone=current_accountant().telephone,
        dossier_code=subject.dossier_code,
        dossier_name=subject.dossier_name,
    )


def render_sample(
    context: AnyMailContext, refusal: LastRefusal | None = None, template: str | None = None
) -> RenderedMail:
    """Return a mail in its reader's language, with links that nobody can use."""
    settings = services().settings
    links, url = _InertTokenSigner(settings.public_url), settings.public_url
    renderer = MailRenderer(
        links,
        url,
        settings.mail_sender,
        lambda _activation: refusal,
        settings.link_life,
        settings.caps,
        settings.terms_version,
    )
    return renderer.render_mail(context, template)


class _InertTokenSigner(TokenSigner):
    """Links as they look; nobody who reads over the accountant's shoulder comes in by them."""

    def __init__(self, public_url: str) -> None:
        super().__init__(["signs nothing"], public_url)

    def activation_url(self, identity: LinkClaims) -> str:
        """Return the beginning of an activation link."""
        return f"{self._public_url}/a/…"

    def sign_in_url(self, public_id: str) -> str:
        """Return the beginning of a link to sign in."""
        return f"{self._public_url}/portal/sign-in/…"

    invitation_url = sign_in_url

    def news_url(self, accountant_id: int) -> str:
        """Return the beginning of a link to choose one's mails."""
        return f"{self._public_url}/portal/news/…"


_CARDHOLDER, _COLLEAGUE = "cardholder@example.be", "colleague@example.be"


def mail_of_page(kind: MailKind, subject: PreviewSubject, dossier: tuple[str, str]) -> RenderedMail:
    """Return a mail of a kind as it would leave for what is shown."""
    if kind in _ABOUT_NO_REQUEST:
        return render_sample(_ABOUT_NO_REQUEST[kind](kind, subject))
    mail_subject = MailSubject(*dossier, subject.bank_key, subject.reference, subject.language, _CARDHOLDER)
    context = replace(sample_context(kind, mail_subject), contact_language=subject.language)
    add_history = _HISTORIES.get(kind)
    by_card = kind is MailKind.PROBLEM and subject.bank.route is ActivationRoute.LINK
    return render_sample(
        add_history(context) if add_history else context, _sample_refusal(subject) if by_card else None
    )


def _activated_context(context: MailContext) -> MailContext:
    accepted = services().settings.terms_version if context.bank.route is ActivationRoute.LINK else None
    return replace(context, state=ActivationState.ACTIVE, activated_at=preview_now(), accepted_terms=accepted)


def _expired_context(context: MailContext) -> MailContext:
    return replace(context, state=ActivationState.EXPIRED, expires_at=preview_now())


def _refused_context(context: MailContext) -> MailContext:
    return replace(
        context, refused_at=preview_now() if context.bank.route is ActivationRoute.BANK_APP else None
    )


#: What has happened by the time that such a mail leaves.
_HISTORIES: Mapping[MailKind, Callable[[MailContext], MailContext]] = {
    MailKind.CONFIRMATION: _activated_context,
    MailKind.CONFIRMATION_UNDELIVERED: _activated_context,
    MailKind.PROBLEM: _refused_context,
    MailKind.NEW_LINK_WANTED: _expired_context,
    MailKind.ACTIVATED: _activated_context,
    MailKind.EXPIRED: _expired_context,
}


def _sample_refusal(subject: PreviewSubject) -> LastRefusal:
    return LastRefusal(Failure.WRONG_CARD, preview_now(), CardBrand.VISA, LAST_FOUR, subject.language)


def _door_fields(kind: MailKind, subject: PreviewSubject, life: timedelta) -> dict[str, Any]:
    return {
        **{name: _NO_ROW[name] for name in ("message_id", "round", "tries", "leased_until")},
        "kind": kind,
        "created_at": preview_now(),
        "public_id": "",
        "expires_at": preview_now() + life,
        "claimed_at": None,
        "contact": current_accountant().email,
        "recipient_language": subject.language,
        "office": current_accountant().office,
    }


def _sign_in_context(kind: MailKind, subject: PreviewSubject) -> AnyMailContext:
    return SignInMailContext(**_door_fields(kind, subject, LINK_LIFE))


def _new_browser_context(kind: MailKind, subject: PreviewSubject) -> AnyMailContext:
    fields = _door_fields(kind, subject, LINK_LIFE)
    return NewBrowserMailContext(**fields, browser="Firefox", began_at=preview_now())


def _digest_context(kind: MailKind, subject: PreviewSubject) -> AnyMailContext:
    now, code, name = preview_now(), *subject.dossier_title
    return DigestMailContext(
        **{name: _NO_ROW[name] for name in ("message_id", "round", "tries", "leased_until")},
        kind=kind,
        created_at=now,
        contact_id=0,
        contact=current_accountant().email,
        recipient_language=subject.language,
        office=current_accountant().office,
        covers_from=now - timedelta(days=1),
        covers_until=now,
        contact_news=NewsChoice.DAILY,
        has_left=False,
        lines=[
            DigestLine(event, "…", subject.reference, code, name)
            for event in (EventType.ACTIVATED, EventType.EXPIRED)
        ],
    )


def _invitation_context(kind: MailKind, subject: PreviewSubject) -> AnyMailContext:
    fields = {**_door_fields(kind, subject, INVITATION_LIFE), "contact": _COLLEAGUE}
    return InvitationMailContext(**fields, inviter=current_accountant().email, is_taken=False)


_ABOUT_NO_REQUEST: Mapping[MailKind, Callable[[MailKind, PreviewSubject], AnyMailContext]] = {
    MailKind.SIGN_IN: _sign_in_context,
    MailKind.NEW_BROWSER: _new_browser_context,
    MailKind.DIGEST: _digest_context,
    MailKind.COLLEAGUE_INVITED: _invitation_context,
}
