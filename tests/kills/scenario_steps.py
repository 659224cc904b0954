"""One database, one bank, one mailbox, and the processes that come and die."""

import mailbox
import signal
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event as Stop
from typing import Any

from flask import Flask
from sqlalchemy import Select, func, select

from app.domain.history import EventType, MailKind
from app.jobs import run_jobs
from app.models import Activation, Base, Event, OutboxMessage
from app.web.extensions import EXTENSION, Services
from tests.kills.bank import BankOnDisk
from tests.kills.killable import KillPoint, ProcessRun, live, product
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import MovableClock
from tests.support.office import ORDER


class ScenarioSteps:
    """Whoever dies leaves everything as it stands; whoever looks next is a process that starts anew."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.clock = MovableClock()
        self.bank = BankOnDisk(folder / "bank")
        self._app: Flask | None = None

    @property
    def app(self) -> Flask:
        """The process that lives now; it starts where there is none."""
        if self._app is None:
            self._app = product(self.url, self.folder, self.clock)
            self._context = self._app.app_context()
            self._context.push()
        return self._app

    @property
    def services(self) -> Services:
        found: Services = self.app.extensions[EXTENSION]
        return found

    def stop(self) -> None:
        """Let go of the database, so that whoever dies next dies alone."""
        if self._app is not None:
            self.services.database.close_connections()
            self._context.pop()
            self._app = None

    def dies(self, step: str, word: str = "", *, at: KillPoint, passage: int = 1) -> None:
        """Let another process do something and be killed on the way."""
        self.stop()
        ended = live(ProcessRun(self.url, self.folder, self.clock(), step, word, at, passage))
        log = (self.folder / "log").read_text()[-2000:]
        assert ended == -signal.SIGKILL, f"{step} was not killed {at}: {log}"

    def work(self, **later: float) -> None:
        """Let the worker do a round of all its jobs, that much later."""
        self.clock.advance(**later)
        run_jobs(self.services, Stop())

    def order(self) -> CardholderSteps:
        """Order, and be the cardholder of it."""
        return self.holder(self.services.orders.place_order(ORDER).public_id)

    def holder(self, public_id: str = "") -> CardholderSteps:
        """Be the cardholder of a request that the process alive knows."""
        one = public_id or self.one(select(Activation.public_id))
        return CardholderSteps(self.services, self.services.invitations.copy_link(one, "test"))

    def one(self, query: Select[*tuple[Any, ...]]) -> Any:
        """Return the one value that there must be."""
        with self.services.database.read_connection() as connection:
            return connection.execute(query).scalar_one()

    def count(self, table: type[Base], *where: Any) -> int:
        return int(self.one(select(func.count()).select_from(table).where(*where)))

    def happened(self, event_type: EventType) -> int:
        return self.count(Event, Event.event_type == event_type)

    def queued(self, kind: MailKind) -> int:
        return self.count(OutboxMessage, OutboxMessage.kind == kind)

    def mails(self, kind: MailKind) -> list[EmailMessage]:
        """Return the mails of a kind that have reached their mailbox."""
        return [mail for mail in self._mails() if str(mail["Message-ID"]).startswith(f"<{kind}.")]

    def copies(self, text: str) -> int:
        """Count a text in the bytes of every file that the processes left, but for the readers' mailbox."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        ours = (path for path in files if self.folder / "mail" not in path.parents)
        return sum(path.read_bytes().count(text.encode()) for path in ours)

    def rows_with(self, text: str) -> int:
        """Count the rows that hold a text, whichever engine keeps them."""
        with self.services.database.read_connection() as connection:
            tables = Base.metadata.sorted_tables
            return sum(text in str(row) for table in tables for row in connection.execute(select(table)))

    def _mails(self) -> Iterator[EmailMessage]:
        box = mailbox.Maildir(self.folder / "mail", create=True)
        for key in sorted(box.keys()):
            message = message_from_bytes(box.get_bytes(key), policy=policy.default)
            assert isinstance(message, EmailMessage)
            yield message
