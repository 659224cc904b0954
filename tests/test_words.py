"""The words of each language: set as its typography wants, and with the terms of its glossary."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pytest
from flask import Flask

from app.catalogues import SOURCE
from app.domain.failures import TONES, FailureTone
from app.domain.terms import FIRST_VERSION
from app.i18n import LANGUAGES, TRANSLATED, override_locale
from app.web.errors import ELSEWHERE, FOREIGN, STALE
from app.web.errors import PAGES as ERROR_PAGES
from app.web.link_pages import PAGES as LINK_PAGES
from app.wording import HEADINGS
from tests.test_translations import (
    EXACT_FRENCH,
    PLACEHOLDER,
    ROOT,
    catalogue_path,
    forms,
    load,
    messages,
    originals,
)

GLOSSARIES = ROOT / "docs" / "glossary"
TERMS = ROOT / "app" / "templates" / "terms"
MAILS = ROOT / "app" / "templates" / "email"
TITLE = re.compile(r"\{% (?:set title = |block title %\})(.+)")
SUBJECT = re.compile(r"\{% block subject %\}(.+?)\{% endblock %\}", re.DOTALL)
#: With an office's name of twelve letters; a telephone shows the first 35 to 45.
LONGEST_SUBJECT = 70
TAG = re.compile(r"<[^>]*>")
PARTICULAR = re.compile(r"\{[{%][^}]*\}+")
ROW = re.compile(r"^\| (?P<english>[^|]+) \| (?P<term>[^|]+) \| (?P<avoid>[^|]*?) ?\|", re.MULTILINE)

_EVERYWHERE = {
    "two spaces in a row": r"[ \u00a0]{2}",
    "a space before a comma or a full stop": r"[ \u00a0][,.](?!\w)",
}
_TORN_EMAIL = {"an e-mail that a line may tear": r"\b(?i:e-mail)"}
#: What must not be found in a language, by the fault that it is.
FAULTS: Mapping[str, Mapping[str, str]] = {
    SOURCE: {
        **_EVERYWHERE,
        "a contraction": r"\w+n't\b|\b(?i:you|we|they|it|I)'(?:ll|re|ve|d|m)\b|\b(?i:it|that|there|here)'s\b",
        "a word of the old offices": r"\b(?i:kindly|hereby|herein|thereof|prior to|in order to|shall|upon)\b",
        "what stands, as no English does": r"\bstands? (?:on|in|at)\b",
        "American spelling": r"\b(?i:canceled|canceling|authoriz\w*|recogniz\w*|color)\b",
        "an error that does not say what to do": r"\b(?i:invalid|illegal|not valid)\b",
        "a semicolon": r";",
        "a space before : ; ? !": r"[ \u00a0][:;?!]",
        "a hyphen for a dash": r" [-—] ",
        "quotation marks or an apostrophe of another kind": r"[«»„\"‘’]",
    },
    "fr": {
        **_EVERYWHERE,
        **_TORN_EMAIL,
        "a reader who is not called vous": r"\b(?i:tu|toi|ton|tes|il/elle)\b",
        "a word of the old offices": r"\b(?i:veuillez|afin de|ledit|ladite|au niveau de|dans le cadre de)\b",
        "no no-break space before : ; ? ! »": r"(?<!\u00a0)(?:[;?!»]|:(?!//))",
        "no no-break space after «": r"«(?!\u00a0)",
        "quotation marks or an apostrophe of another kind": r"[“”„\"’]",
        "an amount or a time that a line may tear": r"\d (?:EUR|heures|minutes)\b",
    },
    "nl": {
        **_EVERYWHERE,
        **_TORN_EMAIL,
        "a reader who is not called u": r"\b(?i:je|jij|jou|jouw|jullie)\b",
        "u with the verb of a third person": r"\b[Uu] (?:heeft|kan|wil|zal)\b|\b(?i:heeft|wil|zal) u\b",
        "a word of the old offices": r"\b(?i:gelieve|indien|middels|teneinde|alsook|dient te|dienen te)\b",
        "a past passive for what has happened": r"\bwerd(?:en)?\b",
        "a space before : ; ? !": r"[ \u00a0][:;?!]",
        "quotation marks or an apostrophe of another kind": r"[„«»\"‘’]",
        "an amount or a time that a line may tear": r"\d (?:EUR|uur|minuten)\b",
    },
    "de": {
        **_EVERYWHERE,
        **_TORN_EMAIL,
        "a reader who is not called Sie": r"\b(?i:du|dich|dir|dein\w*|euch|euer|eure\w*)\b",
        "a masculine that means all": r"(?<!in oder )(?<!in oder der )(?<!innen und )"
        r"\b(?:Karteninhaber|Inhaber|Kunde|Buchhalter|Empfänger|Tester)[ns]?\b",
        "a word of the old offices": r"\b(?i:bezüglich|gegebenenfalls|mittels|seitens|ungültig\w*)\b",
        "an abbreviation": r"\b(?:z[. \u00a0]*B|d[. \u00a0]*h|bzw|ggf|usw|inkl)\.",
        "a word too long for a telephone": r"\w{25,}|\u00ad",
        "a comma between two imperatives": r"^\w+ Sie\b[^.:,]*, (?:und|oder) \w+ Sie\b",
        "a space before : ; ? !": r"[ \u00a0][:;?!]",
        "a hyphen for a dash": r" [-—] ",
        "quotation marks or an apostrophe of another kind": r"[«»\"'‚‘’”]|^[^„]*“",
        "an amount or a time that a line may tear": r"[\d…] (?:EUR|Uhr|Minuten|Stunden|Ziffern)\b",
    },
}
#: What the service itself writes is not ours to mend.
EXCEPTIONS = frozenset(EXACT_FRENCH.values())
#: Conditions that somebody has accepted keep their words, whatever the glossary says since.
ACCEPTED_CONDITIONS = frozenset({FIRST_VERSION})


@dataclass(frozen=True)
class GlossaryEntry:
    """A row of a glossary: the concept in English, its one term, and the words that it rules out."""

    english: str
    term: str
    avoid: tuple[str, ...]


@cache
def glossary(language: str) -> tuple[GlossaryEntry, ...]:
    rows = ROW.finditer((GLOSSARIES / f"{language}.md").read_text("utf-8"))
    header, *entries = (
        GlossaryEntry(row["english"], row["term"], tuple(filter(None, row["avoid"].split(", "))))
        for row in rows
    )
    assert header.english == ("Concept" if language == SOURCE else "English")
    return tuple(entries)


@cache
def texts(language: str) -> tuple[str, ...]:
    """Return every sentence of the product in a language, those of the conditions included."""
    return (*_sentences(language), *_conditions(language))


@cache
def changeable_texts(language: str) -> tuple[str, ...]:
    """Return the sentences that a new rule can still reach."""
    return (*_sentences(language), *_conditions(language, ACCEPTED_CONDITIONS))


def _sentences(language: str) -> Iterator[str]:
    if language == SOURCE:
        catalogue = load(catalogue_path(TRANSLATED[0]), TRANSLATED[0])
        yield from (PLACEHOLDER.sub("…", text) for one in messages(catalogue) for text in originals(one))
        return
    for message in messages(load(catalogue_path(language), language)):
        yield from (PLACEHOLDER.sub("…", form) for form in forms(message) if form not in EXCEPTIONS)


def _conditions(language: str, left_out: Container[str] = ()) -> Iterator[str]:
    for version in (path for path in sorted(TERMS.iterdir()) if path.name not in left_out):
        lines = (version / f"{language}.html").read_text("utf-8").splitlines()
        yield from (PARTICULAR.sub("…", TAG.sub("", line)).strip() for line in lines)


def word(term: str) -> re.Pattern[str]:
    letters = re.escape(term).replace(r"\-", r"[-\u2011]")
    return re.compile(rf"(?<![\w\u2011-]){letters}(?![\w\u2011-])", re.IGNORECASE)


def test_every_language_is_held_to_its_words() -> None:
    assert set(FAULTS) == set(LANGUAGES) == {path.stem for path in GLOSSARIES.iterdir()}


@pytest.mark.parametrize(
    ("language", "fault"), [(language, fault) for language in FAULTS for fault in FAULTS[language]]
)
def test_typography(language: str, fault: str) -> None:
    wrong = re.compile(FAULTS[language][fault])
    assert [text for text in changeable_texts(language) if wrong.search(text)] == []


@pytest.mark.parametrize("language", FAULTS)
def test_the_terms_of_the_glossary_are_used(language: str) -> None:
    everything = "\n".join(texts(language))
    assert [entry for entry in glossary(language) if not word(entry.term).search(everything)] == []
    assert len(glossary(language)) > 20


@pytest.mark.parametrize("language", FAULTS)
def test_what_the_glossary_rules_out_is_not_used(language: str) -> None:
    banned = {term: word(term) for entry in glossary(language) for term in entry.avoid}
    candidates = changeable_texts(language)
    assert [(term, text) for term, shape in banned.items() for text in candidates if shape.search(text)] == []


@pytest.mark.parametrize("language", FAULTS)
def test_subjects_of_mails_are_short(language: str) -> None:
    values = {
        "office": "Bureau Bruno",
        "reference": "6000 000 001",
        "code": "000123",
        "day": "30 septembre 2026",
    }
    subjects = {text % values for text in _in_language(_subjects(), language)}
    assert {subject for subject in subjects if len(subject) > LONGEST_SUBJECT} == set()
    assert len(subjects) > 10


@pytest.mark.parametrize("language", FAULTS)
def test_titles_have_no_full_stop(language: str) -> None:
    titles = _in_language((*_subjects(), *_page_titles()), language)
    assert {title for title in titles if title.endswith(".")} == set()
    assert len(titles) > 60


def _in_language(msgids: Iterable[str], language: str) -> set[str]:
    if language == SOURCE:
        return set(msgids)
    catalogue = {m.id: forms(m)[0] for m in messages(load(catalogue_path(language), language))}
    return {catalogue[msgid] for msgid in msgids}


def _page_titles() -> Iterator[str]:
    """Yield the titles of pages: those of templates, and those of the tables that fill the others."""
    for template in sorted(MAILS.parent.rglob("*.html")):
        for line in TITLE.findall(template.read_text("utf-8")):
            yield from (text.replace("\\'", "'") for text in re.findall(r"_\('((?:[^'\\]|\\')+)'", line))
    with Flask(__name__).app_context(), override_locale(SOURCE):
        tables = (ERROR_PAGES, LINK_PAGES, {0: FOREIGN, 1: ELSEWHERE, 2: STALE})
        yield from (str(page.title) for table in tables for page in table.values())
        yield from (str(HEADINGS[message]) for message, tone in TONES.items() if tone is FailureTone.CALM)


def _subjects() -> Iterator[str]:
    for template in sorted(MAILS.glob("*.jinja")):
        for block in SUBJECT.findall(template.read_text("utf-8")):
            yield from re.findall(r"_\('([^']+)'", block)
