"""Order CARO for many dossiers: hand in a file, correct it, order, see what became of each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import abort, current_app, redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.domain.banks import BANKS, SAMPLE_BANKS, ActivationRoute
from app.domain.cards import looks_like_card_number
from app.domain.file_rules import FileFault, FileProblem, InvalidFile
from app.i18n import LANGUAGES, _, _l, format_number
from app.mail.rendering import ANNOUNCEMENT_TO_MANY
from app.portal.bulk_orders.order_files import COLUMNS, send_rows_to_correct, tell_faults
from app.portal.bulk_orders.order_files import send_template as send_template_file
from app.portal.forms import hide_card_numbers
from app.portal.list_wording import EXPORTS, TEMPLATES
from app.portal.orders.routes import AnnouncementDraft, draft_announcement, format_iban
from app.portal.preview.sample_mails import MailSubject
from app.portal.sent_files import ACCEPTED, MOST_FAULTS, sent_file
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.services.bulk_orders import BulkOrder
from app.services.invitations import ActionOutcome
from app.services.list_export import ExportFormat
from app.services.order_check import CheckedRow
from app.services.order_file import MOST_ORDERS, OrderColumn
from app.services.workbook_rows import reads_workbooks
from app.web.file_wording import COLUMN_NAMES, FILE_PROBLEMS, tell_fault

bp = portal_blueprint("bulk_orders")

#: What was typed, by the position of its row and by its column.
_Corrections = Mapping[int, Mapping[OrderColumn, str]]
_NONE: _Corrections = {}
#: So many rows are corrected on one page: a form has to stay small.
MOST_CORRECTED = 20
_ROWS_CHANGED = _l("Some of these rows have changed meanwhile, so nothing was ordered. Look at them again.")


@bp.get("/caro/orders")
def show_form() -> str:
    """Ask for the file, and offer one to fill in."""
    return _render_form()


@bp.post("/upload/orders")
def upload_file() -> Response | tuple[str, int]:
    """Read the file and lead to its rows; nothing is ordered yet."""
    try:
        with sent_file() as raw:
            public_id = office_services().bulk_orders.keep_file(raw, current_accountant(), _usual_language())
    except InvalidFile as invalid:
        return _render_form(invalid.faults), 422
    return redirect(url_for(".show_order", order_id=public_id), 303)


@bp.get("/caro/orders.<any(csv, xlsx):export_format>")
def send_template(export_format: str) -> Response:
    """Send the dossiers that can be ordered as a file to fill in."""
    return send_template_file(ExportFormat(export_format))


@bp.get("/caro/orders/<order_id>")
def show_order(order_id: str) -> str:
    """Show what is wrong with each row, or what became of it."""
    return _render_order(_find_order(order_id))


@bp.post("/caro/orders/<order_id>")
def change_order(order_id: str) -> Response | tuple[str, int]:
    """Keep what was corrected, or order the rows that are ready."""
    order, service = _find_order(order_id), office_services().bulk_orders
    if request.form.get("step") == "order":
        if not service.confirm_order(order_id, current_accountant(), request.form.get("seen", "")):
            return _render_order(_find_order(order_id), _ROWS_CHANGED), 409
        office_services().bulk_actions.perform_action(order_id)
    elif not order.is_confirmed:
        typed = _read_corrections()
        service.correct_rows(order_id, typed, _read_seen(order), _read_dropped())
        if any(looks_like_card_number(text) for cells in typed.values() for text in cells.values()):
            return _render_order(_find_order(order_id), typed=typed), 422
    return redirect(url_for(".show_order", order_id=order_id), 303)


@bp.get("/caro/orders/<order_id>/rows.<any(csv, xlsx):export_format>")
def send_rows(order_id: str, export_format: str) -> Response:
    """Send the rows that need correcting, while they are kept."""
    rows = [row for row in _find_order(order_id).rows if row.problem]
    return send_rows_to_correct(rows, ExportFormat(export_format)) if rows else abort(404)


def _find_order(order_id: str) -> BulkOrder:
    """Return an order; what is another office's does not exist."""
    return office_services().bulk_orders.read_order(order_id) or abort(404)


def _read_corrections() -> _Corrections:
    """Read what was typed into the fields of rows: a column, a dash and the row's position."""
    typed: dict[int, dict[OrderColumn, str]] = {}
    for name, text in request.form.items():
        column, _dash, position = name.partition("-")
        if column in set(OrderColumn) and _is_position(position):
            typed.setdefault(int(position), {})[OrderColumn(column)] = text
    return typed


