"""What can be wrong with a file of an office, and where in it."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.order_rules import OrderProblem


class FileProblem(StrEnum):
    """What is wrong with a file as a whole, with a cell, or with a line beside the others."""

    NOTHING_SENT = "nothing_sent"
    BUSY = "busy"
    TOO_LARGE = "too_large"
    NO_TABLE = "no_table"
    OLD_WORKBOOK = "old_workbook"
    BROKEN_WORKBOOK = "broken_workbook"
    WORKBOOKS_NOT_READ = "workbooks_not_read"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    ENCODING = "encoding"
    QUOTATION = "quotation"
    NO_HEADINGS = "no_headings"
    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    NO_ROWS = "no_rows"
    NOT_FILLED_IN = "not_filled_in"

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    REWRITTEN = "rewritten"
    FORMULA = "formula"
    CARD_NUMBER = "card_number"
    UNKNOWN_BANK = "unknown_bank"
    UNKNOWN_STATE = "unknown_state"
    ACCOUNT_ELSEWHERE = "account_elsewhere"

    UNKNOWN_DOSSIER = "unknown_dossier"
    NO_ACTIVE_MANDATE = "no_active_mandate"
    TWICE = "twice"
    EARLIER_REQUEST = "earlier_request"
    TOO_OLD = "too_old"

    OTHER_NAME = "other_name"
    OTHER_OFFICE = "other_office"
    OTHER_STATE = "other_state"
    TWO_DOSSIERS = "two_dossiers"
    KNOWN_ELSEWHERE = "known_elsewhere"
    AMBIGUOUS_CODE = "ambiguous_code"


@dataclass(frozen=True)
class FileFault:
    """One thing that is wrong: its line and the heading of its column, where it has them.

    `about` is what its sentence names: another line, a column, a number of rows.
    """

    problem: FileProblem | OrderProblem
    line: int = 0
    column: str = ""
    about: str | int = ""


class InvalidFile(Exception):
    """The file cannot be taken, and nothing of it was; carries every fault, in the order of the lines."""

    def __init__(self, *faults: FileFault) -> None:
        super().__init__("; ".join(f"{fault.line} {fault.column} {fault.problem}" for fault in faults))
        self.faults = sorted(faults, key=lambda fault: fault.line)


class InvalidCell(ValueError):
    """A cell cannot be taken; says why and never repeats what stands in it."""

    def __init__(self, problem: FileProblem | OrderProblem, about: str | int = "") -> None:
        super().__init__(problem)
        self.problem, self.about = problem, about
