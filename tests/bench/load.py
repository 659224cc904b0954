"""A small load generator: a few keep-alive connections, each sending its next request when answered."""

import re
import selectors
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from statistics import quantiles
from time import perf_counter

CONNECTIONS = 8
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNK = 65536


class UnexpectedAnswer(Exception):
    """The server answered something else than the scene is about."""


@dataclass(frozen=True)
class LoadRun:
    """What to send, for how many seconds, and the bytes that prove each answer's head right."""

    port: int
    requests: Sequence[bytes]
    proof: bytes
    seconds: float
    again: bool


@dataclass(frozen=True)
class LoadResult:
    """What came of a load; latencies in milliseconds."""

    answered: int
    per_second: float
    p50: float
    p99: float


@dataclass
class _Exchange:
    sent_at: float = 0.0
    got: bytearray = field(default_factory=bytearray)

    def complete(self) -> bool:
        """Tell whether head and body are there."""
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = _LENGTH.search(self.got, 0, end + 2)
        return len(self.got) >= end + 4 + (int(length[1]) if length else 0)


def drive(load: LoadRun) -> LoadResult:
    """Send requests until the time is over or none is left; raise UnexpectedAnswer."""
    supply = cycle(load.requests) if load.again else iter(load.requests)
    took: list[float] = []
    began = perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            _send(selector, _connect(load.port), supply, began + load.seconds)
        while selector.get_map():
            for key, _ in selector.select():
                line, exchange = key.fileobj, key.data
                assert isinstance(line, socket.socket)
                exchange.got += line.recv(_CHUNK)
                if exchange.complete():
                    took.append(perf_counter() - exchange.sent_at)
                    _check(exchange.got, load.proof)
                    selector.unregister(line)
                    _send(selector, line, supply, began + load.seconds)
    return _outcome(took, perf_counter() - began)


def _connect(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _send(
    selector: selectors.BaseSelector, line: socket.socket, supply: Iterator[bytes], until: float
) -> None:
    request = next(supply, None) if perf_counter() < until else None
    if request is None:
        line.close()
        return
    selector.register(line, selectors.EVENT_READ, _Exchange(perf_counter()))
    line.sendall(request)


def _check(answer: bytearray, proof: bytes) -> None:
    head = bytes(answer.partition(b"\r\n\r\n")[0])
    if proof not in head:
        raise UnexpectedAnswer(head.decode(errors="replace"))


def _outcome(took: list[float], seconds: float) -> LoadResult:
    hundredths = quantiles(took, n=100)
    return LoadResult(len(took), len(took) / seconds, hundredths[49] * 1000, hundredths[98] * 1000)
