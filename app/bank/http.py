"""One HTTP exchange under one deadline: a client's own timeouts do not bound an answer that drips."""

from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from urllib.parse import urlsplit

from app.bank.gateway import BankFault
from app.circuit_breaker import CircuitBreaker, CircuitOpen
from app.clock import Stopwatch, system_stopwatch
from app.deadlines import ConnectionDeadline
from app.domain.bank_results import BankFaultKind
from app.metrics import BANK_SECONDS

_LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class HttpAnswer:
    """What came back: the status, at most 64 KiB of body, and when the server says it was."""

    status: int
    body: bytes
    date: str = ""


def json_headers(api_key: str) -> dict[str, str]:
    """Return the headers of a JSON message to the bank, with the key that says who we are."""
    return {
        "Authorization": f"Bearer {api_key}",
        "Content-Type": "application/json; charset=utf-8",
        "Accept": "application/json",
    }


def is_silence(error: Exception) -> bool:
    """Tell whether the bank said nothing at all; an answer that is wrong or torn may be one card's."""
    return isinstance(error, OSError) and not isinstance(error, HTTPException)


@dataclass(frozen=True)
class HttpEndpoint:
    """The bank's server: where it is and how long we wait for it. Redirects are never followed."""

    url: str
    connect_seconds: float
    deadline_seconds: float
    stopwatch: Stopwatch = field(default=system_stopwatch, kw_only=True)
    #: One for all that asks this server; without it, all may wait for it at the same time.
    breaker: CircuitBreaker | None = field(default=None, kw_only=True)

    def send_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> HttpAnswer:
        """Send one request; raise BankFault when no whole answer came within the deadline."""
        began = self.stopwatch()
        try:
            answer = self._ask(method, path, headers, body)
        except BankFault as broken:
            BANK_SECONDS.labels(broken.fault).observe(self.stopwatch() - began)
            raise
        BANK_SECONDS.labels(f"{answer.status // 100}xx").observe(self.stopwatch() - began)
        return answer

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> HttpAnswer:
        try:
            with self.breaker.call() if self.breaker else nullcontext():
                return self._exchange(method, path, headers, body)
        except CircuitOpen:
            raise BankFault(BankFaultKind.NOT_ASKED) from None
        except TimeoutError:
            raise BankFault(BankFaultKind.TIMED_OUT) from None
        except (OSError, HTTPException):
            raise BankFault(BankFaultKind.UNREACHABLE) from None

    def _exchange(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> HttpAnswer:
        with (
            closing(self._open_connection()) as connection,
            ConnectionDeadline(self.deadline_seconds) as watch,
        ):
            try:
                connection.connect()
                watch.watch_socket(connection.sock)
                connection.sock.settimeout(self.deadline_seconds)
                answer = self._read_answer(connection, method, path, headers, body)
            except (OSError, HTTPException):
                watch.raise_if_late()
                raise
            watch.raise_if_late()
            return answer

    def _read_answer(
        self, connection: HTTPConnection, method: str, path: str, headers: dict[str, str], body: bytes | None
    ) -> HttpAnswer:
        base = urlsplit(self.url).path.rstrip("/")
        connection.request(method, f"{base}{path}", body, headers)
        response = connection.getresponse()
        content = response.read(_LARGEST_ANSWER + 1)
        if len(content) > _LARGEST_ANSWER:
            raise BankFault(BankFaultKind.BAD_ANSWER)
        if response.length:
            raise IncompleteRead(content, response.length)
        return HttpAnswer(response.status, content, response.headers.get("Date", ""))

    def _open_connection(self) -> HTTPConnection:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self.connect_seconds)
