"""The messages at a glance: every failure with its words and its remedy, every link page, every mail."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from flask_babel.speaklater import LazyString

from app.domain.activation import LinkCondition
from app.domain.failures import CATALOGUE, Failure, FailureMessage
from app.domain.history import MailKind
from app.domain.mails import MAILS as RULES
from app.domain.mails import Recipient
from app.i18n import LANGUAGES, _l, current_language, speaking
from app.portal.consequences import CONSEQUENCES, COUNTS, PROBLEM
from app.portal.door import room, visitor
from app.portal.preview.letters import letter
from app.portal.preview.stage import SAMPLE_REFERENCE, now, sample
from app.web.link_pages import PAGES, told
from app.web.wiring import services
from app.wording.failures import ADVICE, HEADINGS, NOW, UNDER, Advice
from app.wording.history import MAILS
from app.wording.numbers import NUMBERS

gallery = room("gallery", "/gallery")

_READERS: Mapping[Recipient, LazyString] = {
    Recipient.CARDHOLDER: _l("The cardholder"),
    Recipient.ACCOUNTANT: _l("Your office"),
}


@dataclass(frozen=True)
class Card:
    """One failure: what it means, what helps, what follows, and where its page can be seen."""

    failure: Failure
    advice: Advice
    now: LazyString
    counts: str
    problem: LazyString
    url: str


@dataclass(frozen=True)
class Group:
    """One message as it is read in each language, and the failures that show it."""

    message: FailureMessage
    texts: Mapping[str, tuple[str, ...]]
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Closed:
    """What a link says that does not open."""

    title: LazyString
    text: str
    advice: str
    url: str


@dataclass(frozen=True)
class Posted:
    """One mail: what it is, who reads it, and its subject."""

    name: LazyString
    reader: LazyString
    subject: str
    url: str


@gallery.get("")
def page() -> str:
    """Show all messages."""
    return render_template(
        "portal/gallery.html",
        groups=[_group(message) for message in FailureMessage],
        links=[_closed(condition) for condition in PAGES],
        mails=[_posted(kind) for kind in MAILS],
    )


def _group(message: FailureMessage) -> Group:
    failures = (failure for failure, shown in CATALOGUE.items() if shown.message is message)
    texts = {language: _text(message, language) for language in LANGUAGES}
    return Group(message, texts, tuple(map(_card, failures)))


def _text(message: FailureMessage, language: str) -> tuple[str, ...]:
    with speaking(language):
        heading, under = str(HEADINGS[message]) % {"reference": SAMPLE_REFERENCE}, UNDER[message]
        return (heading,) if under is None else (heading, str(under))


def _card(failure: Failure) -> Card:
    follows, caps = CONSEQUENCES[failure], services().settings.caps
    return Card(
        failure=failure,
        advice=ADVICE[failure],
        now=NOW[failure],
        counts=str(COUNTS[follows.counts]) % {"count": NUMBERS[caps.refusals_a_day]},
        problem=PROBLEM[follows.problem],
        url=_url(f"failure-{failure}"),
    )


def _closed(condition: LinkCondition) -> Closed:
    text, advice = told(condition, visitor().office, now(), services().settings.caps)
    return Closed(PAGES[condition].title, text, advice, _url(f"link-{condition}"))


def _posted(kind: MailKind) -> Posted:
    key = f"mail-{kind}"
    stage = sample(key, current_language())
    written = letter(kind, stage, stage.dossier)
    return Posted(MAILS[kind], _READERS[RULES[kind].recipient], written.content.subject, _url(key))


def _url(key: str) -> str:
    return sample(key, current_language()).url(key)
