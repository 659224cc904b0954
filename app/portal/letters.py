"""Mails to look at: made like those that leave, but sent to nobody, and their link opens nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template

from app.domain.activation import ActivationState
from app.domain.history import MailKind
from app.i18n import speaking
from app.links import LinkIdentity, Links
from app.mail.contents import CONTENTS
from app.mail.contents.blocks import RenderedMail
from app.mail.contents.facts import MailValues
from app.mail.contents.signing_in import sign_in
from app.mail.letters import AnyLetter, LastRefusal, MailContext, SignInMailContext
from app.portal.door import visitor
from app.web.wiring import services

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
class Subject:
    """What a mail is about, whether or not there is a request yet."""

    dossier_code: str
    dossier_name: str
    bank: str
    client_reference: str
    language: str
    address: str | None = None


@dataclass(frozen=True)
class Shown:
    """One mail as its reader would meet it: who writes, what is drawn, and the plain text."""

    letter: AnyLetter
    sender: str
    content: RenderedMail
    text: str


def by_hand(kind: MailKind, subject: Subject) -> MailContext:
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
        office=visitor().office,
        contact=visitor().email,
        contact_language=visitor().language,
        dossier_code=subject.dossier_code,
        dossier_name=subject.dossier_name,
    )


def show(letter: AnyLetter, refusal: LastRefusal | None = None) -> Shown:
    """Write a letter in its reader's language."""
    with speaking(letter.recipient_language):
        content = _content(letter, refusal)
        text = render_template("email/mail.txt", content=content)
    return Shown(letter, services().settings.mail_sender, content, text)


def facts_of(letter: MailContext, refusal: LastRefusal | None = None) -> MailValues:
    """Return what the texts about a letter are made from."""
    settings = services().settings
    links, url = _Nowhere(settings.public_url), settings.public_url
    return MailValues(letter, links, url, settings.link_life, settings.caps, refusal)


def _content(letter: AnyLetter, refusal: LastRefusal | None) -> RenderedMail:
    if isinstance(letter, SignInMailContext):
        return sign_in(letter, _Nowhere(services().settings.public_url))
    return CONTENTS[letter.kind](facts_of(letter, refusal))


class _Nowhere(Links):
    """Links as they look; nobody who reads over the accountant's shoulder comes in by them."""

    def __init__(self, public_url: str) -> None:
        super().__init__(["signs nothing"], public_url)

    def url(self, identity: LinkIdentity) -> str:
        """Return the beginning of an activation link."""
        return f"{self._public_url}/a/…"

    def sign_in_url(self, public_id: str) -> str:
        """Return the beginning of a link to sign in."""
        return f"{self._public_url}/portal/sign-in/…"
