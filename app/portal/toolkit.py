"""Boîte à outils: what to know before ordering, and what to say when an activation does not succeed."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from flask_babel.speaklater import LazyString

from app.domain.banks import APP_BANKS, BANKS
from app.domain.failures import CATALOGUE, Failure, FailureMessage
from app.i18n import DEFAULT, _l, current_language, override_locale
from app.portal.door import portal_blueprint
from app.portal.preview.stage import PreviewSubject
from app.wording import ADVICE, CHECKS, HEADINGS, LABELS, NOW, UNDER, ChecklistText, FailureAdvice

toolkit = portal_blueprint("toolkit", "/toolkit")

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
    "failed-at-bank": _l("The cardholder has completed the steps but the activation has failed"),
    "error-message": _l("The cardholder has started the activation but receives an error message"),
}

#: What lies behind a failure at the bank after a good signature.
_AT_BANK = (Failure.NOT_PERMITTED, Failure.REFUSED, Failure.CARD_BLOCKED)

#: The help article names no reference where its first message does.
_ANY_REFERENCE = "xxxxx"


@dataclass(frozen=True)
class MessageQuote:
    """A message as it stands on the page, in one language."""

    language: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class FailureCause:
    """One failure: what lies behind it, what helps, and what the cardholder reads."""

    failure: Failure
    advice: FailureAdvice
    now: LazyString
    checks: tuple[ChecklistText, ...]


@toolkit.get("")
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
        seen=PreviewSubject(language=current_language()).page_url,
        app_banks=[BANKS[key] for key in APP_BANKS],
    )


def _message_quotes(message: FailureMessage) -> list[MessageQuote]:
    """Quote a message in the reader's language, and in French where that is another one."""
    return [_message_quote(message, language) for language in dict.fromkeys((current_language(), DEFAULT))]


def _message_quote(message: FailureMessage, language: str) -> MessageQuote:
    with override_locale(language):
        heading, under = str(HEADINGS[message]) % {"reference": _ANY_REFERENCE}, UNDER[message]
        return MessageQuote(language, (heading,) if under is None else (heading, str(under)))


def _failure_causes(message: FailureMessage) -> list[FailureCause]:
    return [
        FailureCause(failure, ADVICE[failure], NOW[failure], tuple(CHECKS[item] for item in shown.items))
        for failure, shown in CATALOGUE.items()
        if shown.message is message
    ]
