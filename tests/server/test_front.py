"""The front between network and application, without a network: what arrives, what leaves, who waits."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, TypeVar
from weakref import ref

import pytest

from app.deadlines import BODY_CUT_OFF
from app.server.front import Front
from tests.support.waiting import wait_until

Environ = dict[str, Any]
Start = Callable[..., object]
#: Longer than any test takes.
NEVER = 1000.0
T = TypeVar("T")
_seen: ContextVar[str] = ContextVar("_seen", default="nobody")


class Visit:
    """One request over ASGI: what the client sends, and what it is sent."""

    def __init__(self, *messages: Mapping[str, Any], **scope: Any) -> None:
        self._messages = list(messages) or [{"type": "http.request", "body": b"", "more_body": False}]
        self.sent: list[Mapping[str, Any]] = []
        self.has_left = asyncio.Event()
        self.takes: Callable[[], Awaitable[None]] = self._take_at_once
        self.scope = {
            **{"type": "http", "method": "POST" if messages else "GET"},
            **{"raw_path": b"/", "path": "/", "query_string": b""},
            **{"http_version": "1.1", "scheme": "http", "headers": [], "root_path": ""},
            **{"server": ("127.0.0.1", "8000"), "client": ("10.0.0.7", "4711")},
            **scope,
        }

    async def receive(self) -> Mapping[str, Any]:
        if self._messages:
            return self._messages.pop(0)
        await self.has_left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Mapping[str, Any]) -> None:
        await self.takes()
        self.sent.append(message)

    async def come_to(self, front: Front) -> "Visit":
        await front(self.scope, self.receive, self.send)
        return self

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    async def _take_at_once(self) -> None:
        """A client that reads as quickly as it can."""


async def all_else() -> None:
    """Let everything go on that can."""
    await asyncio.create_task(_nothing())


async def _nothing() -> None:
    """Run once it is its turn, behind all that was there before."""


def show(name: str) -> Callable[[Environ, Start], list[bytes]]:
    """Return an application that answers with one value of its environment."""

    def application(environ: Environ, start: Start) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        value = environ[name].read() if name == "wsgi.input" else str(environ.get(name)).encode()
        return [value]

    return application


def finish(visits: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: where browsers are driven, this one has a loop already."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, visits).result()


def part(body: bytes, *, more: bool = False) -> Mapping[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def visit(application: Any, *messages: Mapping[str, Any], seconds: float = NEVER, **scope: Any) -> Visit:
    async def come() -> Visit:
        return await Visit(*messages, **scope).come_to(Front(application, 1, seconds=seconds))

    return finish(come())


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_only_reads_is_answered_whether_or_not_a_body_comes(method: str) -> None:
    assert visit(show("REQUEST_METHOD"), part(b"never the", more=True), method=method).status == 200


def test_what_an_application_raises_reaches_the_server() -> None:
    def fall(_environ: Environ, _start: Start) -> list[bytes]:
        raise LookupError("nothing")

    with pytest.raises(LookupError, match="nothing"):
        visit(fall)


@pytest.mark.parametrize(
    ("scope", "name", "value"),
    [
        ({"raw_path": b"/a%2Fb/%C3%A9%ff"}, "PATH_INFO", "/a/b/\xc3\xa9\xff"),
        ({"query_string": b"q=%C3%A9"}, "QUERY_STRING", "q=%C3%A9"),
        ({"headers": [(b"cookie", b"a=1"), (b"cookie", b"b=2")]}, "HTTP_COOKIE", "a=1; b=2"),
        ({"headers": [(b"x-tag", b"1"), (b"x-tag", b"2")]}, "HTTP_X_TAG", "1,2"),
        ({"headers": [(b"content-type", b"text/plain")]}, "CONTENT_TYPE", "text/plain"),
        ({"method": "HEAD"}, "REQUEST_METHOD", "HEAD"),
        ({}, "REMOTE_ADDR", "10.0.0.7"),
        ({"scheme": "https"}, "wsgi.url_scheme", "https"),
    ],
)
def test_the_application_reads_what_was_sent(scope: dict[str, Any], name: str, value: str) -> None:
    assert visit(show(name), **scope).body == value.encode()


def test_a_body_in_parts_arrives_as_one() -> None:
    assert visit(show("wsgi.input"), part(b"a=1&", more=True), part(b"b=2")).body == b"a=1&b=2"


def test_of_a_body_that_is_too_long_only_the_beginning_is_kept() -> None:
    parts = [part(b"x" * 100_000, more=True) for _ in range(50)]
    assert len(visit(show("wsgi.input"), *parts).body) == 300_000


UPLOAD = "/portal/upload/dossiers"
SIGNED_IN = [(b"cookie", b"language=fr; __Host-portal=x")]


def test_a_file_is_read_whole_beside_the_cookie_of_a_session() -> None:
    parts = [part(b"x" * 100_000, more=True) for _ in range(15)]

    with_cookie = visit(show("wsgi.input"), *parts, part(b""), path=UPLOAD, headers=SIGNED_IN)
    without = visit(show("wsgi.input"), *parts, path=UPLOAD)

    assert (len(with_cookie.body), len(without.body)) == (1_500_000, 0)


def test_only_so_many_files_are_read_at_once() -> None:
    async def come() -> list[int]:
        front = Front(show("wsgi.input"), 1, seconds=NEVER)
        slow = [Visit(part(b"x", more=True), path=UPLOAD, headers=SIGNED_IN) for _ in range(4)]
        reading = [asyncio.create_task(one.come_to(front)) for one in slow]
        await all_else()
        one_more = await Visit(part(b"x"), path=UPLOAD, headers=SIGNED_IN).come_to(front)
        page = await Visit().come_to(front)
        for one in slow:
            one.has_left.set()
        await asyncio.gather(*reading)
        later = await Visit(part(b"x"), path=UPLOAD, headers=SIGNED_IN).come_to(front)
        return [one_more.status, page.status, later.status]

    assert finish(come()) == [503, 200, 200]


def test_a_body_that_does_not_come_in_time_is_marked() -> None:
    assert visit(show(BODY_CUT_OFF), part(b"a=1", more=True), seconds=0.0).body == b"True"
    assert visit(show(BODY_CUT_OFF), part(b"a=1")).body == b"False"


def test_whoever_leaves_amid_a_body_is_not_answered() -> None:
    assert visit(show("wsgi.input"), part(b"a", more=True), {"type": "http.disconnect"}).sent == []


def test_status_and_headers_are_handed_on() -> None:
    def application(_environ: Environ, start: Start) -> list[bytes]:
        start("204 No Content", [("X-One", "1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return []

    sent = visit(application).sent
    assert sent == [
        {
            "type": "http.response.start",
            "status": 204,
            "headers": [(b"x-one", b"1"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")],
        },
        {"type": "http.response.body", "body": b""},
    ]


def test_no_request_sees_what_another_one_noted() -> None:
    def application(_environ: Environ, start: Start) -> list[bytes]:
        start("200 OK", [])
        before = _seen.get()
        _seen.set("somebody")
        return [before.encode()]

    async def come() -> list[bytes]:
        front = Front(application, 1)
        return [(await Visit().come_to(front)).body for _ in range(2)]

    assert finish(come()) == [b"nobody", b"nobody"]


class LongAnswer:
    """An answer that is made while it is sent, and knows whether it was closed."""

    def __init__(self) -> None:
        self.made, self.is_closed = 0, False

    def __call__(self, _environ: Environ, start: Start) -> "LongAnswer":
        start("200 OK", [])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(20):
            self.made += 1
            yield b"x" * 64 * 1024

    def close(self) -> None:
        self.is_closed = True


def test_a_long_answer_is_made_no_faster_than_it_is_read() -> None:
    answer = LongAnswer()
    ahead: list[int] = []

    async def come() -> Visit:
        request = Visit()

        async def take() -> None:
            ahead.append(answer.made - len(request.sent))

        request.takes = take
        return await request.come_to(Front(answer, 1))

    request = finish(come())
    assert len(request.body) == 20 * 64 * 1024
    assert max(ahead) <= 1
    assert answer.is_closed


def test_an_answer_that_nobody_reads_any_more_is_closed() -> None:
    answer = LongAnswer()

    async def come() -> None:
        request = Visit()

        async def leave() -> None:
            request.has_left.set()
            await all_else()
            await all_else()

        request.takes = leave
        await request.come_to(Front(answer, 1))

    finish(come())
    assert answer.made < 20
    assert answer.is_closed


def test_a_thread_that_waits_holds_on_to_no_connection() -> None:
    front = Front(show("REQUEST_METHOD"), 1)

    async def come() -> "ref[Any]":
        visit = Visit()

        async def receive() -> Mapping[str, Any]:
            return await visit.receive()

        await front(visit.scope, receive, visit.send)
        return ref(receive)

    connection = finish(come())
    wait_until(lambda: connection() is None)


def test_bodies_that_drip_hold_no_thread_and_liveness_has_its_own() -> None:
    release = threading.Event()

    def application(environ: Environ, start: Start) -> list[bytes]:
        start("200 OK", [])
        if environ["PATH_INFO"] == "/waits":
            release.wait()
        return [environ["PATH_INFO"].encode()]

    async def come() -> list[bytes]:
        front = Front(application, 1, seconds=NEVER)
        dripping = [asyncio.create_task(Visit(part(b"a", more=True)).come_to(front)) for _ in range(64)]
        await all_else()
        quick = await Visit(raw_path=b"/quick").come_to(front)
        waiting = asyncio.create_task(Visit(raw_path=b"/waits").come_to(front))
        await all_else()
        alive = await Visit(path="/healthz", raw_path=b"/healthz").come_to(front)
        release.set()
        for task in dripping:
            task.cancel()
        return [quick.body, alive.body, (await waiting).body]

    assert finish(come()) == [b"/quick", b"/healthz", b"/waits"]


def test_whoever_comes_when_too_many_wait_is_told_at_once() -> None:
    release = threading.Event()

    def application(_environ: Environ, start: Start) -> list[bytes]:
        start("200 OK", [])
        release.wait()
        return [b"late"]

    async def come() -> tuple[Visit, set[bytes]]:
        front = Front(application, 1)
        waiting = [asyncio.create_task(Visit().come_to(front)) for _ in range(129)]
        await all_else()
        refused = await Visit().come_to(front)
        release.set()
        return refused, {(await task).body for task in waiting}

    refused, answers = finish(come())
    assert refused.status == 503
    assert b"Nothing was charged" in refused.body
    assert answers == {b"late"}
