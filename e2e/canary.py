"""How a card could hide: every spelling of its number, every whole place for its security code.

A number of 15 or 16 digits is searched byte by byte, in databases and their WAL too. Three digits occur
there by chance, in an instant or a page's offset, so that a security code is searched only where it would
stand alone: a whole cell, a JSON or form value, a quoted text, a word of a mail.
"""

import base64
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from app.domain.cards import CardBrand, brand_of
from app.simulation.scenarios import group_card_number
from e2e.api_models import MailModel
from e2e.own_server import OwnServer


def marked_code(number: str) -> str:
    """Return a security code that no test data holds, as long as this card's brand has it."""
    return "8471" if brand_of(number) is CardBrand.AMEX else "847"


def spellings(number: str) -> frozenset[bytes]:
    """Return the number raw, as printed, reversed, in hexadecimal and in base64 at any offset."""
    raw = number.encode()
    plain = {
        raw,
        group_card_number(number).encode(),
        group_card_number(number).replace(" ", "-").encode(),
        raw[::-1],
    }
    return frozenset({*plain, raw.hex().encode(), raw.hex().upper().encode(), *_in_base64(raw)})


def _in_base64(raw: bytes) -> set[bytes]:
    """Base64 of a longer text shows the number in one of three ways; its edges depend on the neighbours."""
    found = set()
    for offset in range(3):
        coded = base64.b64encode(b"x" * offset + raw + b"x" * (-(offset + len(raw)) % 3))
        found.add(coded[4 if offset else 0 : -4])
    return found


def hiding_places(own: OwnServer, number: str, *texts: str) -> list[str]:
    """Name the files and texts in which the number stands in any spelling."""
    places = {str(path): path.read_bytes() for path in own.files}
    places |= {text[:60]: text.encode() for text in texts}
    return [name for name, content in places.items() if any(form in content for form in spellings(number))]


def code_places(own: OwnServer, code: str, mails: Sequence[MailModel], *texts: str) -> list[str]:
    """Name the places where this security code stands alone."""
    written = {str(path): path.read_bytes().decode(errors="replace") for path in own.files}
    written |= {text[:60]: text for text in texts}
    found = [name for name, text in written.items() if any(value == code for value in _values(text))]
    found += [name for name in ("caro.db", "bank.db") if code in cells(own.folder / name)]
    return found + [mail.subject for mail in mails if code in _words(mail)]


def cells(database: Path) -> set[str]:
    """Return every cell of a database as text, with what stands alone in it, its WAL included."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        rows = [row for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')]
    texts = {cell for row in rows for cell in row if isinstance(cell, str)}
    return texts | {value for text in texts for value in _values(text)}


def _values(text: str) -> Iterator[str]:
    """Yield the short numbers that stand alone in a text: quoted, as in JSON and markup, or in a form."""
    yield from (quoted for _, quoted in re.findall(r"""(["'])(\d{3,4})\1""", text))
    yield from re.findall(r"[?&][^=&\s]+=(\d{3,4})(?=&|\s|$)", f"&{text}")


def _words(mail: MailModel) -> set[str]:
    parts = (mail.subject, mail.text, mail.html)
    return {word for text in parts for word in re.split(r"[\s<>\"'.,:;()]+", text)}
