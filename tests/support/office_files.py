"""Files as offices have them, made on the spot: CSVs in any dress, workbooks, and what pretends to be one."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import update
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.models import BulkAction
from app.services.sign_in import SignedInAccountant
from app.web.extensions import Services
from tests.support.portal import token_in

HEADINGS = ("Code", "Nom", "Banque", "IBAN", "État")
ROW = ("C1", "Café Noël", "Belfius", "BE46 0630 0000 0136", "actif")

Row = Sequence[object]


def csv_file(
    *rows: Row,
    headings: Row = HEADINGS,
    above: Sequence[str] = (),
    separator: str = ";",
    encoding: str = "utf-8",
    line_end: str = "\r\n",
) -> bytes:
    """Write a CSV; `above` are lines over its headings."""
    lines = [*above, *(separator.join(map(str, row)) for row in (headings, *rows)), ""]
    return line_end.join(lines).encode(encoding)


def workbook(*rows: Row, headings: Row = HEADINGS, above: Sequence[Row] = ()) -> bytes:
    """Write an Excel workbook whose second sheet is empty."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (*above, headings, *rows):
        sheet.append(list(row))
    book.create_sheet("Notes")
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def repack(raw: bytes, changed: Mapping[str, bytes]) -> bytes:
    """Return a workbook of which some parts are other ones."""
    written = BytesIO()
    with ZipFile(BytesIO(raw)) as old, ZipFile(written, "w", ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()} | dict(changed)
        if STRINGS in parts:
            parts[TYPES] = parts[TYPES].replace(b"</Types>", _STRINGS_TYPE + b"</Types>")
        for name, content in parts.items():
            new.writestr(name, content)
    return written.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET, STRINGS, TYPES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "[Content_Types].xml"
_STRINGS_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)


def sheet_of(rows: bytes) -> bytes:
    """Write the part of a sheet that holds these rows."""
    return b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (_MAIN.encode(), rows)


def send_file(client: FlaskClient, form: str, action: str, raw: bytes, **fields: str) -> TestResponse:
    """Choose a file on a page, and press its button."""
    token = token_in(client.get(form).text)
    # In memory: a browser's file lies on its own disk.
    file = FileStorage(BytesIO(raw), "file.csv")
    boundary, body = encode_multipart({"csrf_token": token, "file": file, **fields})
    return client.post(action, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def keep_faulty_order(services: Services, who: SignedInAccountant, public_id: str) -> None:
    """Hand in a file with a faulty row, and have its order called so."""
    file = csv_file(("ACME", "612", "x"), headings=("Code", "Reference", "Email"))
    kept = services.for_office(who.office_id).bulk_orders.keep_file(file, who, "fr")
    with services.database.write_connection() as connection:
        named = update(BulkAction).where(BulkAction.public_id == kept)
        connection.execute(named.values(public_id=public_id))
