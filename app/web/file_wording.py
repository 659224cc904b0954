"""What is said of a file that cannot be taken: one sentence for each fault, with what to do about it."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.domain.file_rules import FileFault, FileProblem
from app.domain.order_rules import OrderProblem
from app.i18n import _l, format_list, format_number
from app.wording import ORDER_PROBLEMS

#: The columns of files, by their names in the code.
COLUMN_NAMES: Mapping[str, LazyString] = {
    "office": _l("Office"),
    "accountant e-mail": _l("Email of the office"),
    "code": _l("Code"),
    "name": _l("Name"),
    "bank": _l("Bank"),
    "iban": _l("IBAN"),
    "state": _l("Status"),
    "client_reference": _l("Client reference"),
    "address": _l("Cardholder's email address"),
    "language": _l("Cardholder's language"),
}

_NO_DOSSIER = _l("Your office has no dossier with this code.")
_NO_MANDATE = _l("This dossier has no active CODA mandate with a bank that offers CARO.")

FILE_PROBLEMS: Mapping[str, LazyString] = {
    FileProblem.NOTHING_SENT: _l("Choose a file first."),
    FileProblem.BUSY: _l("Another file of your office is being read. Try again in a few seconds."),
    FileProblem.TOO_LARGE: _l("This file is too large. Split it into several files."),
    FileProblem.NO_TABLE: _l(
        "This is neither a CSV file nor an Excel workbook. Save it in Excel as “CSV UTF-8” or as .xlsx, then "
        "choose that file."
    ),
    FileProblem.OLD_WORKBOOK: _l(
        "This workbook has the old format .xls, or a password. Save it in Excel as .xlsx without a password, "
        "then choose that file."
    ),
    FileProblem.BROKEN_WORKBOOK: _l(
        "This workbook cannot be read. Open it in Excel and save it again as .xlsx, then choose that file."
    ),
    FileProblem.WORKBOOKS_NOT_READ: _l(
        "Excel workbooks cannot be read here. Save the sheet in Excel as “CSV UTF-8”, then choose that file."
    ),
    FileProblem.TOO_MANY_ROWS: _l("This file has more than %(about)s rows. Split it into several files."),
    FileProblem.TOO_MANY_COLUMNS: _l(
        "This row has more than %(about)s columns. Delete those that are not needed."
    ),
    FileProblem.ENCODING: _l(
        "From this line on, letters with accents cannot be read: the file was saved for an old Mac or DOS "
        "program. Save it in Excel as “CSV UTF-8”, then choose that file."
    ),
    FileProblem.QUOTATION: _l("A quotation mark is missing or too many in the row that begins on this line."),
    FileProblem.NO_HEADINGS: _l("There is no row with headings. Write these above the columns: %(about)s."),
    FileProblem.COLUMN_MISSING: _l("The column “%(about)s” is missing."),
    FileProblem.COLUMN_TWICE: _l("There are two columns with this heading. Delete one of them."),
    FileProblem.NO_ROWS: _l("There is no row below the headings."),
    FileProblem.NOT_FILLED_IN: _l("No row has a client reference or an email address."),
    FileProblem.EMPTY: _l("This cell is empty."),
    FileProblem.TOO_LONG: _l("This text is longer than %(about)s characters."),
    FileProblem.CONTROL_CHARACTER: _l("There is a line break or another control character in this cell."),
    FileProblem.REWRITTEN: _l(
        "Excel has rewritten this cell as a rounded number, such as 6.12E+09, or as a date. In Excel, format "
        "the column as text and type the value again."
    ),
    FileProblem.FORMULA: _l(
        "There is a formula in this cell. In Excel, copy the column and paste it as values only."
    ),
    FileProblem.CARD_NUMBER: _l("This looks like a card number. Delete it: no file needs one."),
    FileProblem.UNKNOWN_BANK: _l("This is not one of the banks that offer CARO: %(about)s."),
    FileProblem.UNKNOWN_STATE: _l("Write “active” or “archived”."),
    FileProblem.ACCOUNT_ELSEWHERE: _l("This IBAN is of an account at another bank."),
    FileProblem.UNKNOWN_DOSSIER: _NO_DOSSIER,
    FileProblem.NO_ACTIVE_MANDATE: _NO_MANDATE,
    FileProblem.TWICE: _l("The same client reference is on an earlier line."),
    FileProblem.EARLIER_REQUEST: _l("There was an earlier request for this client reference."),
    FileProblem.TOO_OLD: _l("This row was not ordered within 24 hours, so its data were deleted."),
    FileProblem.OTHER_NAME: _l("The same dossier has another name on line %(about)s."),
    FileProblem.OTHER_OFFICE: _l("The same email address is of another office on line %(about)s."),
    FileProblem.OTHER_STATE: _l("The same account has another bank or status on line %(about)s."),
    FileProblem.TWO_DOSSIERS: _l(
        "This account already has an active mandate in another dossier: %(about)s. Check which of the two is "
        "right."
    ),
    FileProblem.KNOWN_ELSEWHERE: _l("This email address is known already, at another office."),
    FileProblem.AMBIGUOUS_CODE: _l("Several dossiers have almost this code: %(about)s. Write it in full."),
    **dict(ORDER_PROBLEMS.items()),
    OrderProblem.NO_DOSSIER: _NO_DOSSIER,
    OrderProblem.NO_MANDATE: _NO_MANDATE,
}


#: What these name is another line.
_OF_TWO_LINES = frozenset({FileProblem.OTHER_NAME, FileProblem.OTHER_OFFICE, FileProblem.OTHER_STATE})


def tell_fault(fault: FileFault) -> str:
    """Return the sentence of a fault, without its place."""
    named = [str(COLUMN_NAMES.get(part, part)) for part in fault.about.split(",")]
    about = format_list(named) if fault.problem is FileProblem.NO_HEADINGS else ", ".join(named)
    if fault.problem in _OF_TWO_LINES:
        about = format_number(int(fault.about))
    return (
        str(FILE_PROBLEMS[fault.problem]) % {"about": about}
        if fault.about
        else str(FILE_PROBLEMS[fault.problem])
    )
