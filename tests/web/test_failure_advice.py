"""What is advised after a failure, in every language: nothing in it contradicts the rest."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.advice import ADVICE
from app.domain.failures import FAILURES, ChecklistItem, Failure, FailureMessage
from app.domain.verdicts import CONSEQUENCES, Frequency
from app.i18n import LANGUAGES, gettext, override_locale
from app.web.failure_pages import FailurePage, build_failure_page
from app.wording import CHECKS
from tests.support.office import REFERENCE

CONCLUDED = datetime(2026, 11, 23, 10, 29, tzinfo=UTC)
LONG_AFTER = CONCLUDED + timedelta(days=2)

EACH = pytest.mark.parametrize("language", LANGUAGES)
OF_EACH = pytest.mark.parametrize("failure", Failure)

#: How each language says that something was refused, and how it calls something the next thing to do.
REFUSED = {"fr": r"refus", "nl": r"weiger", "en": r"refus", "de": r"abgelehnt|verweiger"}
AT_ONCE = {
    "fr": r"délai d'attente|immédiatement|tout de suite",
    "nl": r"niet te wachten|meteen|onmiddellijk",
    "en": r"not have to wait|straight away|immediately",
    "de": r"nicht zu warten|sofort",
}

#: Whoever reads one of these must wait or ask somebody, wherever it stands.
TAKES_TIME = frozenset(
    {ChecklistItem.BLOCKED, ChecklistItem.PIN_BLOCKED, ChecklistItem.LATER, ChecklistItem.TOO_OFTEN}
)


@pytest.fixture(autouse=True)
def speaker(mail_app: Flask) -> Iterator[None]:
    with mail_app.app_context():
        yield


def advised(failure: Failure, language: str) -> str:
    """Return all that cardholder and office read under the message, before and after the time to wait."""
    with override_locale(language):
        pages = [build_failure_page(failure, REFERENCE, CONCLUDED, now) for now in (CONCLUDED, LONG_AFTER)]
        sentences = [sentence for page in pages for sentence in page_sentences(page)]
        return "\n".join([*sentences, str(ADVICE[failure].cause), str(ADVICE[failure].remedy)])


def page_sentences(page: FailurePage) -> list[str]:
    checks = [str(text) for _, check in page.checks for text in (check.title, check.advice)]
    return [str(page.outcome), *checks, str(page.now), page.again]


@EACH
@OF_EACH
def test_nothing_was_refused_that_does_not_count(failure: Failure, language: str) -> None:
    if CONSEQUENCES[failure].counts is not Frequency.ALWAYS:
        assert not re.search(REFUSED[language], advised(failure, language), re.IGNORECASE)


@EACH
@OF_EACH
def test_nobody_is_hurried_who_must_wait_or_ask_first(failure: Failure, language: str) -> None:
    items = FAILURES[failure].items
    if items[:1] == (ChecklistItem.BANK,) or TAKES_TIME & set(items):
        assert not re.search(AT_ONCE[language], advised(failure, language), re.IGNORECASE)


@EACH
@OF_EACH
def test_a_time_to_wait_is_advice(failure: Failure, language: str) -> None:
    with override_locale(language):
        page = build_failure_page(failure, REFERENCE, CONCLUDED, CONCLUDED)
        advice = gettext("It is best to wait until %(time)s.").split()[:3]
        assert (page.again.split()[:3] == advice) is bool(FAILURES[failure].wait)


def test_the_time_to_wait_is_written_as_the_service_writes_it() -> None:
    def again(failure: Failure, language: str) -> str:
        with override_locale(language):
            return build_failure_page(failure, REFERENCE, CONCLUDED, CONCLUDED).again

    assert again(Failure.TECHNICAL, "fr") == "Attendez de préférence jusqu'à 11:44."
    assert again(Failure.TECHNICAL, "de") == "Warten Sie am besten bis 11:44\u00a0Uhr."
    assert again(Failure.TOO_FREQUENT, "fr") == "Attendez de préférence jusqu'à demain à 11:29."


@EACH
def test_every_refused_kind_of_card_is_led_to_the_statement(language: str) -> None:
    with override_locale(language):
        led = str(CHECKS[ChecklistItem.REFERENCE].advice)
    rows = [
        failure
        for failure, row in FAILURES.items()
        if row.message in (FailureMessage.WRONG_CARD, FailureMessage.CARD_NOT_USABLE)
    ]
    assert [failure for failure in rows if led not in advised(failure, language)] == []


@EACH
@pytest.mark.parametrize("word", ["Visa", "Mastercard"])
def test_office_and_cardholder_read_which_brands_are_carried(language: str, word: str) -> None:
    with override_locale(language):
        remedy = str(ADVICE[Failure.BRAND_NOT_CARRIED].remedy)
        check = str(CHECKS[ChecklistItem.BRAND].advice)
    assert word in remedy
    assert word in check
