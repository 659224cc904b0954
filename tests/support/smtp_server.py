"""A real SMTP server in a thread, scripted mail by mail: it takes, refuses, hangs, drips, hangs up.

    with smtp_server(REFUSES_FOR_NOW, ACCEPTS) as server:
        ...
        assert server.received == [...]

The nth mail that a client begins meets the nth behaviour, and the last one meets all that follow.
A client that goes by the server's deadlines is late once the server is stuck, and never before.
"""

import asyncio
import ssl
from asyncio import Event, Transport
from collections.abc import Callable, Iterator
from concurrent.futures import Future as Promise
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from threading import Thread
from typing import AnyStr, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.deadlines import Deadlines
from tests.support.waiting import PATIENCE


class SmtpFault(Enum):
    """What a server may do instead of answering."""

    HANGS = "never answers"
    DRIPS = "answers one character after another, and comes to no end"
    HANGS_UP = "closes the connection"


Answer = str | SmtpFault


@dataclass(frozen=True)
class SmtpBehaviour:
    """How the server answers one mail; how long it takes over its content, or whether the test says when."""

    sender: Answer = "250 OK"
    recipient: Answer = "250 OK"
    content: Answer = "250 OK"
    seconds: float = 0
    waits: bool = False


ACCEPTS = SmtpBehaviour()
DELAYS = SmtpBehaviour(seconds=0.1)
REFUSES_FOR_NOW = SmtpBehaviour(recipient="451 4.3.2 try again later")
REFUSES_FOR_GOOD = SmtpBehaviour(recipient="550 5.1.1 no such mailbox")
DENIES_RELAY = SmtpBehaviour(recipient="554 5.7.1 relay access denied")
WAITS = SmtpBehaviour(waits=True)
HANGS = SmtpBehaviour(content=SmtpFault.HANGS)
DRIPS = SmtpBehaviour(content=SmtpFault.DRIPS)
#: The content has come in, and the client never learns it.
HANGS_UP_AFTER_DATA = SmtpBehaviour(content=SmtpFault.HANGS_UP)


