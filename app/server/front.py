"""The front: a request takes a thread only once it is there as a whole, so that slow clients hold none.

An ASGI callable around a WSGI application. Granian serves it; `app.wsgi:app` itself knows nothing of it.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from queue import SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import unquote_to_bytes

from app.deadlines import BODY_CUT_OFF

Scope = Mapping[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: What is read of a body, and the seconds that it may take: more than any page takes, which says so itself.
BODY_BYTES, BODY_SECONDS = 256 * 1024, 10.0


@dataclass(frozen=True)
class BodyLimits:
    """What is read of a body, in how many seconds, of how many at once, and only beside which cookie."""

    most_bytes: int
    seconds: float
    at_once: int = 0
    cookie: bytes = b""


#: By the beginning of the path: an office's files.
LIMITS: Mapping[str, BodyLimits] = {"/portal/upload/": BodyLimits(2304 * 1024, 60.0, 4, b"portal=")}
#: It must answer while every thread waits for something.
_LIVENESS = "/healthz"
#: Requests that may wait for a thread; whoever comes then is told at once.
_WAITING = 128
#: A longer answer is sent while it is made.
_CHUNK_BYTES = 64 * 1024
_BUSY = b"The service is busy. Nothing was charged. Try again in a few seconds.\n"
#: A body of theirs means nothing (RFC 9110, 9.3), and not to wait for one saves a way through the event loop.
_READING = frozenset({"GET", "HEAD"})
#: Headers of which one line may hold several, and what stands between them; others are joined by a comma.
_SEPARATORS = {"HTTP_COOKIE": "; "}


class ClientGone(Exception):
    """Nobody reads the answer any more."""


class Front:
    """Reads bodies within a deadline, then has the application answer in one of its threads."""

    def __init__(self, application: WsgiApplication, threads: int, *, seconds: float = BODY_SECONDS) -> None:
        self._application, self._most = application, threads + _WAITING
        self._usual = BodyLimits(BODY_BYTES, seconds)
        self._reading: Counter[BodyLimits] = Counter()
        self._threads = _RequestThreads("request", threads)
        self._liveness_thread = _RequestThreads("liveness", 1)
        self._taken = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        limits = next((LIMITS[path] for path in LIMITS if scope["path"].startswith(path)), self._usual)
        if limits.at_once and self._reading[limits] >= limits.at_once:
            await _refuse(send)
            return
        self._reading[limits] += 1
        try:
            await self._answer_within(limits, scope, receive, send)
        finally:
            self._reading[limits] -= 1

    async def _answer_within(self, limits: BodyLimits, scope: Scope, receive: Receive, send: Send) -> None:
        body, is_cut_off = _RequestBody(receive, limits.most_bytes), False
        # What comes without it is left unread: the application sends whoever it is away.
        shown = (value for name, value in scope["headers"] if name == b"cookie")
        is_read = not limits.cookie or any(limits.cookie in value for value in shown)
        if is_read and scope["method"] not in _READING:
            is_cut_off = not await body.read(limits.seconds)
        if body.is_client_gone:
            return
        if self._taken >= self._most:
            await _refuse(send)
            return
        environ = _build_environ(scope, bytes(body.content)) | {BODY_CUT_OFF: is_cut_off}
        threads = self._liveness_thread if scope["path"] == _LIVENESS else self._threads
        answer = _Answer(receive, send, asyncio.get_running_loop())
        self._taken += 1
        try:
            await answer.end(await threads.run(partial(answer.write_from, self._application, environ)))
        except ClientGone:
            pass
        finally:
            self._taken -= 1


class _RequestThreads:
    """Threads that take what waits in turn: a pool of the standard library costs more at each request."""

    def __init__(self, name: str, count: int) -> None:
        self._waiting: SimpleQueue[tuple[Callable[[], bytes], asyncio.Future[bytes]]] = SimpleQueue()
        for number in range(count):
            Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def run(self, respond: Callable[[], bytes]) -> asyncio.Future[bytes]:
        """Have one of the threads run it, and return what it will have returned or raised."""
        result: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.put((respond, result))
        return result

    def _work(self) -> None:
        while True:
            # Names that this frame kept while it waits would hold its last client's connection open.
            _run(*self._waiting.get())


def _run(respond: Callable[[], bytes], result: "asyncio.Future[bytes]") -> None:
    conclude: Callable[[], None]
    try:
        conclude = partial(result.set_result, copy_context().run(respond))
    except Exception as error:
        conclude = partial(result.set_exception, error)
    result.get_loop().call_soon_threadsafe(_conclude, result, conclude)


def _conclude(result: asyncio.Future[bytes], conclude: Callable[[], None]) -> None:
    if not result.done():
        conclude()


class _RequestBody:
    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive, self._most_bytes = receive, most_bytes
        self.content = bytearray()
        self.is_client_gone = False

    async def read(self, seconds: float) -> bool:
        """Read all of it, or as much as anybody takes; False where the time is over before."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.content) <= self._most_bytes:
                    message = await self._receive()
                    self.is_client_gone = message["type"] == "http.disconnect"
                    self.content += message.get("body", b"")
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            return False
        return True


class _Answer:
    """What the application answers: at its end in one piece, or on the way once it is long."""

    def __init__(self, receive: Receive, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        self._receive, self._send, self._loop = receive, send, loop
        self._start: Message | None = None
        self._departure: asyncio.Task[Message] | None = None

    def write_from(self, application: WsgiApplication, environ: dict[str, Any]) -> bytes:
        """Run the application in a thread; return the end of its answer, which is still to be sent."""
        chunks = application(environ, self._note_start)
        rest = bytearray()
        try:
            for chunk in chunks:
                rest += chunk
                if len(rest) >= _CHUNK_BYTES:
                    # The thread waits until it is taken: nothing heaps up for a slow reader.
                    asyncio.run_coroutine_threadsafe(self._send_some(bytes(rest)), self._loop).result()
                    rest.clear()
        finally:
            if close := getattr(chunks, "close", None):
                close()
        return bytes(rest)

    async def end(self, rest: bytes) -> None:
        """Send what is left."""
        if self._departure:
            self._departure.cancel()
        await self._send_start()
        await self._send({"type": "http.response.body", "body": rest})

    async def _send_some(self, chunk: bytes) -> None:
        self._departure = self._departure or self._loop.create_task(_await_departure(self._receive))
        if self._departure.done():
            raise ClientGone
        await self._send_start()
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _send_start(self) -> None:
        if self._start:
            await self._send(self._start)
            self._start = None

    def _note_start(
        self, status: str, headers: Sequence[tuple[str, str]], _error: object = None
    ) -> Callable[[bytes], object]:
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._start = {"type": "http.response.start", "status": int(status[:3]), "headers": raw}
        return _refuse_write


async def _await_departure(receive: Receive) -> Message:
    while (message := await receive())["type"] != "http.disconnect":
        pass
    return message


def _refuse_write(_chunk: bytes) -> None:
    raise NotImplementedError("An application returns its answer; writing it is the oldest way of WSGI.")


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain"), (b"retry-after", b"5"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": _BUSY})


def _build_environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Return what WSGI (PEP 3333) calls a request."""
    server, client = scope.get("server") or ("", ""), scope.get("client") or ("", "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # Bytes as letters of Latin-1; what is no UTF-8 must arrive as it was sent.
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        **dict.fromkeys(("wsgi.multithread", "wsgi.multiprocess"), True),
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        name = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        environ[name] = f"{environ[name]}{_SEPARATORS.get(name, ',')}{value}" if name in environ else value
    return environ