def _name_card_numbers(row: CheckedRow, typed: _Corrections) -> CheckedRow:
    """Say of a field that it held a card number, which is kept nowhere."""
    texts, fault = typed.get(row.position, {}), FileFault(FileProblem.CARD_NUMBER)
    cards = {column: fault for column in row.faults if looks_like_card_number(texts.get(column, ""))}
    return replace(row, faults={**row.faults, **cards})


def _read_seen(order: BulkOrder) -> dict[int, str]:
    """Read for which rows an earlier request was seen."""
    return {
        row.position: row.earlier.public_id
        for row in order.rows
        if row.earlier and request.form.get(f"again-{row.position}") == row.earlier.public_id
    }


def _read_dropped() -> set[int]:
    names = (name.partition("-") for name in request.form)
    return {int(position) for kind, _dash, position in names if kind == "drop" and _is_position(position)}


def _is_position(text: str) -> bool:
    return text.isdecimal() and len(text) <= len(str(MOST_ORDERS))


@dataclass(frozen=True)
class Announcement:
    """The mail to warn the cardholders of one language, and to whom it goes."""

    draft: AnnouncementDraft
    addresses: str


def _announcements(rows: Sequence[CheckedRow]) -> list[Announcement]:
    orders = [row.order for row in rows if row.order]
    found = []
    for language in LANGUAGES:
        addresses = dict.fromkeys(order.address for order in orders if order.language == language)
        if addresses:
            subject = MailSubject("", "", SAMPLE_BANKS[ActivationRoute.LINK], "", language)
            found.append(
                Announcement(draft_announcement(subject, ANNOUNCEMENT_TO_MANY), ", ".join(addresses))
            )
    return found


def _render_order(order: BulkOrder, reason: LazyString | None = None, typed: _Corrections = _NONE) -> str:
    faulty = [_name_card_numbers(row, typed) for row in order.rows if row.problem]
    outcomes: Mapping[str, list[object]] = {
        "done": [row for row in order.placed if row.outcome == ActionOutcome.DONE],
        "pending": [row for row in order.placed if row.outcome is None],
        "refused": [row for row in order.placed if row.outcome not in (None, ActionOutcome.DONE)],
    }
    return render_template(
        "portal/bulk_order.html" if order.is_confirmed else "portal/bulk_order_check.html",
        order=order,
        reason=reason,
        faulty=faulty,
        errors={} if order.is_confirmed else _field_errors(faulty[:MOST_CORRECTED]),
        most=MOST_CORRECTED,
        columns=COLUMN_NAMES,
        banks=BANKS,
        format_iban=format_iban,
        announcements=_announcements(order.ready),
        outcomes=outcomes,
        problems=FILE_PROBLEMS,
        sentences={row.position: tell_faults(row) for row in faulty},
        tell_fault=tell_fault,
        file_names=_file_names(EXPORTS),
    )


def _field_errors(rows: Sequence[CheckedRow]) -> dict[str, list[str]]:
    """Return what the summary above the fields says, by the fields to which it leads."""
    errors = {}
    for row in rows:
        line = _("Line %(line)s", line=format_number(row.line))
        for column, fault in row.faults.items():
            errors[f"{column}-{row.position}"] = [f"{line} – {tell_fault(fault)}"]
        if row.needs_tick:
            errors[f"again-{row.position}"] = [f"{line} – {FILE_PROBLEMS[FileProblem.EARLIER_REQUEST]}"]
    return errors


def _file_names(names: Mapping[ExportFormat, LazyString]) -> dict[ExportFormat, LazyString]:
    return {kind: names[kind] for kind in current_app.config["EXPORT_FORMATS"]}


def _usual_language() -> str:
    """Return the language of rows that name none: the chosen one, else the office's."""
    chosen = request.form.get("language", "")
    return chosen if chosen in LANGUAGES else current_accountant().order_language


def _render_form(faults: Sequence[FileFault] = ()) -> str:
    return render_template(
        "portal/bulk_order_form.html",
        errors=faults,
        faults=faults[:MOST_FAULTS],
        more=len(faults) - MOST_FAULTS,
        tell_fault=tell_fault,
        accepted=ACCEPTED,
        reads_workbooks=reads_workbooks(),
        columns=[column.heading for column in COLUMNS],
        most=MOST_ORDERS,
        no_workbook=tell_fault(FileFault(FileProblem.WORKBOOKS_NOT_READ)),
        file_names=_file_names(TEMPLATES),
        usual_language=_usual_language(),
        pasted=hide_card_numbers(request.form.get("pasted", "")),
    )
