"""One deadline bounds a whole exchange, whatever the other side does with its socket."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from threading import Event, Thread

import pytest

from app.bank.gateway import BankFault
from app.bank.http import HttpAnswer, HttpEndpoint
from app.domain.bank_results import BankFaultKind
from app.metrics import BANK_SECONDS
from tests.support.waiting import PATIENCE

#: Seconds: to run out where the server is slow for ever, and never to run out.
SHORT, LONG = 0.3, PATIENCE
KIB = 1024

Behaviour = Callable[[socket.socket, Event], None]


class RawServer:
    """A server of one behaviour, which keeps what it was sent."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests: list[bytes] = []
        self.gone = Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.requests.append(whole_request(connection))
                try:
                    self.behaviour(connection, self.gone)
                except OSError:
                    continue

    def stop(self) -> None:
        self.gone.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def whole_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received and (part := connection.recv(KIB)):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
    while len(body) < length and (part := connection.recv(KIB)):
        body += part
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[RawServer]:
    server = RawServer(behaviour)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    with ExitStack() as stack:
        stack.callback(thread.join, LONG)
        stack.callback(server.stop)
        yield server


def says(*parts: bytes) -> Behaviour:
    return lambda connection, gone: connection.sendall(b"".join(parts))


def drips(first: bytes, drop: bytes) -> Behaviour:
    """Say the first part at once, then one drop after another until somebody hangs up.

    Whoever is still there after a minute sees the connection close, which is no deadline that passed.
    """

    def behave(connection: socket.socket, gone: Event) -> None:
        connection.sendall(first)
        for _ in range(LONG * 100):
            if gone.wait(0.01):
                return
            connection.sendall(drop)

    return behave


def endpoint(server: RawServer, base: str = "", seconds: float = LONG) -> HttpEndpoint:
    return HttpEndpoint(f"http://127.0.0.1:{server.port}{base}", LONG, seconds)


def asked(server: RawServer, seconds: float = LONG) -> HttpAnswer | BankFaultKind:
    """Ask, and return the answer or the fault."""
    try:
        return endpoint(server, seconds=seconds).send_request("GET", "/3ds", {})
    except BankFault as broken:
        return broken.fault


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def sized(length: int) -> bytes:
    return OK + b"Content-Length: %d\r\n\r\n" % length


