"""The mails themselves: headers, text and HTML in the recipient's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from email.utils import format_datetime, formataddr, parseaddr
from enum import StrEnum
from itertools import groupby
from types import SimpleNamespace

from flask import Flask, current_app
from jinja2 import Environment, Template

from app.advice import ADVICE, MESSAGE_ADVICE
from app.clock import brussels_day
from app.domain.banks import ActivationRoute
from app.domain.caps import Caps
from app.domain.cards import CardBrand
from app.domain.failures import FAILURES
from app.domain.history import MailKind
from app.domain.identifiers import group_digits_unbroken
from app.domain.mail_rules import Recipient
from app.domain.message_rules import MAIL_KINDS
from app.domain.news_rules import NEWS_MAILS
from app.domain.states import ActivationState, first_statement_month, state_by_clock
from app.domain.telephones import format_telephone
from app.domain.typed_text import visible_text
from app.i18n import _, format_last_day, override_locale
from app.mail.digest import DIGEST_HEADINGS, MOST_LINES, DigestLine
from app.mail.mail_context import AnyMailContext, LastRefusal, MailContext
from app.mail.office_mail_context import (
    DigestMailContext,
    InvitationMailContext,
    NewBrowserMailContext,
    SignInMailContext,
)
from app.tokens import TokenSigner
from app.wording import NUMBERS, OFFICE_MESSAGES, message_lines

EXTENSION = "mail_environments"

#: The template of each kind of mail.
TEMPLATES: Mapping[MailKind, str] = {
    MailKind.INVITATION: "email/invitation.jinja",
    MailKind.INSTRUCTIONS: "email/invitation.jinja",
    MailKind.FIRST_REMINDER: "email/reminder.jinja",
    MailKind.SECOND_REMINDER: "email/reminder.jinja",
    MailKind.THIRD_REMINDER: "email/reminder.jinja",
    MailKind.CONFIRMATION: "email/confirmation.jinja",
    MailKind.PROBLEM: "email/problem.jinja",
    MailKind.INVITATION_UNDELIVERED: "email/undelivered.jinja",
    MailKind.CONFIRMATION_UNDELIVERED: "email/undelivered.jinja",
    MailKind.NEW_LINK_WANTED: "email/office_message.jinja",
    MailKind.REQUEST_UNEXPECTED: "email/office_message.jinja",
    MailKind.SIGN_IN: "email/sign_in.jinja",
    MailKind.ACTIVATED: "email/news.jinja",
    MailKind.EXPIRED: "email/news.jinja",
    MailKind.DIGEST: "email/digest.jinja",
    MailKind.NEW_BROWSER: "email/new_browser.jinja",
    MailKind.COLLEAGUE_INVITED: "email/colleague.jinja",
}
#: The mail that an accountant sends before ordering; it is no kind of ours.
ANNOUNCEMENT = "email/announcement.jinja"
#: The same to many at once, of whom none is named.
ANNOUNCEMENT_TO_MANY = "email/announcement_to_many.jinja"

_OFFICE_MESSAGES = {kind: message for message, kind in MAIL_KINDS.items()}

#: A longer word does not fit beside the name of its header, and is encoded so that it may be broken.
_LONGEST_WORD = 60


class MailFormat(StrEnum):
    """The forms in which a mail is drawn: the suffix of its layout and of its parts."""

    TEXT = "txt"
    HTML = "html"
    PREVIEW = "preview.html"


def init_app(app: Flask) -> None:
    """Give an application with languages the environments in which mails are drawn.

    Flask escapes by a template's suffix; one template of a mail serves as text, where nothing is escaped, and
    as a page, where everything is, our own sentences included.
    """
    app.extensions[EXTENSION] = {form: _overlay(app.jinja_env, form) for form in MailFormat}


def _overlay(environment: Environment, form: MailFormat) -> Environment:
    overlay = environment.overlay(autoescape=form is not MailFormat.TEXT)
    overlay.globals = {**environment.globals, "_": _}
    overlay.escapes_sentences = True  # type: ignore[attr-defined]
    return overlay


#: Quoted-printable keeps the lines short for every relay on the way.
_QUOTED_PRINTABLE = Charset("utf-8")
_QUOTED_PRINTABLE.body_encoding = QP
_LONGEST_LINE = 78


class _WirePolicy(Compat32):
    """Writes headers as they are where they fit on a line: to look for a place to fold each costs more."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the lines of a header."""
        line = f"{name}: {value}"
        if isinstance(value, str) and len(line) < _LONGEST_LINE and line.isascii() and line.isprintable():
            return f"{line}{self.linesep}".encode()
        return super().fold_binary(name, value)


