"""Letters made by hand, as the outbox would hand them over, and the mails that become of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from flask import Flask

from app import localized_templates
from app.domain.caps import Caps
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.mail_rules import MAILS, Recipient
from app.domain.news_rules import DIGEST_EVENTS, NewsChoice
from app.domain.states import ActivationState
from app.domain.terms import NEWEST_VERSION
from app.mail.digest import DigestLine
from app.mail.mail_context import AnyMailContext, LastRefusal, MailContext
from app.mail.office_mail_context import (
    DigestMailContext,
    InvitationMailContext,
    NewBrowserMailContext,
    SignInMailContext,
)
from app.mail.rendering import MailRenderer, init_app
from app.tokens import TokenSigner
from tests.support.office import ACCOUNTANT, ADDRESS, OFFICE, REFERENCE
from tests.support.strict_templates import prepare_templates

PUBLIC_URL = "https://caro.example.be"
PUBLIC_ID = "0123456789abcdef01234567"
INVITED = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LINK_LIFE = timedelta(days=56)

LETTER = MailContext(
    message_id=1,
    kind=MailKind.INVITATION,
    round=1,
    created_at=INVITED,
    tries=0,
    leased_until=None,
    activation_id=7,
    public_id=PUBLIC_ID,
    generation=1,
    current_round=1,
    state=ActivationState.INVITED,
    bank_key="belfius",
    client_reference=REFERENCE,
    cardholder=ADDRESS,
    cardholder_language="en",
    expires_at=INVITED + LINK_LIFE,
    activated_at=None,
    refused_at=None,
    office=OFFICE,
    contact=ACCOUNTANT,
    contact_language="en",
    telephone=None,
    dossier_code="ACME",
    dossier_name="Acme SA",
    accepted_terms=None,
    contact_id=1,
    contact_news=NewsChoice.EACH,
    has_left=False,
)

REFUSAL = LastRefusal(
    failure=Failure.WRONG_CARD,
    at=INVITED + timedelta(days=1, hours=4, minutes=30),
    brand="Visa",
    last_four="3220",
    language="nl",
)

_TO_OFFICE: dict[str, Any] = {
    **{name: getattr(LETTER, name) for name in ("message_id", "kind", "round", "created_at", "tries")},
    "leased_until": None,
    "contact": ACCOUNTANT,
    "recipient_language": "en",
    "office": OFFICE,
}
_BY_LINK: dict[str, Any] = {
    **_TO_OFFICE,
    "public_id": PUBLIC_ID,
    "expires_at": INVITED + timedelta(days=7),
    "claimed_at": None,
}
#: The mails that are about no activation.
OFFICE_LETTERS: Mapping[MailKind, AnyMailContext] = {
    MailKind.SIGN_IN: SignInMailContext(**_BY_LINK),
    MailKind.NEW_BROWSER: NewBrowserMailContext(**_BY_LINK, browser="Firefox", began_at=INVITED),
    MailKind.COLLEAGUE_INVITED: InvitationMailContext(**_BY_LINK, inviter=ACCOUNTANT, is_taken=False),
    MailKind.DIGEST: DigestMailContext(
        **_TO_OFFICE,
        contact_id=1,
        covers_from=INVITED - timedelta(days=1),
        covers_until=INVITED,
        contact_news=NewsChoice.DAILY,
        has_left=False,
        lines=[DigestLine(event, PUBLIC_ID, REFERENCE, "ACME", "Acme SA") for event in DIGEST_EVENTS],
    ),
}

#: What has happened by the time a mail of this kind leaves.
_BEFORE: dict[MailKind, dict[str, object]] = {
    MailKind.INSTRUCTIONS: {"bank_key": "kbc"},
    MailKind.FIRST_REMINDER: {"created_at": INVITED + timedelta(days=14)},
    MailKind.SECOND_REMINDER: {"created_at": INVITED + timedelta(days=28)},
    MailKind.THIRD_REMINDER: {"created_at": INVITED + timedelta(days=42)},
    MailKind.CONFIRMATION: {
        "state": ActivationState.ACTIVE,
        "activated_at": INVITED + timedelta(days=2),
        "accepted_terms": NEWEST_VERSION,
    },
    MailKind.CONFIRMATION_UNDELIVERED: {
        "state": ActivationState.ACTIVE,
        "activated_at": INVITED + timedelta(days=2),
        "accepted_terms": NEWEST_VERSION,
        "cardholder": None,
    },
}


def letter_of(kind: MailKind, /, **changes: object) -> AnyMailContext:
    """Return a letter of a kind as it usually is, with some fields changed."""
    letter = OFFICE_LETTERS.get(kind, LETTER)
    return replace(letter, kind=kind, **{**_BEFORE.get(kind, {}), **changes})  # type: ignore[arg-type]


def name_in(letter: AnyMailContext, name: str) -> AnyMailContext:
    """Return a letter in which everything has this name that other people have named."""
    if isinstance(letter, MailContext):
        return replace(letter, office=name, dossier_code=name, dossier_name=name)
    if isinstance(letter, DigestMailContext):
        lines = [replace(line, dossier_code=name, dossier_name=name) for line in letter.lines]
        return replace(letter, office=name, lines=lines)
    return replace(letter, office=name)


def letter_in(language: str, kind: MailKind, /, **changes: object) -> AnyMailContext:
    """Return a letter whose recipient reads this language; the other one reads English."""
    if kind in OFFICE_LETTERS:
        return letter_of(kind, **{"recipient_language": language, **changes})
    to_accountant = MAILS[kind].recipient is Recipient.ACCOUNTANT
    reader = "contact_language" if to_accountant else "cardholder_language"
    return letter_of(kind, **{reader: language, **changes})


def create_mail_app() -> Flask:
    """Create an application that speaks all languages and draws mails, and has no page."""
    app = Flask("app")
    localized_templates.init_app(app)
    init_app(app)
    prepare_templates(app)
    return app


@contextmanager
def writing(refusal: LastRefusal | None = REFUSAL) -> Iterator[MailRenderer]:
    """Give a composer that knows the last refusal, in an application that speaks all languages."""
    app = create_mail_app()
    links = TokenSigner(["only-for-tests-0123456789-abcdefghijklmnop"], PUBLIC_URL)
    with app.app_context():
        yield MailRenderer(
            links,
            PUBLIC_URL,
            "CARO <caro@example.be>",
            lambda _activation: refusal,
            LINK_LIFE,
            Caps(),
            NEWEST_VERSION,
        )


def read(mail: bytes) -> EmailMessage:
    """Open a mail as a program does."""
    message = message_from_bytes(mail, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(mail: bytes, kind: str) -> str:
    """Return one of the two forms of a mail, plain or html, with the line ends of a text."""
    body = read(mail).get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
