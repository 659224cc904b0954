"""The list of all dossiers and activations: search, filters, order and pages, and all of it as a file."""

from functools import partial
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.clock import brussels_day
from app.domain.banks import BANKS
from app.domain.states import StatusLabel
from app.i18n import LANGUAGES, _, format_number
from app.portal.bulk.bulk_wording import CHOICES
from app.portal.list_address import list_url, read_list_query
from app.portal.list_files import COLUMNS, FILE_ANSWERS, LONGEST_SHEET, SheetTooLong, file_name
from app.portal.list_wording import (
    CAUSES,
    EXPORTS,
    NO_WORKBOOK,
    SORTS,
    UNKNOWN_FILTER,
    next_event,
    row_detail,
    sort_links,
)
from app.portal.sign_in_guard import current_accountant, office_services, portal_blueprint
from app.queries import activation_list
from app.queries.activation_list import ActivationPage
from app.queries.list_branches import URGENCY
from app.queries.list_query import ListQuery
from app.queries.list_statements import COUNTED
from app.services.invitations import ActivationAction
from app.services.list_export import ExportFormat
from app.web.extensions import services
from app.web.notices import NoticeKind, flash_notice
from app.wording import LABELS

bp = portal_blueprint("portal")


@bp.get("/")
def redirect_to_list() -> Response:
    """Lead to the list."""
    return redirect(url_for(".list_activations"), 303)


@bp.get("/caro")
def list_activations() -> str:
    """Show the office's dossiers and where each request stands."""
    list_query, has_unknown = read_list_query()
    page = activation_list.list_activations(office_services().context, list_query)
    address = partial(list_url, list_query)
    return render_template(
        "portal/activations.html",
        list_query=list_query,
        unknown_filter=UNKNOWN_FILTER if has_unknown else "",
        page=page,
        counted=COUNTED,
        filters={label: _count_text(page, label) for label in URGENCY},
        labels={label: str(word) for label, word in LABELS.items()},
        choices=_choices(),
        sorts=sort_links(list_query, address),
        export_formats=current_app.config["EXPORT_FORMATS"],
        export_names=EXPORTS,
        no_workbook=NO_WORKBOOK,
        bulk_choices=_bulk_choices(),
        ticked={row.partition(".")[0] for row in request.args.getlist("row")},
        ticks_all=request.args.get("all") == "yes",
        row_detail=row_detail,
        next_event=next_event,
        address=address,
        language_link=partial(_list_url_in, list_query),
    )


@bp.get("/caro/export.<any(csv, xlsx):export_format>")
def export_activations(export_format: str) -> Response:
    """Hand out all rows of this address as a file; where that cannot be, say why above the list."""
    wanted, (list_query, has_unknown) = ExportFormat(export_format), read_list_query()
    if has_unknown:
        return _refuse_export(list_query, UNKNOWN_FILTER)
    if wanted not in current_app.config["EXPORT_FORMATS"]:
        return _refuse_export(list_query, NO_WORKBOOK)
    who, office = current_accountant(), office_services()
    name = file_name(who.office, brussels_day(office.clock()), wanted)
    # PostgreSQL takes NUL in no text; without it this is nobody's id all the same.
    chosen = [public_id.replace("\0", "") for public_id in request.args.getlist("row")]
    rows = office.list_exports.export_list(list_query, wanted, who, chosen)
    try:
        return FILE_ANSWERS[wanted](rows, name, COLUMNS)
    except SheetTooLong:
        most = format_number(LONGEST_SHEET)
        sentence = _(
            "An Excel file holds up to %(rows)s rows here. Narrow the list, or export it to CSV.", rows=most
        )
        return _refuse_export(list_query, sentence)


def _refuse_export(list_query: ListQuery, sentence: str | LazyString) -> Response:
    flash_notice(NoticeKind.CAREFUL, sentence)
    return redirect(list_url(list_query), 303)


def _choices() -> dict[str, dict[str, Any]]:
    """Return what each filter can be, by the name that it has in the address."""
    return {
        "state": {label: LABELS[label] for label in URGENCY},
        "bank": {key: bank.name for key, bank in BANKS.items()},
        "language": dict(LANGUAGES),
        "problem": dict(CAUSES.items()),
        "sort": dict(SORTS),
    }


def _bulk_choices() -> dict[str, LazyString]:
    """Return what can be done with several requests, as this installation is set up."""
    missing = {*ExportFormat} - {*current_app.config["EXPORT_FORMATS"]}
    never = {*missing, *([] if services().settings.reminder_days else [ActivationAction.REMIND])}
    return {value: name for value, name in CHOICES.items() if value not in never}


def _count_text(page: ActivationPage, label: StatusLabel) -> str:
    """Tell how many rows there are of a label, as far as they were counted; nothing where they were not."""
    count = page.counts.get(label)
    return "" if count is None else format_count(count)


def _list_url_in(list_query: ListQuery, language: str) -> str:
    """Return the address of these same rows in another language."""
    return list_url(list_query, after=list_query.after, before=list_query.before, lang=language)


def format_count(count: int) -> str:
    """Write a count as far as it was counted."""
    return f"{format_number(min(count, COUNTED))}{'+' if count > COUNTED else ''}"