_WIRE = _WirePolicy(linesep="\r\n")
#: No line of quoted-printable text can begin like this, so that no mail needs a boundary of its own.
_BOUNDARY = "=_part"


class MailValues(SimpleNamespace):
    """What the template of a mail may say, in the reader's words."""


@dataclass(frozen=True)
class RenderedMail:
    """One mail in its reader's language; subject and body are rendered when they are asked for."""

    context: AnyMailContext
    sender: str
    template: str
    values: MailValues

    @property
    def subject(self) -> str:
        """The subject, with unbroken spaces where no line may end."""
        with override_locale(self.context.recipient_language):
            template = self._template(MailFormat.TEXT)
            return "".join(template.blocks["subject"](template.new_context({"mail": self.values})))

    def body(self, form: MailFormat) -> str:
        """Return what the mail says, in one format."""
        with override_locale(self.context.recipient_language):
            return self._template(form).render(mail=self.values, format=form)

    def _template(self, form: MailFormat) -> Template:
        environment: Environment = current_app.extensions[EXTENSION][form]
        return environment.get_or_select_template(self.template)


@dataclass(frozen=True)
class MailRenderer:
    """Render mails; every address in them comes from configuration alone."""

    links: TokenSigner
    public_url: str
    sender: str
    refusal: Callable[[int], LastRefusal | None]
    link_life: timedelta
    caps: Caps
    terms_version: str

    def __call__(self, context: AnyMailContext) -> bytes:
        """Return the whole mail, the same at each repeat but for the words it quotes."""
        return self._build_message(self.render_mail(context)).as_bytes(policy=_WIRE)

    def render_mail(self, context: AnyMailContext, template: str | None = None) -> RenderedMail:
        """Return a mail in its reader's language, from the template of its kind where no other is named."""
        with override_locale(context.recipient_language):
            if isinstance(context, NewBrowserMailContext):
                values = self._new_browser_values(context)
            elif isinstance(context, DigestMailContext):
                values = self._digest_values(context)
            elif isinstance(context, SignInMailContext):
                values = self._sign_in_values(context)
            else:
                values = self._activation_values(context)
        return RenderedMail(context, self.sender, template or TEMPLATES[context.kind], values)

    def _build_message(self, mail: RenderedMail) -> MIMEMultipart:
        # These classes take a header as it is; `EmailMessage` parses each one, at three times the cost.
        message, context = MIMEMultipart("alternative", _BOUNDARY), mail.context
        message["Subject"] = _subject_header(mail.subject)  # type: ignore[assignment]
        message["From"] = formataddr(parseaddr(mail.sender))
        message["To"] = context.recipient_address or ""
        if context.mail_rule.recipient is Recipient.CARDHOLDER:
            # Whoever answers reaches a person.
            message["Reply-To"] = context.contact
        message["Date"] = format_datetime(context.created_at)
        message["Message-ID"] = self._message_id(context)
        message["Auto-Submitted"] = "auto-generated"
        if isinstance(context, (MailContext, DigestMailContext)) and mail.values.news_url:
            # RFC 8058: a mail program can turn these mails off with one click.
            message["List-Unsubscribe"] = f"<{mail.values.news_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["Content-Language"] = context.recipient_language
        for form, subtype in ((MailFormat.TEXT, "plain"), (MailFormat.HTML, "html")):
            message.attach(_mail_part(mail.body(form), subtype))
        return message

    def _message_id(self, context: AnyMailContext) -> str:
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        return f"<{context.kind}.{context.round}.{context.public_id}@{domain}>"

    def _digest_values(self, context: DigestMailContext) -> MailValues:
        shown = context.lines[:MOST_LINES]
        return MailValues(
            office_name=single_line(context.office),
            since=context.covers_from,
            until=context.covers_until,
            groups={
                str(DIGEST_HEADINGS[kind]): [self._digest_line(line) for line in lines]
                for kind, lines in groupby(shown, key=lambda line: line.event_type)
            },
            left_out=len(context.lines) - len(shown),
            list_url=f"{self.public_url}/portal/caro",
            news_url=self.links.news_url(context.contact_id),
        )

    def _digest_line(self, line: DigestLine) -> tuple[str, str]:
        dossier = f"{single_line(line.dossier_code)} – {single_line(line.dossier_name)}"
        reference = group_digits_unbroken(line.client_reference)
        return f"{dossier}, {reference}", f"{self.public_url}/portal/requests/{line.public_id}"

    def _new_browser_values(self, context: NewBrowserMailContext) -> MailValues:
        return MailValues(
            office_name=single_line(context.office),
            browser=context.browser,
            at=context.began_at,
            account_url=f"{self.public_url}/portal/account",
        )

    def _sign_in_values(self, context: SignInMailContext) -> MailValues:
        is_invitation = isinstance(context, InvitationMailContext)
        url = self.links.invitation_url if is_invitation else self.links.sign_in_url
        return MailValues(
            office_name=single_line(context.office),
            sign_in_url=url(context.public_id),
            expires_at=context.expires_at,
            last_day=format_last_day(context.expires_at, context.created_at),
            inviter=context.inviter if isinstance(context, InvitationMailContext) else None,
        )

    def _activation_values(self, context: MailContext) -> MailValues:
        return MailValues(
            kind=context.kind,
            office_name=single_line(context.office),
            contact=_contact_line(context),
            dossier_code=single_line(context.dossier_code),
            dossier_name=single_line(context.dossier_name),
            bank_name=context.bank.name,
            by_link=context.bank.route is ActivationRoute.LINK,
            grouped_reference=group_digits_unbroken(context.client_reference),
            sender_address=parseaddr(self.sender)[1],
            public_address=f"{self.public_url}/",
            request_url=f"{self.public_url}/portal/requests/{context.public_id}",
            activation_url=self.links.activation_url(context.link_claims),
            invited_at=context.invited_at or context.expires_at - self.link_life,
            last_day=format_last_day(context.expires_at, context.created_at),
            activated_at=context.activated_at or context.created_at,
            first_month=first_statement_month(brussels_day(context.activated_at or context.created_at)),
            terms_accepted=context.accepted_terms is not None,
            has_begun=context.state is not ActivationState.INVITED,
            terms_url=self._terms_url(context),
            refusal=self._refusal_values(context) if context.kind is MailKind.PROBLEM else None,
            news_url=self.links.news_url(context.contact_id) if context.kind in NEWS_MAILS else None,
            message=_message_values(context) if context.kind in _OFFICE_MESSAGES else None,
        )

    def _terms_url(self, context: MailContext) -> str:
        """Return the conditions as they were accepted, else those of today, in the cardholder's language."""
        version = context.accepted_terms or self.terms_version
        return f"{self.public_url}/terms/{version}/{context.cardholder_language}"

    def _refusal_values(self, context: MailContext) -> MailValues:
        """Return what is known of the refused card, or of the request that was refused in the bank's app."""
        refusal = self.refusal(context.activation_id)
        if refusal is None:
            if context.refused_at is None:
                raise LookupError("there is no refusal to report")
            return MailValues(of_card=False, at=context.refused_at)
        brand = "" if refusal.brand == CardBrand.OTHER else refusal.brand
        message = FAILURES[refusal.failure].message
        return MailValues(
            of_card=True,
            at=refusal.at,
            card=f"{brand} •••• {refusal.last_four}".strip(),
            language=refusal.language,
            message=message_lines(message, refusal.language, context.client_reference),
            translated=refusal.language != context.recipient_language
            and message_lines(message, context.recipient_language, context.client_reference),
            cause=str(ADVICE[refusal.failure].cause),
            remedy=str(ADVICE[refusal.failure].remedy),
            daily_cap=NUMBERS[self.caps.refusals_a_day],
        )


