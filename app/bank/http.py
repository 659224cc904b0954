"""One HTTP exchange under one deadline: a client's own timeouts do not bound an answer that drips."""

import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from threading import Event, Timer
from urllib.parse import urlsplit

from app.bank.gateway import BankFault
from app.domain.results import Fault

_LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back: the status and at most 64 KiB of body."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Endpoint:
    """The bank's server: where it is and how long we wait for it. Redirects are never followed."""

    url: str
    connect_seconds: float
    deadline_seconds: float

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        """Send one request; raise BankFault when no whole answer came within the deadline."""
        connection = self._connection()
        watch = _Watch(self.deadline_seconds)
        try:
            connection.connect()
            watch.over(connection.sock)
            connection.sock.settimeout(self.deadline_seconds)
            answer = self._exchange(connection, method, path, headers, body)
            watch.refuse_late()
        except (OSError, HTTPException) as error:
            timed_out = watch.is_late or isinstance(error, TimeoutError)
            raise BankFault(Fault.TIMED_OUT if timed_out else Fault.UNREACHABLE) from None
        else:
            return answer
        finally:
            watch.end()
            connection.close()

    def _exchange(
        self, connection: HTTPConnection, method: str, path: str, headers: dict[str, str], body: bytes | None
    ) -> Answer:
        base = urlsplit(self.url).path.rstrip("/")
        connection.request(method, f"{base}{path}", body, headers)
        response = connection.getresponse()
        content = response.read(_LARGEST_ANSWER + 1)
        if len(content) > _LARGEST_ANSWER:
            raise BankFault(Fault.BAD_ANSWER)
        if response.length:
            raise IncompleteRead(content, response.length)
        return Answer(response.status, content)

    def _connection(self) -> HTTPConnection:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self.connect_seconds)


class _Watch:
    """Hang up at the deadline, wherever the exchange then stands.

    It holds the socket itself: a connection lets go of its own when the answer ends with closing.
    """

    def __init__(self, seconds: float) -> None:
        self._socket: socket.socket | None = None
        self._late = Event()
        self._timer = Timer(seconds, self._hang_up)
        self._timer.daemon = True
        self._timer.start()

    @property
    def is_late(self) -> bool:
        return self._late.is_set()

    def over(self, connected: socket.socket) -> None:
        """Watch this socket; connecting to a host of many addresses may have used up the deadline."""
        self._socket = connected
        self.refuse_late()

    def refuse_late(self) -> None:
        """Raise TimeoutError after the deadline: an answer cut by hanging up may look whole."""
        if self.is_late:
            raise TimeoutError

    def end(self) -> None:
        self._timer.cancel()

    def _hang_up(self) -> None:
        self._late.set()
        if self._socket is not None:
            try:
                # Past the TLS layer, whose own state the reading thread is using.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:  # it closed by itself in the meantime
                return
