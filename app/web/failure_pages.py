"""What a failed attempt tells the cardholder: the message, what to check, what to do, when to try again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel.speaklater import LazyString

from app.clock import brussels_day
from app.domain.caps import Caps
from app.domain.failures import FAILURES, ChecklistItem, Failure, FailureTone
from app.i18n import _, format_end, format_moment, format_start, format_time
from app.wording import CHECKS, HEADINGS, NOW, NUMBERS, OUTCOMES, UNDER, ChecklistText


@dataclass(frozen=True)
class FailurePage:
    """Everything that a failure page shows, in the reader's language.

    `closed` says until when the card page is closed, `again` when to try again; either may be empty.
    """

    tone: FailureTone
    heading: str
    under: LazyString | None
    outcome: LazyString
    checks: tuple[tuple[ChecklistItem, ChecklistText], ...]
    now: LazyString | str
    again: str
    closed: str = ""


def build_failure_page(
    failure: Failure, reference: str, concluded_at: datetime, now: datetime
) -> FailurePage:
    """Tell one failure; the reference stays ten bare digits, as the message of the service has it."""
    page = FAILURES[failure]
    return FailurePage(
        tone=page.tone,
        heading=str(HEADINGS[page.message]) % {"reference": reference},
        under=UNDER[page.message],
        outcome=OUTCOMES[page.message],
        checks=tuple((item, CHECKS[item]) for item in page.items),
        now=NOW[failure],
        again=_retry_sentence(page.wait, concluded_at, now),
    )


def lock_failure_page(
    page: FailurePage, office: str, opens_at: datetime, now: datetime, caps: Caps
) -> FailurePage:
    """Return the page as it is after too many refusals: when the card page opens, and who can open it."""
    return replace(
        page,
        now=_(
            "If you cannot wait, ask %(office)s to send the invitation again: that opens the page straight "
            "away.",
            office=office,
        ),
        again="",
        closed=_(
            "The page for your card details is closed: %(count)s attempts were refused within 24 hours. It "
            "opens again %(moment)s.",
            count=NUMBERS[caps.refusals_a_day],
            moment=format_moment(opens_at, now),
        ),
    )


def _retry_sentence(wait: timedelta | None, concluded_at: datetime, now: datetime) -> str:
    if wait is None:
        return ""
    if not wait:
        return _("You do not have to wait: try again as soon as this is done.")
    opens_at = concluded_at + wait
    if opens_at <= now:
        return _("You can try again now.")
    if brussels_day(opens_at) == brussels_day(now):
        return _("It is best to wait until %(time)s.", time=format_time(opens_at))
    return _("It is best to wait %(end)s.", end=format_end(opens_at, now))


def opens_at_sentence(opens_at: datetime, now: datetime) -> str:
    """Say when another try makes sense: the time in Brussels, with the day unless it is today's."""
    return _("You can try again %(start)s.", start=format_start(opens_at, now))
