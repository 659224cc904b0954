"""Structured logs: one JSON line each, from which card numbers, links and addresses are struck out."""

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum, auto

#: Characters of a value; a traceback is longer, and its end says what happened.
_LONGEST = 200
_LONGEST_TRACEBACK = 4000
#: What may stand between the digits of a card: blanks, dashes, and both as a repr writes them.
_BETWEEN = r"(?:[^\S\r\n]|[\-\u2010-\u2013]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4})?"
#: A slash as addresses carry it, encoded once, twice or not at all.
_SLASH = r"(?:/|%(?:25)*2[Ff])"
#: Behind the beginning of a link: what follows at once, and long pieces behind blanks and quotation marks.
_LINK = re.compile(
    rf"({_SLASH}(?:a|portal{_SLASH}(?:sign-in|news))(?:\?|{_SLASH}))"
    r"[^\s\"']*(?:[^A-Za-z0-9_.\-]+[A-Za-z0-9_.\-]{16,})*"
)
#: Payload, full stop and the 43 letters of a signature, without the beginning of a link.
_TOKEN = re.compile(r"(?<![A-Za-z0-9_\-])[A-Za-z0-9_\-]{16,}(?:\.|%(?:25)*2[Ee])[A-Za-z0-9_\-]{43}")
#: The handle of an attempt: in the address of its outcome, and in what browsers bring from the bank.
_HANDLE = re.compile(
    rf"({_SLASH}return{_SLASH}|threeDSSessionData(?:[^A-Za-z0-9_\-]|3[Dd]){{1,8}})[A-Za-z0-9_\-]{{16,}}"
)
_REDACTIONS = (
    (re.compile(rf"\d(?:{_BETWEEN}\d){{11,}}"), "[digits]"),
    (_LINK, r"\1[link]"),
    (_TOKEN, "[link]"),
    (_HANDLE, r"\1[link]"),
    # Anchored at the start of a word, or a long one would be searched from each of its letters.
    (re.compile(r"(?<![^\s@\"'<>])[^\s@\"'<>]+(?:@|%40)[^\s@\"'<>]+"), "[address]"),
)
#: Written by ourselves, never by a person.
_OURS = frozenset({"timestamp", "level", "request_id"})
LONGEST_REQUEST_ID = 64


#: What the product itself writes, beside the records of libraries.
EVENTS = logging.getLogger("caro")
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class EventLog:
    """Writes what happened in a word, and by name what is known of it."""

    def info(self, event: str, **fields: object) -> None:
        """Write what is as it should be."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Write what the product goes on with all the same."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Write what somebody must look after."""
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: Mapping[str, object]) -> None:
        EVENTS.log(level, event, extra={"fields": fields})


log = EventLog()


class SecurityEvent(StrEnum):
    """What whoever guards an installation watches for: these lines alone have `security` in them."""

    CLIENT_SLOWED = auto()
    CARD_TESTING = auto()
    FORM_TOKEN_REFUSED = auto()
    LINK_REFUSED = auto()
    ORIGIN_REFUSED = auto()
    HOST_REFUSED = auto()
    SIGN_IN_REFUSED = auto()
    ROLE_REFUSED = auto()
    SIGNED_IN = auto()
    SIGNED_OUT = auto()
    ACCOUNTANT_DISABLED = auto()
    ACCOUNTANT_ENABLED = auto()


def log_security(event: SecurityEvent, **fields: object) -> None:
    """Write a line about what guards the installation."""
    log.info(event, security=True, **fields)


def current_request_id() -> str | None:
    """Return the id of the request at hand; in the worker, of the one from which the row at hand comes."""
    return _request_id.get()


def set_request_id(request_id: str | None) -> None:
    """Let every line and row from here on name this request, or none."""
    _request_id.set(request_id)


@contextmanager
def traced_to(request_id: str | None) -> Iterator[None]:
    """Let every line and row within the block name this request; where there was none, name none."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def redact_text(text: str) -> str:
    """Strike out what must never be written down, and cut what is too long."""
    return _mask_sensitive(text)[:_LONGEST]


def configure_logging(level: str) -> None:
    """Write JSON lines at this level; every value passes the redaction, library records included."""
    handler = _StderrHandler()
    handler.setFormatter(_JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)


class _StderrHandler(logging.Handler):
    """Looks for stderr at each line: what a command prints for people must stay apart from the log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except Exception:  # as every handler does: what is logged breaks nothing
            self.handleError(record)


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        fields: dict[str, object] = {**getattr(record, "fields", {}), "event": record.getMessage()}
        if request_id := current_request_id():
            fields["request_id"] = request_id
        fields["level"] = record.levelname.lower()
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        fields["timestamp"] = moment.replace("+00:00", "Z")
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(
            {key: value if key in _OURS else _redact_value(key, value) for key, value in fields.items()}
        )


def _redact_value(key: str, value: object) -> object:
    """Redact what is written of any value: a number may be a card's, an object may quote one."""
    if key == "exception":
        return _mask_sensitive(str(value))[-_LONGEST_TRACEBACK:]
    if value is None or isinstance(value, bool | float):
        return value
    text = redact_text(value if isinstance(value, str) else repr(value))
    return value if isinstance(value, int) and text == str(value) else text


def _mask_sensitive(text: str) -> str:
    for pattern, mark in _REDACTIONS:
        text = pattern.sub(mark, text)
    return text
