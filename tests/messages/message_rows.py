"""The words of each message as one language has them, plain and ready to be printed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.advice import ADVICE
from app.domain.caps import DAY, Caps
from app.domain.failures import Failure
from app.domain.message_rules import ON_LINK_PAGES
from app.domain.states import LinkCondition, StatusLabel
from app.i18n import gettext
from app.simulation.scenarios import SCENARIOS, Scenario
from app.web.failure_pages import build_failure_page, lock_failure_page
from app.web.link_pages import PAGES, link_page_text
from app.wording import LABELS, OFFICE_MESSAGES
from tests.support.office import OFFICE, REFERENCE

#: The instant of every sample: then an attempt ended, or then a link was opened.
THEN = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)

#: What every failure page says around its message, in the order of the page.
FRAME = (
    "What to check, the most likely cause first",
    "What to do now",
    "You can try again now.",
)


@dataclass(frozen=True)
class MessageRow:
    """One failure: what the cardholder reads, then what the accounting office does."""

    message: tuple[str, ...]
    outcome: str
    checks: tuple[tuple[str, str], ...]
    now: str
    again: str
    labels: tuple[str, ...]
    cause: str
    remedy: str


def rows_of(page: object) -> tuple[Scenario, ...]:
    """Return the scenarios that end on this page."""
    return tuple(row for row in SCENARIOS.values() if row.page is page)


def label_of(row: Scenario) -> StatusLabel:
    """Return where the request stands for the office after this failure."""
    return StatusLabel.PROBLEM if row.problem else StatusLabel.INVITATION_SENT


def failure_told(failure: Failure) -> MessageRow:
    """Tell one failure in the language that is spoken."""
    page, advice = build_failure_page(failure, REFERENCE, THEN, THEN), ADVICE[failure]
    return MessageRow(
        message=(page.heading, str(page.under)) if page.under else (page.heading,),
        outcome=str(page.outcome),
        checks=tuple((str(check.title), str(check.advice)) for _, check in page.checks),
        now=str(page.now),
        again=page.again,
        labels=tuple(dict.fromkeys(str(LABELS[label_of(row)]) for row in rows_of(failure))),
        cause=str(advice.cause),
        remedy=str(advice.remedy),
    )


def frame_told() -> tuple[str, ...]:
    """Tell what stands around every message."""
    return tuple(map(gettext, FRAME))


def closing_told() -> tuple[str, str]:
    """Tell what a failure page says after one refusal too many: under its message, and what to do."""
    page = lock_failure_page(
        build_failure_page(Failure.REFUSED, REFERENCE, THEN, THEN), OFFICE, THEN + DAY, THEN, Caps()
    )
    return page.closed, str(page.now)


def link_choices(condition: LinkCondition) -> list[str]:
    """Tell what can be sent to the office from the page of a link that does not open the wizard."""
    return [str(OFFICE_MESSAGES[message]) for message in ON_LINK_PAGES[condition]]


def link_told(condition: LinkCondition) -> tuple[str, str, str]:
    """Tell what a link says that does not open the wizard."""
    return str(PAGES[condition].title), *link_page_text(condition, OFFICE, THEN, THEN + DAY, Caps())
