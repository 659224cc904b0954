"""The mails themselves: headers, text and HTML in the recipient's language."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr

from flask import render_template

from app.domain.caps import Caps
from app.domain.history import MailKind
from app.domain.mail_rules import Recipient
from app.i18n import override_locale
from app.mail.contents import CONTENTS
from app.mail.contents.blocks import RenderedMail
from app.mail.contents.facts import MailValues
from app.mail.contents.signing_in import sign_in
from app.mail.mail_context import AnyMailContext, LastRefusal, SignInMailContext
from app.tokens import TokenSigner

#: A longer word does not fit beside the name of its header, and is encoded so that it may be broken.
_LONGEST_WORD = 60


class _SmtpPolicy(EmailPolicy):
    """The policy for SMTP, but for subjects: Python's own folding loses spaces between encoded words."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write a header as the lines that travel."""
        if name != "Subject":
            return super().fold_binary(name, value)
        charset = "utf-8" if max(map(len, value.split())) > _LONGEST_WORD else None
        subject = Header(str(value), charset, header_name=name).encode(linesep=self.linesep)
        return f"{name}: {subject}{self.linesep}".encode()


_WIRE = _SmtpPolicy(linesep="\r\n")
#: No line of quoted-printable text can begin like this, so that no mail needs a boundary of its own.
_BOUNDARY = "=_part"


def _no_refusal(_activation_id: int) -> None:
    return None


@dataclass(frozen=True)
class MailRenderer:
    """Write letters as mails; every address in them comes from configuration alone."""

    links: TokenSigner
    public_url: str
    sender: str
    refusal: Callable[[int], LastRefusal | None] = _no_refusal
    link_life: timedelta = timedelta(days=56)
    caps: Caps = field(default_factory=Caps)

    def __call__(self, letter: AnyMailContext) -> bytes:
        """Return the whole mail, the same at each repeat but for the words it quotes."""
        with override_locale(letter.recipient_language):
            return self._build_message(letter).as_bytes()

    def _build_message(self, letter: AnyMailContext) -> EmailMessage:
        content = self._render_parts(letter)
        mail = EmailMessage(policy=_WIRE)
        mail["Subject"] = content.plain_subject
        mail["From"] = self.sender
        mail["To"] = letter.recipient_address
        if letter.mail_rule.recipient is Recipient.CARDHOLDER:
            # Whoever answers reaches a person.
            mail["Reply-To"] = letter.contact
        mail["Date"] = format_datetime(letter.created_at)
        mail["Message-ID"] = self._message_id(letter)
        mail["Auto-Submitted"] = "auto-generated"
        # Quoted-printable keeps the lines short for every relay on the way.
        mail.set_content(render_template("email/mail.txt", content=content), cte="quoted-printable")
        mail.make_alternative(_BOUNDARY)
        html = render_template("email/mail.html", content=content)
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        # Set last: making the mail multipart moves every Content header into its first part.
        mail["Content-Language"] = letter.recipient_language
        return mail

    def _render_parts(self, letter: AnyMailContext) -> RenderedMail:
        if isinstance(letter, SignInMailContext):
            return sign_in(letter, self.links)
        refusal = self.refusal(letter.activation_id) if letter.kind is MailKind.PROBLEM else None
        facts = MailValues(letter, self.links, self.public_url, self.link_life, self.caps, refusal)
        return CONTENTS[letter.kind](facts)

    def _message_id(self, letter: AnyMailContext) -> str:
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        return f"<{letter.kind}.{letter.round}.{letter.public_id}@{domain}>"