def _subject_header(subject: str) -> Header:
    words = plain_spaces(subject)
    charset = "utf-8" if max(map(len, words.split())) > _LONGEST_WORD else None
    return Header(words, charset, header_name="Subject")


def _mail_part(text: str, subtype: str) -> MIMEText:
    return MIMEText(f"{text}\n", subtype, _QUOTED_PRINTABLE)  # type: ignore[arg-type]


def _message_values(context: MailContext) -> MailValues:
    """Return what the cardholder said and when, and what the office can do as the request stands."""
    message = _OFFICE_MESSAGES[context.kind]
    state = state_by_clock(context.state, context.expires_at, context.created_at)
    return MailValues(
        text=str(OFFICE_MESSAGES[message]),
        at=context.created_at,
        advice=[str(sentence) for sentence in MESSAGE_ADVICE[message][state]],
    )


def _contact_line(context: MailContext) -> str:
    """Return how the office can be reached: by e-mail, and by telephone where it has set one."""
    telephone = format_telephone(context.telephone) if context.telephone else ""
    return ", ".join(filter(None, (context.contact, telephone)))


def single_line(name: str) -> str:
    """Return a name that other people typed as one line that cannot turn or break the text around it.

    What looks like an encoded word would be decoded in a header.
    """
    return visible_text(name).replace("=?", "= ?")


def plain_spaces(text: str) -> str:
    """Return a text with plain spaces and hyphens, as somebody who searches for it types them."""
    return text.replace("\u00a0", " ").replace("\u2011", "-")