@dataclass(frozen=True)
class ReceivedMail:
    """A mail that came in whole, whatever was answered: its envelope and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass
class SmtpServer:
    """What a test asks a running server for."""

    script: tuple[SmtpBehaviour, ...]
    security: Literal["starttls", "tls", "none"] = "none"
    certificate: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    mails_per_connection: int = 1_000_000
    greeting: SmtpFault | None = None
    farewell: SmtpFault | None = None
    port: int = 0
    connections: int = 0
    begun: int = 0
    farewells: int = 0
    #: What clients called themselves, mail by mail.
    callers: list[str] = field(default_factory=list)
    received: list[ReceivedMail] = field(default_factory=list)
    #: Who tried to sign in, whether or not it was let in.
    logins: list[str] = field(default_factory=list)
    #: For a client that goes by them, they pass once the server is stuck.
    deadlines: Deadlines = field(default_factory=Deadlines)
    #: Whether the content of a mail that waits is answered now.
    lets_go: bool = False
    #: Whether a client waited for longer than any deadline of a test.
    left_waiting: bool = False

    def next_behaviour(self) -> SmtpBehaviour:
        self.begun += 1
        return self.script[min(self.begun, len(self.script)) - 1]

    def admits(self, user: str, password: str) -> bool:
        self.logins.append(user)
        return (user, password) == self.login


@contextmanager
def smtp_server(
    *script: SmtpBehaviour,
    security: Literal["starttls", "tls", "none"] = "none",
    certificate: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    mails_per_connection: int = 1_000_000,
    greeting: SmtpFault | None = None,
    farewell: SmtpFault | None = None,
) -> Iterator[SmtpServer]:
    """Run a server on a free port of 127.0.0.1 for the length of a block."""
    server = SmtpServer(
        script or (ACCEPTS,), security, certificate, login, mails_per_connection, greeting, farewell
    )
    started: Promise[Callable[[], None]] = Promise()
    thread = Thread(target=lambda: asyncio.run(_serve(server, started)), daemon=True)
    thread.start()
    stop = started.result(PATIENCE)
    try:
        yield server
    finally:
        stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert not server.left_waiting


async def _serve(server: SmtpServer, started: Promise[Callable[[], None]]) -> None:
    loop, stopped = asyncio.get_running_loop(), Event()
    conversations: list[_SmtpConversation] = []

    def converse() -> _SmtpConversation:
        conversations.append(_SmtpConversation(server, loop))
        server.connections += 1
        return conversations[-1]

    context = server.certificate if server.security == "tls" else None
    listener = await loop.create_server(converse, "127.0.0.1", 0, ssl=context)
    server.port = listener.sockets[0].getsockname()[1]

    def stop() -> None:
        loop.call_soon_threadsafe(stopped.set)

    started.set_result(stop)
    async with listener:
        await stopped.wait()
        # The end of the block waits for every connection, since Python 3.12.
        for conversation in conversations:
            conversation.abandon()
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others, timeout=5)


class _SmtpConversation(SMTP):
    """One connection; it is counted, may never be greeted, and can be abandoned."""

    def __init__(self, server: SmtpServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._greeting = server.greeting
        self._lines: list[Transport] = []

        def admit(
            _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
        ) -> AuthResult:
            assert isinstance(data, LoginPassword)
            known = server.admits(data.login.decode(), data.password.decode())
            return AuthResult(success=known, handled=False)

        super().__init__(
            _SmtpHandler(server),
            loop=loop,
            hostname="relay.example.test",
            tls_context=server.certificate if server.security == "starttls" else None,
            auth_require_tls=server.security == "starttls",
            authenticator=admit,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, Transport)
        self._lines.append(transport)
        super().connection_made(transport)

    async def push(self, status: AnyStr) -> None:
        odd, self._greeting = self._greeting, None
        if odd is not None:
            await _behave(odd, self, self._server)
        await super().push(status)

    def abandon(self) -> None:
        for line in self._lines:
            line.abort()


class _SmtpHandler:
    """What is answered at each step of a mail."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self.behaviour = ACCEPTS
        self.mails = 0

    async def handle_MAIL(  # noqa: N802, the server calls it by this name
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.mails += 1
        self.server.callers.append(session.host_name or "")
        if self.mails > self.server.mails_per_connection:
            return "421 4.3.2 enough mails on this connection"
        self.behaviour = self.server.next_behaviour()
        envelope.mail_from, envelope.mail_options = address, options
        return await self._answer(self.behaviour.sender, smtp)

    async def handle_RCPT(  # noqa: N802
        self, smtp: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._answer(self.behaviour.recipient, smtp)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.server.received.append(
            ReceivedMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content)
        )
        await _wait(self.behaviour.seconds)
        while self.behaviour.waits and not self.server.lets_go:
            await _wait(0.01)
        return await self._answer(self.behaviour.content, smtp)

    async def handle_QUIT(self, smtp: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        self.server.farewells += 1
        return await self._answer(self.server.farewell or "221 Bye", smtp)

    async def _answer(self, answer: Answer, smtp: SMTP) -> str:
        if isinstance(answer, SmtpFault):
            await _behave(answer, smtp, self.server)
            return "421 never said"
        return answer


async def _behave(odd: SmtpFault, smtp: SMTP, server: SmtpServer) -> None:
    """Do it until the client, or the end of the test, ends the conversation."""
    assert isinstance(smtp.transport, Transport)
    if odd is SmtpFault.HANGS_UP:
        smtp.transport.close()
    if odd is SmtpFault.DRIPS:
        smtp.transport.write(b"2")
    if odd is not SmtpFault.HANGS_UP:
        server.deadlines.pass_by()
    for _ in range(PATIENCE * 100):
        await _wait(0.01)
        if odd is SmtpFault.DRIPS:
            smtp.transport.write(b"2")
    server.left_waiting = True
    smtp.transport.close()


async def _wait(seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await Event().wait()
