"""What a mail may tell: the letter in the reader's words, and what configuration alone knows."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from app.clock import brussels_day
from app.domain.caps import Caps
from app.domain.identifiers import group_digits_unbroken
from app.domain.states import CURRENT_TERMS, first_statement_month
from app.i18n import format_date, format_month
from app.mail.mail_context import LastRefusal, MailContext
from app.tokens import TokenSigner

#: White space of all kinds, control characters, and the marks that turn the direction of what follows.
_NOISE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True)
class MailValues:
    """Everything that the contents of a mail are made from."""

    letter: MailContext
    links: TokenSigner
    public_url: str
    link_life: timedelta
    caps: Caps
    refusal: LastRefusal | None

    @property
    def office_name(self) -> str:
        """The name of the accounting office."""
        return single_line(self.letter.office)

    @property
    def contact_address(self) -> str:
        """Where the cardholder asks for help."""
        return self.letter.contact

    @property
    def dossier_title(self) -> dict[str, str]:
        """The client of the office, by code and name."""
        return {"code": single_line(self.letter.dossier_code), "name": single_line(self.letter.dossier_name)}

    @property
    def bank_name(self) -> str:
        """The name of the bank that was chosen when ordering."""
        return self.letter.bank.name

    @property
    def grouped_reference(self) -> str:
        """The client reference, in groups that no narrow screen tears apart."""
        return group_digits_unbroken(self.letter.client_reference)

    @property
    def subject_names(self) -> dict[str, str]:
        """What a subject may name."""
        return {
            "office": self.office_name,
            "reference": self.grouped_reference,
            "code": self.dossier_title["code"],
        }

    @property
    def activation_url(self) -> str:
        """The activation link, the same in every mail until it is replaced."""
        return self.links.activation_url(self.letter.link_claims)

    @property
    def invited_on(self) -> str:
        """The day on which this invitation was sent."""
        return format_date(self.letter.invited_at or self.letter.expires_at - self.link_life)

    @property
    def last_day(self) -> str:
        """The day until which the cardholder can activate."""
        return format_date(self.letter.expires_at)

    @property
    def active_since(self) -> str:
        """The day of the activation."""
        return format_date(self.letter.activated_at or self.letter.created_at)

    @property
    def first_month(self) -> str:
        """The month from which on the office receives statements."""
        return format_month(first_statement_month(self._activated_on))

    @property
    def terms_url(self) -> str:
        """The conditions as they were accepted, else those of today, in the cardholder's language."""
        version = self.letter.accepted_terms or CURRENT_TERMS
        return f"{self.public_url}/terms/{version}/{self.letter.cardholder_language}"

    @property
    def _activated_on(self) -> date:
        return brussels_day(self.letter.activated_at or self.letter.created_at)


def single_line(name: str) -> str:
    """Return a name that other people typed as one line that cannot turn or break the text around it.

    What looks like an encoded word would be decoded in a header.
    """
    return _NOISE.sub(" ", name).strip().replace("=?", "= ?")