WHOLE = {
    "sized": (says(sized(2), b"{}"), HttpAnswer(200, b"{}")),
    "ended by closing": (says(OK, b"Connection: close\r\n\r\n{}"), HttpAnswer(200, b"{}")),
    "HTTP/1.0": (says(b"HTTP/1.0 200 OK\r\n\r\n{}"), HttpAnswer(200, b"{}")),
    "chunked": (says(CHUNKED, b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"), HttpAnswer(200, b"{}")),
    "empty": (says(b"HTTP/1.1 204 None\r\n\r\n"), HttpAnswer(204, b"")),
    "64 KiB": (says(sized(64 * KIB), b"x" * 64 * KIB), HttpAnswer(200, b"x" * 64 * KIB)),
    "error": (says(b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"), HttpAnswer(500, b"oops")),
}


@pytest.mark.parametrize(("behaviour", "answer"), WHOLE.values(), ids=WHOLE)
def test_whole_answers_come_back(behaviour: Behaviour, answer: HttpAnswer) -> None:
    with serving(behaviour) as server:
        assert asked(server) == answer


SLOW = {
    "says nothing": drips(b"", b""),
    "drips its status": drips(b"HTTP/1.1 2", b"0"),
    "drips its headers": drips(OK + b"X-Slow: ", b"x"),
    "drips a sized body": drips(sized(9 * KIB), b"x"),
    "drips until it closes": drips(OK + b"Connection: close\r\n\r\n", b"x"),
    "drips chunks": drips(CHUNKED, b"1\r\nx\r\n"),
    "says 100 for ever": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


def test_slow_answers_are_given_up() -> None:
    with ExitStack() as stack, ThreadPoolExecutor(len(SLOW)) as together:
        servers = [stack.enter_context(serving(behaviour)) for behaviour in SLOW.values()]
        outcomes = dict(zip(SLOW, together.map(partial(asked, seconds=SHORT), servers), strict=True))
    assert outcomes == dict.fromkeys(SLOW, BankFaultKind.TIMED_OUT)


TORN = {
    "at once": says(b""),
    "in the status": says(b"HTTP/1.1"),
    "in a sized body": says(sized(10), b"{}"),
    "before a sized body": says(sized(10)),
    "in a chunk": says(CHUNKED, b"a\r\n{}"),
    "between chunks": says(CHUNKED, b"2\r\n{}\r\n"),
    "after another protocol": says(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "after endless headers": says(OK, b"X-Many: 1\r\n" * 200, b"\r\n"),
    "after one endless header": says(OK, b"X-Long: ", b"x" * 70 * KIB, b"\r\n\r\n"),
}


@pytest.mark.parametrize("behaviour", TORN.values(), ids=TORN)
def test_torn_answers_are_no_answer(behaviour: Behaviour) -> None:
    with serving(behaviour) as server:
        assert asked(server) is BankFaultKind.UNREACHABLE


HUGE = {
    "sized": says(sized(70 * KIB), b"x" * 70 * KIB),
    "ended by closing": says(OK, b"Connection: close\r\n\r\n", b"x" * 70 * KIB),
    "chunked": says(CHUNKED, b"%x\r\n" % (70 * KIB), b"x" * 70 * KIB, b"\r\n0\r\n\r\n"),
    "one too many": says(sized(64 * KIB + 1), b"x" * (64 * KIB + 1)),
}


@pytest.mark.parametrize("behaviour", HUGE.values(), ids=HUGE)
def test_huge_answers_are_not_taken(behaviour: Behaviour) -> None:
    with serving(behaviour) as server:
        assert asked(server) is BankFaultKind.BAD_ANSWER


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_never_followed(status: int) -> None:
    head = b"HTTP/1.1 %d Elsewhere\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status
    with serving(says(head)) as server:
        assert asked(server) == HttpAnswer(status, b"")
        assert [request.split()[1] for request in server.requests] == [b"/3ds"]


def test_closed_port_is_unreachable() -> None:
    with serving(says(b"")) as server:
        pass
    assert asked(server) is BankFaultKind.UNREACHABLE


def test_unknown_host_is_unreachable() -> None:
    with pytest.raises(BankFault) as broken:
        HttpEndpoint("http://bank.invalid", LONG, LONG).send_request("GET", "/", {})
    assert broken.value.fault in (BankFaultKind.UNREACHABLE, BankFaultKind.TIMED_OUT)


def test_request_is_sent_as_given() -> None:
    with serving(says(sized(2), b"{}")) as server:
        endpoint(server, "/api/").send_request(
            "POST", "/3ds/authentications", {"X-Kind": "test"}, b'{"a": 1}'
        )
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/3ds/authentications HTTP/1.1\r\n")
    assert b"\r\nX-Kind: test" in head
    assert body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [(says(sized(2), b"{}"), "2xx"), (says(b""), "unreachable")],
    ids=["answer", "fault"],
)
def test_an_operator_sees_how_long_an_answer_or_a_fault_took(behaviour: Behaviour, outcome: str) -> None:
    def seconds() -> float:
        (measured,) = BANK_SECONDS.labels(outcome).collect()
        return next(sample.value for sample in measured.samples if sample.name.endswith("_sum"))

    before = seconds()
    stopwatch = iter((10, 12.5))
    with serving(behaviour) as server, suppress(BankFault):
        url = f"http://127.0.0.1:{server.port}"
        HttpEndpoint(url, LONG, LONG, stopwatch=lambda: next(stopwatch)).send_request("GET", "/3ds", {})
    assert seconds() == before + 2.5


def test_faults_say_nothing_of_the_request() -> None:
    with serving(says(b"")) as server, pytest.raises(BankFault) as broken:
        endpoint(server).send_request("POST", "/3ds", {}, b"4000024329596391")
    assert str(broken.value) == "unreachable"
    assert broken.value.__suppress_context__
