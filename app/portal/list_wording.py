"""The words of the list: causes in two or three of them, what is next, orders."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from app.clock import brussels_day
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.states import ActivationState, StatusLabel
from app.i18n import _, _l, format_short_day
from app.queries.activation_list import ActivationRow, NotOrderableReason
from app.queries.list_query import Cause, ListQuery, ListSort, ProblemCause
from app.services.list_export import ExportFormat

OBSTACLES: Mapping[NotOrderableReason, LazyString] = {
    NotOrderableReason.NO_MANDATE: _l("No active CODA mandate"),
    NotOrderableReason.NO_BANK: _l("No CODA mandate with a bank that offers CARO"),
}

#: Why a request is a problem, as short as a column wants it.
CAUSES: Mapping[Cause, LazyString] = {
    Failure.WRONG_CARD: _l("Wrong card"),
    Failure.NOT_CREDIT: _l("Not a credit card"),
    Failure.BRAND_NOT_CARRIED: _l("Card brand not accepted"),
    Failure.CARD_DATA: _l("Mistyped card details"),
    Failure.PIN: _l("PIN or response wrong"),
    Failure.CARD_EXPIRED: _l("Expired card"),
    Failure.NOT_PERMITTED: _l("Online payment not allowed"),
    Failure.REFUSED: _l("Refused without a reason"),
    Failure.BANK_REFUSED: _l("Refused by the bank"),
    Failure.CARD_BLOCKED: _l("Blocked card"),
    Failure.CARD_NEVER_USED: _l("Card never used"),
    Failure.DEVICE: _l("Device not accepted"),
    Failure.TECHNICAL: _l("Technical problem"),
    Failure.TOO_FREQUENT: _l("Tried too often"),
    Failure.TIMED_OUT: _l("Ran out of time"),
    Failure.CANCELLED: _l("Cancelled at the bank"),
    Failure.HANDOFF_LATE: _l("Bank reached too late"),
    ProblemCause.REFUSED_IN_APP: _l("Refused in the bank's app"),
}

#: How far an invited cardholder has come.
PROGRESS: Mapping[ActivationState, LazyString] = {
    ActivationState.TERMS_ACCEPTED: _l("Conditions accepted"),
    ActivationState.AWAITING_BANK: _l("At the bank"),
}

INVITATION_LOST = _l("The invitation could not be delivered")

_REMINDERS: Mapping[MailKind, Callable[[str], str]] = {
    MailKind.FIRST_REMINDER: lambda day: _("First reminder on %(day)s", day=day),
    MailKind.SECOND_REMINDER: lambda day: _("Second reminder on %(day)s", day=day),
    MailKind.THIRD_REMINDER: lambda day: _("Third reminder on %(day)s", day=day),
}

#: The orders by the way an address writes them.
SORTS: Mapping[str, LazyString] = {
    "code": _l("Code, from A to Z"),
    "-code": _l("Code, from Z to A"),
    "name": _l("Name, from A to Z"),
    "-name": _l("Name, from Z to A"),
    "state": _l("Status, most urgent first"),
    "-state": _l("Status, most urgent last"),
    "date": _l("Waiting longest first"),
    "-date": _l("Most recent first"),
}

UNKNOWN_FILTER = _l(
    "The address of this page asks for a filter or an order that does not exist. It was left out."
)
EXPORTS: Mapping[ExportFormat, LazyString] = {
    ExportFormat.CSV: _l("Export to CSV"),
    ExportFormat.XLSX: _l("Export to Excel"),
}
#: The same kinds of file, empty but for the dossiers.
TEMPLATES: Mapping[ExportFormat, LazyString] = {
    ExportFormat.CSV: _l("CSV template"),
    ExportFormat.XLSX: _l("Excel template"),
}
NO_WORKBOOK = _l("Excel files cannot be made here. Export to CSV: Excel opens it as well.")


@dataclass(frozen=True)
class SortLink:
    """The heading of a column: what it is sorted by now, and where its link leads."""

    url: str
    direction: str | None


def sort_links(list_query: ListQuery, address: Callable[..., str]) -> Mapping[ListSort, SortLink]:
    """Return the link of each sortable heading: upwards, or downwards where it already goes up."""
    return {sort: _sort_link(list_query, sort, address) for sort in ListSort}


def _sort_link(list_query: ListQuery, sort: ListSort, address: Callable[..., str]) -> SortLink:
    if list_query.sort is not sort:
        return SortLink(address(sort="" if sort is ListSort.CODE else sort), None)
    if list_query.descending:
        return SortLink(address(sort="" if sort is ListSort.CODE else sort), "descending")
    return SortLink(address(sort=f"-{sort}"), "ascending")


def row_detail(row: ActivationRow) -> LazyString | str:
    """Tell what a status leaves open: why nothing can be ordered, the cause of a problem, how far it came."""
    if row.obstacle:
        return OBSTACLES[row.obstacle]
    if row.label is StatusLabel.PROBLEM and row.cause:
        return CAUSES[row.cause]
    if row.label is StatusLabel.INVITATION_SENT and row.state:
        return INVITATION_LOST if row.invitation_lost else PROGRESS.get(row.state, "")
    return ""


def next_event(row: ActivationRow) -> str:
    """Tell what happens next by itself, if anything does."""
    if row.reminder:
        return _REMINDERS[row.reminder.kind](format_short_day(brussels_day(row.reminder.at)))
    if row.expires_at and row.label is not StatusLabel.ACTIVE:
        return _("Expires on %(day)s", day=format_short_day(brussels_day(row.expires_at)))
    return ""
