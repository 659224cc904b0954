"""Help: the toolkit, and all messages at a glance."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from flask_babel.speaklater import LazyString

from app.advice import ADVICE, COUNTS_TOWARDS_CAP, SHOWS_PROBLEM, FailureAdvice
from app.domain.banks import APP_BANKS
from app.domain.failures import FAILURES, TONES, Failure, FailureMessage, FailureTone
from app.domain.history import MailKind
from app.domain.mail_rules import MAILS as RULES
from app.domain.mail_rules import Recipient
from app.domain.message_rules import ON_LINK_PAGES, OfficeMessage
from app.domain.states import LinkCondition
from app.domain.verdicts import CONSEQUENCES
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES, _l, current_language
from app.portal.preview.preview_pages import SAMPLE_REFERENCE, PreviewSubject, preview_now, sample_subject
from app.portal.preview.sample_mails import mail_of_page
from app.portal.sign_in_guard import current_accountant, portal_blueprint
from app.web.extensions import services
from app.web.link_pages import PAGES, link_page_text
from app.wording import (
    ANY_APP_BANK,
    APP_BANK_LIST,
    CHECKS,
    LABELS,
    MAILS,
    NOW,
    NUMBERS,
    OFFICE_MESSAGES,
    ChecklistText,
    message_lines,
)

bp = portal_blueprint("toolkit")

#: The chapters of the help article, in its order, by their anchors.
CHAPTERS: Mapping[str, LazyString] = {
    "before": _l("Before you order"),
    "steps": _l("Steps for the cardholder's consent"),
    "troubleshooting": _l("Troubleshooting the cardholder's consent"),
    "related": _l("Related articles"),
}

#: What an accountant hears, by its anchor.
SYMPTOMS: Mapping[str, LazyString] = {
    "lost-mail": _l(
        "The cardholder wants to activate the service but can no longer find the email with the activation "
        "link"
    ),
    "unexpected": _l("The cardholder did not expect the email or the request"),
    "failed-at-bank": _l("The cardholder has completed the steps but the activation has failed"),
    "error-message": _l("The cardholder has started the activation but receives an error message"),
}

#: Where an office does for itself what it would ask us for.
_OFFICE_PAGES = (
    ("bulk_orders.show_form", _l("Order for several dossiers")),
    ("dossier_import.show_form", _l("Import dossiers")),
    ("people.list_people", _l("Colleagues")),
    ("account.show_account", _l("Choose which emails you receive")),
)

#: What lies behind a failure at the bank after a good signature.
_AT_BANK = (Failure.NOT_PERMITTED, Failure.REFUSED, Failure.CARD_BLOCKED)

#: The help article names no reference where its first message does.
_ANY_REFERENCE = "xxxxx"


@dataclass(frozen=True)
class MessageQuote:
    """A message as it stands on the page, in one language."""

    language: str
    lines: tuple[str, ...]
    tone: FailureTone


@dataclass(frozen=True)
class FailureCause:
    """One failure: what lies behind it, what helps, and what the cardholder reads."""

    failure: Failure
    advice: FailureAdvice
    now: LazyString
    checks: tuple[ChecklistText, ...]


@bp.get("/toolkit")
def show_toolkit() -> str:
    """Show the whole help page."""
    return render_template(
        "portal/toolkit.html",
        chapters=CHAPTERS,
        symptoms=SYMPTOMS,
        messages={message: _message_quotes(message) for message in FailureMessage},
        causes={message: _failure_causes(message) for message in FailureMessage},
        at_bank={failure: ADVICE[failure].cause for failure in _AT_BANK},
        labels=LABELS,
        new_link=OFFICE_MESSAGES[OfficeMessage.NEW_LINK],
        unexpected=OFFICE_MESSAGES[OfficeMessage.UNEXPECTED],
        seen=PreviewSubject(language=current_language()).page_url,
        app_banks=APP_BANKS.values(),
        app_bank_list=APP_BANK_LIST,
        any_app_bank=ANY_APP_BANK,
        office_pages=_OFFICE_PAGES,
        reminder_days=services().settings.reminder_days,
    )


def _message_quotes(message: FailureMessage) -> list[MessageQuote]:
    """Quote a message in the reader's language, and in French where that is another one."""
    return [
        MessageQuote(language, message_lines(message, language, _ANY_REFERENCE), TONES[message])
        for language in dict.fromkeys((current_language(), DEFAULT_LANGUAGE))
    ]


