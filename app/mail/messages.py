"""The mails themselves: subject, text and HTML in the recipient's language."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from flask import render_template

from app.clock import BRUSSELS, brussels_day
from app.domain.banks import BANKS
from app.domain.history import MailKind
from app.domain.references import grouped
from app.domain.statements import first_statement_month
from app.domain.terms import CURRENT_TERMS
from app.i18n import speaking
from app.links import Links
from app.mail.letters import Letter


@dataclass(frozen=True)
class Composer:
    """Write letters as mails; every address in them comes from configuration alone."""

    links: Links
    public_url: str
    sender: str

    def __call__(self, letter: Letter) -> bytes:
        """Return the whole mail, the same at each repeat but for the words it quotes."""
        with speaking(letter.language):
            return self._compose(letter).as_bytes()

    def _compose(self, letter: Letter) -> EmailMessage:
        facts = self._facts(letter)
        folder = f"email/{letter.kind}"
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = render_template(f"{folder}/subject.txt", **facts).strip()
        mail["From"] = self.sender
        mail["To"] = letter.address
        mail["Date"] = format_datetime(letter.created_at)
        mail["Message-ID"] = self._message_id(letter)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(render_template(f"{folder}/body.txt", **facts))
        mail.add_alternative(render_template(f"{folder}/body.html", **facts), subtype="html")
        # Set last: making the mail multipart moves every Content header into its first part.
        mail["Content-Language"] = letter.language
        return mail

    def _facts(self, letter: Letter) -> dict[str, object]:
        terms = letter.accepted_terms or CURRENT_TERMS
        return {
            "letter": letter,
            "bank": BANKS[letter.bank].name,
            "reference": grouped(letter.client_reference),
            "link": self.links.url(letter.identity) if letter.kind is MailKind.INVITATION else None,
            "valid_until": letter.expires_at.astimezone(BRUSSELS),
            "first_month": first_statement_month(brussels_day(letter.activated_at or letter.created_at)),
            "terms_url": f"{self.public_url}/terms/{terms}/{letter.language}",
        }

    def _message_id(self, letter: Letter) -> str:
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        return f"<{letter.kind}.{letter.round}.{letter.public_id}@{domain}>"
