"""The rows of an Excel workbook, in bounded memory: what is huge once unpacked is refused."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from functools import partial
from importlib.util import find_spec
from io import BytesIO
from typing import Any
from zipfile import ZipFile, ZipInfo

from app.domain.file_rules import FileFault, FileProblem, InvalidFile
from app.services.csv_rows import FileRow, Sheet

#: A sheet as wide as this holds more than any of our columns; the rest is looked at for nothing.
MOST_COLUMNS = 100
_MOST_PARTS, _MOST_SHEETS, _CHUNK = 500, 50, 64 * 1024
_MOST_BYTES = 40 * 1024 * 1024
#: Of any sheet that there is.
_SHEET_ROWS = 1_048_576
#: Elements of XML: of a sheet and its texts for each row, of one row, of any other part.
_OF_EACH_ROW, _OF_ONE_ROW, _OF_OTHER_PARTS = 100, 20 * MOST_COLUMNS, 50_000
_LARGE_PART = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.xml", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row\b")


def reads_workbooks() -> bool:
    """Tell whether the extra `xlsx` is installed."""
    return find_spec("openpyxl") is not None


def read_workbook(raw: bytes, most_rows: int) -> list[Sheet]:
    """Return the sheets of a workbook; raise InvalidFile where it is none, or a trap."""
    if not reads_workbooks():
        raise InvalidFile(FileFault(FileProblem.WORKBOOKS_NOT_READ))
    from openpyxl import load_workbook  # An extra.

    try:
        with ZipFile(BytesIO(raw)) as archive:
            _check_parts(archive, most_rows)
        book = load_workbook(BytesIO(raw), read_only=True, keep_links=False)
    except InvalidFile:
        raise
    except Exception:  # whatever a library meets in bytes that anybody may have made
        raise InvalidFile(FileFault(FileProblem.BROKEN_WORKBOOK)) from None
    return [partial(_read_sheet, sheet, most_rows) for sheet in book.worksheets]


def _check_parts(archive: ZipFile, most_rows: int) -> None:
    """Unpack everything once, keeping nothing, and count what a reader would have to hold."""
    most = _OF_OTHER_PARTS + _OF_EACH_ROW * most_rows
    left = {"bytes": _MOST_BYTES, "sheets": _MOST_SHEETS, "large": most, "other": _OF_OTHER_PARTS}
    if len(archive.infolist()) > _MOST_PARTS:
        raise InvalidFile(FileFault(FileProblem.TOO_LARGE))
    for part in archive.infolist():
        kind = "large" if _LARGE_PART.fullmatch(part.filename) else "other"
        for chunk, of_row in _unpack_part(archive, part):
            left["bytes"] -= len(chunk)
            left["sheets"] -= chunk.count(b"sheetId=")
            left[kind] -= chunk.count(b"<")
            if min(left.values()) < 0 or ("/worksheets/" in part.filename and of_row > _OF_ONE_ROW):
                raise InvalidFile(FileFault(FileProblem.TOO_LARGE))


def _unpack_part(archive: ZipFile, part: ZipInfo) -> Iterator[tuple[bytes, int]]:
    """Yield a part piece by piece, each with how many elements its fullest row has so far."""
    of_row = 0
    with archive.open(part) as unpacked:
        while chunk := unpacked.read(_CHUNK):
            counts = [piece.count(b"<") for piece in _ROW.split(chunk)]
            counts[0] += of_row
            of_row = counts[-1]
            yield chunk, max(counts)


def _read_sheet(sheet: Any, most_rows: int) -> Iterator[FileRow]:
    """Yield each row that holds anything, with the sheet's own numbers."""
    rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, max_row=_SHEET_ROWS)
    try:
        for line, row in enumerate(rows, 1):
            cells = [_read_cell(cell) for cell in row]
            if any(cells):
                yield FileRow(line, cells)
            elif line > 2 * most_rows + 1000:
                raise InvalidFile(FileFault(FileProblem.TOO_MANY_ROWS, about=most_rows))
    except InvalidFile:
        raise
    except Exception:  # as above
        raise InvalidFile(FileFault(FileProblem.BROKEN_WORKBOOK)) from None


def _read_cell(cell: Any) -> str:
    """Return the text of a cell; a formula, its error, or a day that was no day is its problem instead."""
    match cell.value:
        case None:
            return ""
        case _ if cell.data_type in ("f", "e"):
            return FileProblem.FORMULA
        case date() | time() | timedelta():
            return FileProblem.REWRITTEN
        case float(value) if value.is_integer():
            return str(int(value))
        case value:
            return str(value)
