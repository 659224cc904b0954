"""`caro serve` over raw sockets: what HTTP allows works, smuggling is refused, slow clients hold nobody."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.kills.served import Served, serve
from tests.support.waiting import PATIENCE

SLOW_CLIENTS = 64


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One process with two threads, so that few who hold one would hold all."""
    with serve(tmp_path_factory.mktemp("served"), workers=1, threads=2) as running:
        running.comes_to(running.is_complete)
        yield running


@pytest.fixture
def line(served: Served) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connected:
        yield connected


def say(served: Served, first: str, *headers: str, body: str = "") -> bytes:
    """Write a request as it goes over the line."""
    host = f"Host: localhost:{served.port}"
    return "\r\n".join([first, host, *headers, "", body]).encode()


def listen(line: socket.socket, end: bytes) -> bytes:
    """Read until something was said, or the server hangs up."""
    heard = b""
    while end not in heard and (more := line.recv(65536)):
        heard += more
    return heard


def test_one_connection_carries_many_requests_in_turn(served: Served, line: socket.socket) -> None:
    for _ in range(2):
        line.sendall(say(served, "GET /healthz HTTP/1.1"))
        assert listen(line, b"ok\n").startswith(b"HTTP/1.1 200")


def test_requests_sent_in_one_go_are_answered_in_their_order(served: Served, line: socket.socket) -> None:
    line.sendall(
        say(served, "GET /healthz HTTP/1.1")
        + say(served, "GET /nowhere HTTP/1.1")
        + say(served, "GET /healthz HTTP/1.1", "Connection: close")
    )
    assert re.findall(rb"HTTP/1.1 (\d+)", listen(line, b"never")) == [b"200", b"404", b"200"]


def test_head_sends_the_length_and_no_page(served: Served, line: socket.socket) -> None:
    line.sendall(say(served, "HEAD / HTTP/1.1", "Connection: close"))
    head, _, page = listen(line, b"never").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert page == b""


def test_a_body_in_chunks_is_read(served: Served, line: socket.socket) -> None:
    headers = ("Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked")
    line.sendall(
        say(served, "POST /3ds/return HTTP/1.1", *headers, "Connection: close", body="3\r\na=1\r\n0\r\n\r\n")
    )
    assert listen(line, b"never").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("length", ["100000", "10000000"])
def test_a_body_that_is_too_long_is_refused_with_a_page(
    served: Served, line: socket.socket, length: str
) -> None:
    kind = "Content-Type: application/x-www-form-urlencoded"
    line.sendall(say(served, "POST /portal/sign-in HTTP/1.1", kind, f"Content-Length: {length}"))
    line.sendall(b"a" * 90_000)
    if length == "100000":
        line.sendall(b"a" * 10_000)
    else:
        line.sendall(b"a" * 200_000)
    heard = listen(line, b"</html>")
    assert heard.startswith(b"HTTP/1.1 413")
    assert b"<h1" in heard


def test_a_file_that_is_too_long_is_told_to_be_split(served: Served, line: socket.socket) -> None:
    kind = "Content-Type: multipart/form-data; boundary=x"
    headers = (kind, "Content-Length: 3000000", "Cookie: portal=x", "Accept-Language: en")
    line.sendall(say(served, "POST /portal/upload/orders HTTP/1.1", *headers))
    line.sendall(b"a" * 3_000_000)
    heard = listen(line, b"</html>")
    assert heard.startswith(b"HTTP/1.1 413")
    assert b"Split it into several files." in heard
    assert b'href="/portal/caro/orders"' in heard


def test_two_lengths_for_one_body_smuggle_nothing(served: Served, line: socket.socket) -> None:
    smuggled = "0\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
    headers = (f"Content-Length: {len(smuggled)}", "Transfer-Encoding: chunked", "Connection: close")
    line.sendall(say(served, "POST /3ds/return HTTP/1.1", *headers, body=smuggled))
    assert b"HTTP/1.1 404" not in listen(line, b"never")


def test_bodies_that_do_not_end_keep_nobody_waiting(served: Served, line: socket.socket) -> None:
    with ExitStack() as clients:
        for _ in range(SLOW_CLIENTS):
            clients.enter_context(served.unfinished_request())
        line.sendall(say(served, "GET / HTTP/1.1"))
        assert listen(line, b"</html>").startswith(b"HTTP/1.1 200")
