"""The rows of a CSV of any sensible kind: its encoding, its separator, the numbers of its lines."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import StringIO

from app.domain.file_rules import FileFault, FileProblem, InvalidFile


@dataclass(frozen=True)
class FileRow:
    """One row, with the number that an editor or a spreadsheet shows for it.

    A cell that cannot be read as a text is its problem instead.
    """

    line: int
    cells: list[str]


#: One way to read a file as rows: a sheet, or what a separator makes of a text.
Sheet = Callable[[], Iterator[FileRow]]

_SEPARATORS = ";\t,"
_NAMED_SEPARATOR = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)
#: What nobody writes in Belgium, and what Mac Roman or an old DOS encoding looks like when it is read as
#: Windows-1252: signs of the middle of the table within words, capitals behind small letters.
_MISREAD = re.compile(
    "[‚ƒ†‡ˆ‰Š‹Ž˜š›žÕÐ¡]|(?<=\\w)[…“”‘•–—™„](?=[a-zß-ÿ])|(?<=\\w)‘(?!\\w)|(?<=[a-zß-ÿ])[À-ÞŒŸ]|(?<=\\w)[ŒŸ](?=[a-z])"
)


def read_csv(raw: bytes) -> list[Sheet]:
    """Return the ways to read a text as rows: by the separator that it names itself, or by each usual one."""
    text = _decode_text(raw)
    named = _NAMED_SEPARATOR.fullmatch(text.lstrip().partition("\n")[0])
    return [partial(_split_rows, text, separator) for separator in (named[1] if named else _SEPARATORS)]


def _decode_text(raw: bytes) -> str:
    """Return the text; raise InvalidFile with the line from which on it is in no encoding that we know."""
    wide = _wide_encoding(raw)
    if wide is None and raw[:1000].count(0) > 3:
        raise InvalidFile(FileFault(FileProblem.NO_TABLE))
    for encoding in (wide,) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            wrong = raw[: error.start].decode("latin-1")
            continue
        misread = _MISREAD.search(text) if encoding == "cp1252" else None
        if misread is None:
            return text
        wrong = text[: misread.start()]
    line = len(re.findall(r"\r\n?|\n", wrong)) + 1
    raise InvalidFile(FileFault(FileProblem.ENCODING, line))


def _wide_encoding(raw: bytes) -> str | None:
    """Return which UTF-16 it is, told by its mark or by the empty halves of its first characters."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    halves = {0: "utf-16-be", 1: "utf-16-le"}
    return next((name for half, name in halves.items() if set(raw[half:8:2]) == {0}), None)


def _split_rows(text: str, separator: str) -> Iterator[FileRow]:
    """Yield each row that holds anything."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield FileRow(line, cells)
            line = reader.line_num + 1
    except csv.Error:
        raise InvalidFile(FileFault(FileProblem.QUOTATION, line)) from None