def _failure_causes(message: FailureMessage) -> list[FailureCause]:
    return [
        FailureCause(failure, ADVICE[failure], NOW[failure], tuple(CHECKS[item] for item in shown.items))
        for failure, shown in FAILURES.items()
        if shown.message is message
    ]


_READERS: Mapping[Recipient, LazyString] = {
    Recipient.CARDHOLDER: _l("The cardholder"),
    Recipient.ACCOUNTANT: _l("Your office"),
}


@dataclass(frozen=True)
class FailureTile:
    """One failure: what it means, what helps, what follows, and where its page can be seen."""

    failure: Failure
    advice: FailureAdvice
    now: LazyString
    counts: str
    problem: LazyString
    url: str


@dataclass(frozen=True)
class MessageGroup:
    """One message as it is read in each language, and the failures that show it."""

    message: FailureMessage
    tone: FailureTone
    texts: Mapping[str, tuple[str, ...]]
    cards: tuple[FailureTile, ...]


@dataclass(frozen=True)
class ClosedLinkTile:
    """What a link says that does not open."""

    title: LazyString
    text: str
    advice: str
    messages: tuple[LazyString, ...]
    url: str


@dataclass(frozen=True)
class MailTile:
    """One mail: what it is, who reads it, and its subject."""

    name: LazyString
    reader: LazyString
    subject: str
    url: str


@bp.get("/gallery")
def show_messages() -> str:
    """Show all messages."""
    return render_template(
        "portal/gallery.html",
        groups=[_message_group(message) for message in FailureMessage],
        links=[_closed_link_tile(condition) for condition in PAGES],
        mails=[_mail_tile(kind) for kind in MAILS],
    )


def _message_group(message: FailureMessage) -> MessageGroup:
    failures = (failure for failure, shown in FAILURES.items() if shown.message is message)
    texts = {language: message_lines(message, language, SAMPLE_REFERENCE) for language in LANGUAGES}
    return MessageGroup(message, TONES[message], texts, tuple(map(_failure_tile, failures)))


def _failure_tile(failure: Failure) -> FailureTile:
    follows, caps = CONSEQUENCES[failure], services().settings.caps
    return FailureTile(
        failure=failure,
        advice=ADVICE[failure],
        now=NOW[failure],
        counts=str(COUNTS_TOWARDS_CAP[follows.counts]) % {"count": NUMBERS[caps.refusals_a_day]},
        problem=SHOWS_PROBLEM[follows.problem],
        url=_preview_url(f"failure-{failure}"),
    )


def _closed_link_tile(condition: LinkCondition) -> ClosedLinkTile:
    now = preview_now()
    text, advice = link_page_text(condition, current_accountant().office, now, now, services().settings.caps)
    messages = tuple(OFFICE_MESSAGES[message] for message in ON_LINK_PAGES[condition])
    return ClosedLinkTile(PAGES[condition].title, text, advice, messages, _preview_url(f"link-{condition}"))


def _mail_tile(kind: MailKind) -> MailTile:
    key = f"mail-{kind}"
    subject = sample_subject(key, current_language())
    mail = mail_of_page(kind, subject, subject.dossier_title)
    return MailTile(MAILS[kind], _READERS[RULES[kind].recipient], mail.subject, _preview_url(key))


def _preview_url(key: str) -> str:
    return sample_subject(key, current_language()).page_url(key)
