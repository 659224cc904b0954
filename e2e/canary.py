"""Every card that any browser test types is looked for everywhere once the test has ended.

A card could hide in every spelling of its number, and its security code in every whole place. A number is
searched byte by byte, in databases and their WAL too. Three digits occur there by chance, in an instant or a
page's offset, so that a security code is searched only where it would stand alone: a whole cell, a JSON or
form value, a quoted text, a word of a mail.
"""

import base64
import logging
import re
import sqlite3
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs

from playwright.sync_api import BrowserContext, Request

from app.simulation.scenarios import group_card_number
from e2e.own_server import OwnServer

#: The names under which programs like to write a security code down.
CODE_NAMES = re.compile(r"cvv|cvc|csc|security_?code['\"]?\s*[:=]", re.IGNORECASE)
_NUMBER, _CODE = "card_number", "security_code"
_DIGITS_OF_A_CARD = range(12, 20)
#: A client reference as mails show it: one of its groups may be a code by chance.
_REFERENCE = re.compile(r"\d{4}\s\d{3}\s\d{3}")
#: Pages that exist to show test cards.
_SHOWS_CARDS = ("/qa", "/design")


class CanaryWatch(logging.Handler):
    """Watches what one test sends and what is logged meanwhile, and looks for each card that was typed."""

    def __init__(self, product_url: str, own: OwnServer | None) -> None:
        super().__init__()
        self.product_url, self.own = product_url, own
        self.numbers: set[str] = set()
        self.codes: set[str] = set()
        self.sent: list[str] = []
        self.logged: list[str] = []
        self.contexts: list[BrowserContext] = []
        self.begun = time.time()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line that is logged, however unimportant."""
        self.logged.append(self.format(record))

    def follow(self, context: BrowserContext) -> None:
        """Watch one more browser."""
        self.contexts.append(context)
        context.on("request", self.remember)

    def remember(self, request: Request) -> None:
        """Learn the card from the one form that has to hold it; keep whatever else is sent."""
        form = request.post_data or ""
        if request.method == "POST" and request.url.endswith("/card"):
            typed = parse_qs(form)
            self.numbers |= {digits for text in typed.get(_NUMBER, ()) if (digits := _card_digits(text))}
            self.codes |= {text for text in typed.get(_CODE, ()) if re.fullmatch(r"\d{3,4}", text)}
            form = ""
        self.sent.append(request.url + form)

    def find_traces(self, printed: str = "") -> list[str]:
        """Name each place where a number or code that was typed stands now."""
        if not self.numbers:
            return []
        texts = [*self.sent, *self.logged, printed, *self._shown()]
        written = self.own.files if self.own else ()  # Nobody may look into the files of another's server.
        files = [path for path in written if path.stat().st_mtime >= self.begun - 1]
        found = [place for number in self.numbers for place in hiding_places(files, number, texts)]
        found += [place for code in self.codes for place in code_places(files, code, texts)]
        return found + [line for line in (*self.logged, printed) if CODE_NAMES.search(line)]

    def _shown(self) -> Iterator[str]:
        for page in (page for context in self.contexts for page in context.pages):
            if not any(page.url.startswith(self.product_url + path) for path in _SHOWS_CARDS):
                yield page.content()


@contextmanager
def watch_cards(product_url: str, own: OwnServer | None) -> Iterator[CanaryWatch]:
    """Watch from the first page on, with the log at its most talkative."""
    watch, root = CanaryWatch(product_url, own), logging.getLogger()
    level = root.level
    root.addHandler(watch)
    root.setLevel(logging.DEBUG)
    try:
        yield watch
    finally:
        root.setLevel(level)
        root.removeHandler(watch)


def _card_digits(text: str) -> str:
    """Return what was typed as digits alone, where it may be the number of a card."""
    digits = "".join(str(int(sign)) for sign in text if sign.isdecimal())
    return digits if len(digits) in _DIGITS_OF_A_CARD else ""


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


def hiding_places(files: Collection[Path], number: str, texts: Sequence[str] = ()) -> list[str]:
    """Name the files and texts in which the number stands in any spelling."""
    places = {str(path): path.read_bytes() for path in files}
    places |= {text[:60]: text.encode() for text in texts}
    forms = spellings(number)
    return [name for name, content in places.items() if any(form in content for form in forms)]


def code_places(files: Collection[Path], code: str, texts: Sequence[str] = ()) -> list[str]:
    """Name the places where this security code stands alone."""
    written = {path: path.read_bytes() for path in files}
    found = [
        str(path)
        for path, content in written.items()
        if code in set(_values(content.decode(errors="replace")))
    ]
    found += [str(path) for path in files if path.suffix == ".db" and code in cells(path)]
    found += [str(path) for path, content in written.items() if _is_mail(path) and code in _words(content)]
    return found + [text[:60] for text in texts if code in set(_values(text))]


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


def _is_mail(path: Path) -> bool:
    return "mail" in path.parts


def _words(mail: bytes) -> set[str]:
    parsed = message_from_bytes(mail, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    texts = [
        str(parsed["Subject"]),
        *(part.get_content() for part in parsed.walk() if not part.is_multipart()),
    ]
    words = (re.split(r"[\s<>\"'.,:;()]+", _REFERENCE.sub("", text)) for text in texts)
    return {word for found in words for word in found}
