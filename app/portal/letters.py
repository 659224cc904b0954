"""Mails to look at: made like those that leave, but sent to nobody, and their link opens nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template

from app.domain.history import MailKind
from app.domain.states import ActivationState
from app.i18n import override_locale
from app.mail.contents import CONTENTS
from app.mail.contents.blocks import RenderedMail
from app.mail.contents.facts import MailValues
from app.mail.contents.signing_in import sign_in
from app.mail.mail_context import AnyLetter, LastRefusal, MailContext, SignInMailContext
from app.portal.door import current_accountant
from app.tokens import LinkClaims, TokenSigner
from app.web.extensions import services

#: What a letter knows of the rows behind it, where there are none.
_NO_ROW: Mapping[str, Any] = {
    "message_id": 0,
    "round": 1,
    "tries": 0,
    "leased_until": None,
    "activation_id": 0,
    "public_id": "",
    "generation": 1,
    "current_round": 1,
    "state": ActivationState.INVITED,
    "activated_at": None,
    "refused_at": None,
    "accepted_terms": None,
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


@dataclass(frozen=True)
class PreviewedMail:
    """One mail as its reader would meet it: who writes, what is drawn, and the plain text."""

    letter: AnyLetter
    sender: str
    content: RenderedMail
    text: str


def sample_context(kind: MailKind, subject: MailSubject) -> MailContext:
    """Return a letter of this kind as if the visitor had ordered now; `replace` what is to differ."""
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
        dossier_code=subject.dossier_code,
        dossier_name=subject.dossier_name,
    )


def render_sample(letter: AnyLetter, refusal: LastRefusal | None = None) -> PreviewedMail:
    """Write a letter in its reader's language."""
    with override_locale(letter.recipient_language):
        content = _sample_content(letter, refusal)
        text = render_template("email/mail.txt", content=content)
    return PreviewedMail(letter, services().settings.mail_sender, content, text)


def sample_values(letter: MailContext, refusal: LastRefusal | None = None) -> MailValues:
    """Return what the texts about a letter are made from."""
    settings = services().settings
    links, url = _InertTokenSigner(settings.public_url), settings.public_url
    return MailValues(letter, links, url, settings.link_life, settings.caps, refusal)


def _sample_content(letter: AnyLetter, refusal: LastRefusal | None) -> RenderedMail:
    if isinstance(letter, SignInMailContext):
        return sign_in(letter, _InertTokenSigner(services().settings.public_url))
    return CONTENTS[letter.kind](sample_values(letter, refusal))


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
