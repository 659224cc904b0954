"""Rows as a file: a CSV as Excel opens it in Belgium, and a workbook; and the columns of the list."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from itertools import chain, islice
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, BinaryIO, Generic, TypeVar

from flask import current_app, send_file
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.clock import brussels_day
from app.domain.identifiers import group_digits, search_key
from app.domain.spreadsheet_cells import guard_cell
from app.i18n import LANGUAGES, NO_BREAK_SPACE, _l, current_language, set_locale
from app.portal.list_wording import next_event, row_detail
from app.queries.activation_list import ActivationRow
from app.services.list_export import ExportFormat
from app.wording import LABELS

#: A workbook is packed before its first byte leaves, so that its rows are a matter of seconds.
LONGEST_SHEET = 50_000
_CHUNK_ROWS = 500
#: Python itself does not know what .xlsx is; some systems tell it.
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FileCell = str | date
RowT = TypeVar("RowT")


class SheetTooLong(Exception):
    """There are more rows than a workbook is made of."""


@dataclass(frozen=True)
class FileColumn(Generic[RowT]):
    """A column of a file: its heading, what stands in it, and how wide a sheet shows it."""

    heading: LazyString
    cell: Callable[[RowT], FileCell]
    width: int


#: Never an address and never a link: a file goes where nobody erases.
COLUMNS = (
    FileColumn[ActivationRow](_l("Code"), lambda row: row.code, 14),
    FileColumn[ActivationRow](_l("Name"), lambda row: row.name, 36),
    FileColumn[ActivationRow](_l("Bank"), lambda row: row.bank_names, 20),
    # In groups no spreadsheet takes a reference for a number.
    FileColumn[ActivationRow](
        _l("Client reference"),
        lambda row: group_digits(row.client_reference) if row.client_reference else "",
        16,
    ),
    FileColumn[ActivationRow](_l("Status"), lambda row: str(LABELS[row.label]), 20),
    FileColumn[ActivationRow](_l("Since"), lambda row: brussels_day(row.since) if row.since else "", 12),
    FileColumn[ActivationRow](_l("Details"), lambda row: str(row_detail(row)), 32),
    FileColumn[ActivationRow](
        _l("What is next"), lambda row: next_event(row).replace(NO_BREAK_SPACE, " "), 32
    ),
    FileColumn[ActivationRow](
        _l("Expires on"), lambda row: brussels_day(row.expires_at) if row.expires_at else "", 12
    ),
    FileColumn[ActivationRow](
        _l("Cardholder's language"), lambda row: LANGUAGES.get(row.language or "", ""), 22
    ),
)


def installed_formats() -> tuple[ExportFormat, ...]:
    """Return the formats that can be written here: a workbook needs the extra `xlsx`."""
    return tuple(ExportFormat) if find_spec("xlsxwriter") else (ExportFormat.CSV,)


def file_name(title: str, day: date, export_format: ExportFormat) -> str:
    """Return a name that every system takes: the title in plain letters, and the day."""
    slug = re.sub("[^a-z0-9]+", "-", search_key(title))[:40].strip("-")
    return "-".join(filter(None, ("caro", slug, f"{day}.{export_format}")))


class _EchoedLine:
    """A file that keeps nothing: whoever writes a line has it back."""

    def write(self, line: str) -> str:
        return line


def write_csv(rows: Iterable[RowT], columns: Sequence[FileColumn[RowT]]) -> Iterator[bytes]:
    """Yield a CSV piece by piece: UTF-8 with its mark, semicolons, and days that every Excel reads alike."""
    writer = csv.writer(_EchoedLine(), delimiter=";")
    headings = ["\ufeff" + str(columns[0].heading), *(str(column.heading) for column in columns[1:])]
    lines = (writer.writerow([_csv_cell(column.cell(row)) for column in columns]) for row in rows)
    pieces = chain([writer.writerow(headings)], lines)
    while piece := "".join(islice(pieces, _CHUNK_ROWS)):
        yield piece.encode()


def _csv_cell(cell: FileCell) -> str:
    return guard_cell(cell) if isinstance(cell, str) else cell.isoformat()


def write_xlsx(
    rows: Iterable[RowT],
    file: BinaryIO,
    columns: Sequence[FileColumn[RowT]],
    longest: int = LONGEST_SHEET,
) -> None:
    """Write a workbook whose texts are texts, row by row to the disk; raise SheetTooLong."""
    from xlsxwriter import Workbook  # An extra: whoever has it not never comes here.

    with TemporaryDirectory() as folder, Workbook(file, {"constant_memory": True, "tmpdir": folder}) as book:
        text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet, bold = book.add_worksheet("CARO"), book.add_format({"bold": True})
        for place, column in enumerate(columns):
            # What is typed below stays a text as well.
            sheet.set_column(place, place, column.width, text)
            sheet.write_string(0, place, str(column.heading), bold)
        number = 0
        for number, row in enumerate(rows, 1):
            if number > longest:
                raise SheetTooLong
            for place, column in enumerate(columns):
                _write_cell(sheet, (number, place), column.cell(row), text, day)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, number, len(columns) - 1)
        # A code of digits is no mistake.
        sheet.ignore_errors({"number_stored_as_text": f"A1:B{number + 1}"})


def _write_cell(sheet: Any, place: tuple[int, int], cell: FileCell, text: Any, day: Any) -> None:
    if isinstance(cell, date):
        sheet.write_datetime(*place, cell, day)
    elif cell:
        sheet.write_string(*place, cell, text)


def _send_csv(rows: Iterator[RowT], name: str, columns: Sequence[FileColumn[RowT]]) -> Response:
    """Send the rows as they are read, so that nobody waits for the last of them."""
    answer = Response(_keep_language(write_csv(rows, columns)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _keep_language(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Make each piece in the language of this request, which is over by then.

    Nothing is left open between two pieces: a server may drop the rest in any thread.
    """
    app, language = current_app._get_current_object(), current_language()  # type: ignore[attr-defined]

    def make_next() -> bytes:
        with app.app_context():
            set_locale(language)
            return next(pieces, b"")

    return iter(make_next, b"")


def _send_xlsx(rows: Iterator[RowT], name: str, columns: Sequence[FileColumn[RowT]]) -> Response:
    """Send a workbook once it is packed; the file has no name of its own and goes with the answer."""
    with ExitStack() as stack:
        file = stack.enter_context(TemporaryFile())
        write_xlsx(rows, file, columns)
        stack.pop_all()  # Now the answer closes it.
    file.seek(0)
    return send_file(file, mimetype=_XLSX, as_attachment=True, download_name=name)


#: How each format is answered.
FILE_ANSWERS: Mapping[ExportFormat, Callable[[Iterator[Any], str, Sequence[FileColumn[Any]]], Response]] = {
    ExportFormat.CSV: _send_csv,
    ExportFormat.XLSX: _send_xlsx,
}
