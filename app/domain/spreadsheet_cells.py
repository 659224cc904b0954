"""Texts of a CSV that a spreadsheet opens: an apostrophe stands before what it would run or rewrite."""

import re

#: A formula, blanks before it or not; numbers that lose their zeros or their end; what becomes a date.
_REWRITTEN = re.compile(
    r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n]|(?:0[0-9]+|[0-9]{12,}|[0-9]+(?:[-/.,:][0-9]+)+|[0-9.,]+[eE][0-9]+)\Z)"
)


def guard_cell(text: str) -> str:
    """Return a text as a CSV holds it."""
    return f"'{text}" if _REWRITTEN.match(text) else text


def unguard_cell(cell: str) -> str:
    """Return the text of a guarded cell; an apostrophe that guards nothing is the text's own."""
    return cell[1:] if cell.startswith("'") and _REWRITTEN.match(cell[1:]) else cell
