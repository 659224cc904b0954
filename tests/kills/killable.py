"""A process that does one thing and is killed with SIGKILL on the way.

Nothing is patched: the points lie in what the composition root takes, a database, a bank, a mail transport.
Each process is forked from a server that has imported the product and done nothing else.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app import create_app
from app.bank.gateway import BankChallenge, CardAuthenticationRequest
from app.clock import Clock
from app.db import Database
from app.domain.bank_results import BankResult
from app.domain.cards import Card
from app.mail.transports import MaildirTransport
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from tests.kills.bank import BankOnDisk
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBrowserMessages, MovableStopwatch
from tests.support.office import ORDER

_SECRET = SecretStr("only-for-tests-0123456789-abcdefghijklmnop")


class KillPoint(StrEnum):
    """Where a process can die."""

    BEFORE_COMMIT = "before a commit"
    AFTER_COMMIT = "after a commit"
    BEFORE_BANK = "before the bank hears of it"
    AFTER_BANK = "after the bank has answered"
    BEFORE_MAIL = "before a mail is handed over"
    AFTER_MAIL = "after a mail was handed over"
    BEFORE_CHECKPOINT = "before the write-ahead log is emptied"


@dataclass(frozen=True)
class ProcessRun:
    """One thing to do, and the n-th passage of a point at which the process dies."""

    url: str
    folder: Path
    now: datetime
    step: str
    word: str
    point: KillPoint
    passage: int


class ProcessKiller:
    """Kills this very process, without a word, at the chosen passage."""

    def __init__(self, point: KillPoint, passage: int) -> None:
        self._point, self._left = point, passage

    def pass_by(self, point: KillPoint) -> None:
        self._left -= point == self._point
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


class KillableDatabase(Database):
    """A database that a process may not survive: what it wrote has reached the file when it dies."""

    def __init__(self, url: str, reaper: ProcessKiller) -> None:
        super().__init__(url)
        self._reaper = reaper

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with super().transaction() as session:
            yield session
            session.flush()
            self._reaper.pass_by(KillPoint.BEFORE_COMMIT)
        self._reaper.pass_by(KillPoint.AFTER_COMMIT)

    @contextmanager
    def write_connection(self) -> Iterator[Connection]:
        with super().write_connection() as connection:
            yield connection
            self._reaper.pass_by(KillPoint.BEFORE_COMMIT)
        self._reaper.pass_by(KillPoint.AFTER_COMMIT)

    def truncate_wal(self) -> bool:
        self._reaper.pass_by(KillPoint.BEFORE_CHECKPOINT)
        return super().truncate_wal()


@dataclass(frozen=True)
class KillableBank(FakeBrowserMessages):
    """A bank whose caller may die before it is heard, or with the answer in hand."""

    bank: BankOnDisk
    reaper: ProcessKiller

    def authenticate_card(self, card: Card, request: CardAuthenticationRequest) -> BankChallenge:
        self.reaper.pass_by(KillPoint.BEFORE_BANK)
        answer = self.bank.authenticate_card(card, request)
        self.reaper.pass_by(KillPoint.AFTER_BANK)
        return answer

    def fetch_result(self, transaction: str) -> BankResult | None:
        self.reaper.pass_by(KillPoint.BEFORE_BANK)
        result = self.bank.fetch_result(transaction)
        self.reaper.pass_by(KillPoint.AFTER_BANK)
        return result


class KillableTransport(MaildirTransport):
    """A mailbox that keeps what it was given, whether or not the giver lives to know it."""

    def __init__(self, folder: Path, reaper: ProcessKiller) -> None:
        super().__init__(folder)
        self._reaper = reaper

    def send_mail(self, address: str, mail: bytes) -> None:
        self._reaper.pass_by(KillPoint.BEFORE_MAIL)
        super().send_mail(address, mail)
        self._reaper.pass_by(KillPoint.AFTER_MAIL)


#: What a process can be asked to do; the word is a link, a public id or a handle.
def come_back(services: Services, handle: str) -> str | None:
    """Return from the bank with nothing that can be read but the handle."""
    returned = services.attempt_results.receive_return({"threeDSSessionData": handle})
    return returned.public_id if returned else None


STEPS: dict[str, Callable[[Services, str], object]] = {
    "order": lambda services, word: services.orders.place_order(ORDER),
    "bulk": lambda services, word: services.bulk_actions.continue_actions(),
    "cancel": lambda services, public_id: services.invitations.cancel_activation(public_id, "test"),
    "accept": lambda services, link: CardholderSteps(services, link).accept(),
    "submit": lambda services, link: CardholderSteps(services, link).submit(),
    "return": come_back,
    "sweep": lambda services, word: services.attempt_results.check_due_attempts(),
    "remind": lambda services, word: services.reminders.queue_due_reminders(),
    "deliver": lambda services, word: services.outbox.deliver_due(),
}


def settings_for(url: str, folder: Path) -> Settings:
    """Return the settings that all processes of a story share, whatever the environment says."""
    return Settings(
        _env_file=None,
        secret_keys=(_SECRET,),
        bank_api_key=_SECRET,
        database_url=url,
        mail_folder=folder / "mail",
        link_rate="100000 per minute",
        card_rate="100000 per minute",
    )


def product(url: str, folder: Path, clock: Clock) -> Flask:
    """Build the product of a story, as every process of it does."""
    bank = BankOnDisk(folder / "bank")
    return create_app(settings_for(url, folder), clock=clock, stopwatch=MovableStopwatch(), bank=bank)


def live(life: ProcessRun) -> int | None:
    """Live this life in a process of its own; return the exit code, negative for the signal that ended it."""
    process = PROCESSES.Process(target=_live, args=(life,))
    process.start()
    process.join()
    return process.exitcode


def log_into(file: Path) -> None:
    """Keep what this process says on its error output."""
    with file.open("ab") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())


#: Whoever is forked here has everything imported and nothing open.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


def _live(life: ProcessRun) -> None:
    log_into(life.folder / "log")
    app = product(life.url, life.folder, lambda: life.now)
    with app.app_context():
        STEPS[life.step](_doomed(app.extensions[EXTENSION], life), life.word)


def _doomed(services: Services, life: ProcessRun) -> Services:
    reaper = ProcessKiller(life.point, life.passage)
    database = KillableDatabase(life.url, reaper)
    bank = KillableBank(BankOnDisk(life.folder / "bank"), reaper)
    transport = KillableTransport(life.folder / "mail", reaper)
    return replace(
        services,
        context=replace(services.context, database=database),
        bank=bank,
        outbox=replace(services.outbox, database=database, transport=transport),
    )
