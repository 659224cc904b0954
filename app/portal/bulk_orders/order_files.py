"""The files of an order for many: a template with the office's own dossiers, and the rows to correct."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from flask import current_app
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.clock import brussels_day
from app.domain.banks import BANKS
from app.domain.file_rules import FileProblem
from app.i18n import LANGUAGES, _, _l
from app.portal.list_files import FILE_ANSWERS, FileColumn, file_name
from app.portal.list_wording import TEMPLATES
from app.portal.sign_in_guard import current_accountant, office_services
from app.queries.orderable_dossiers import read_orderable_dossiers
from app.services.list_export import ExportFormat
from app.services.order_check import CheckedRow
from app.services.order_file import OrderColumn
from app.web.file_wording import COLUMN_NAMES, FILE_PROBLEMS, tell_fault

_Cells = Mapping[str, str]
_WIDTHS = {
    "code": 14,
    "name": 36,
    "bank": 20,
    "client_reference": 18,
    "address": 32,
    "language": 22,
    "iban": 24,
}
COLUMNS = tuple(
    FileColumn[_Cells](COLUMN_NAMES[key], itemgetter(key), width) for key, width in _WIDTHS.items()
)
_WITH_FAULTS = (*COLUMNS, FileColumn[_Cells](_l("What is wrong"), itemgetter("wrong"), 60))


def send_template(export_format: ExportFormat) -> Response:
    """Send the office's dossiers that can be ordered, to be filled in."""
    return _send(list(_template_rows()), export_format, TEMPLATES[export_format], COLUMNS)


def send_rows_to_correct(rows: list[CheckedRow], export_format: ExportFormat) -> Response:
    """Send rows as they were typed, each with what is wrong; nothing of them stays in a file here."""
    return _send(list(map(_row_to_correct, rows)), export_format, _("To correct"), _WITH_FAULTS)


def tell_faults(row: CheckedRow) -> str:
    """Tell everything that is wrong with a row, each once."""
    sentences = [tell_fault(fault) for fault in row.faults.values()]
    if row.needs_tick:
        sentences.append(str(FILE_PROBLEMS[FileProblem.EARLIER_REQUEST]))
    return " ".join(dict.fromkeys(sentences))


def _template_rows() -> Iterator[_Cells]:
    language = LANGUAGES[current_accountant().order_language]
    usual = {"client_reference": "", "address": "", "language": language}
    for row in read_orderable_dossiers(office_services().context):
        yield {**usual, "code": row.code, "name": row.name, "bank": BANKS[row.bank].name, "iban": row.iban}


def _row_to_correct(row: CheckedRow) -> _Cells:
    cells = {column.value: row.cells[column] for column in OrderColumn}
    return {**cells, "name": row.name, "wrong": tell_faults(row)}


def _send(
    rows: list[_Cells], wanted: ExportFormat, title: str | LazyString, columns: Sequence[FileColumn[_Cells]]
) -> Response:
    # Whoever asks by hand for what cannot be made here has a CSV.
    made = wanted if wanted in current_app.config["EXPORT_FORMATS"] else ExportFormat.CSV
    day = brussels_day(office_services().clock())
    name = file_name(f"{title} {current_accountant().office}", day, made)
    return FILE_ANSWERS[made](iter(rows), name, columns)
