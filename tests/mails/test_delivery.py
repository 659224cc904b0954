"""A thousand mails, a server that misbehaves, workers that die: none is lost, and a repeat is recognised."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email import message_from_bytes
from functools import partial
from random import Random

import pytest
from sqlalchemy import select

from app.clock import system_clock
from app.db import Database
from app.domain.history import MailKind
from app.mail.outbox import LEASE
from app.mail.smtp import SmtpRelay, SmtpTransport
from app.models import OutboxMessage
from app.web.extensions import Services
from tests.bench.queued import message_ids, queue_invitations, waiting
from tests.bench.workers import WorkerTask, worker
from tests.support.doubles import MovableClock
from tests.support.smtp_server import (
    ACCEPTS,
    DELAYS,
    DRIPS,
    HANGS,
    HANGS_UP_AFTER_DATA,
    REFUSES_FOR_GOOD,
    REFUSES_FOR_NOW,
    WAITS,
    SmtpBehaviour,
    SmtpFault,
    SmtpServer,
    smtp_server,
)
from tests.support.waiting import PATIENCE, wait_until

#: A thousand mails on the engine that is put to more of the test; the other one shows that it does the same.
MISDELIVERED = {"sqlite": 1000, "postgresql": 250}
INTERRUPTED = {"sqlite": 250, "postgresql": 1000}
SEED = 20261124
#: How often the server misbehaves in each way over two hundred and fifty mails.
MISBEHAVIOUR: Mapping[SmtpBehaviour, int] = {
    DELAYS: 3,
    REFUSES_FOR_NOW: 40,
    REFUSES_FOR_GOOD: 10,
    HANGS: 1,
    DRIPS: 1,
    HANGS_UP_AFTER_DATA: 15,
}
#: A worker is killed when so many mails have come in; at first, it cannot have marked the last one.
KILLS, CERTAIN = (40, 41, 120), 2


def script(mails: int) -> list[SmtpBehaviour]:
    """Return how the server answers: the first time that it sees the mails, and then their repeats."""
    chance = Random(SEED)
    odd = [behaviour for behaviour, times in MISBEHAVIOUR.items() for _ in range(times * mails // 250)]
    first_round = odd + [ACCEPTS] * (mails - len(odd))
    chance.shuffle(first_round)
    return first_round + chance.choices([ACCEPTS, REFUSES_FOR_NOW, HANGS_UP_AFTER_DATA], [8, 1, 1], k=mails)


def identity(content: bytes) -> str:
    return str(message_from_bytes(content)["Message-ID"])


def arrivals(server: SmtpServer) -> dict[str, list[bytes]]:
    """Return what has come in under each Message-ID."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for mail in server.received:
        found[identity(mail.content)].append(mail.content)
    return found


def learned(server: SmtpServer, behaviours: Sequence[SmtpBehaviour]) -> dict[str, list[bool]]:
    """Return under each Message-ID, for each time that it came in, whether the sender was told."""
    taken = [one for one in behaviours[: server.begun] if one.recipient == ACCEPTS.recipient]
    found: dict[str, list[bool]] = defaultdict(list)
    for mail, met in zip(server.received, taken, strict=True):
        found[identity(mail.content)].append(not isinstance(met.content, SmtpFault))
    return found


def endings(database: Database, kind: MailKind) -> dict[int | None, OutboxMessage]:
    """Return the mails of a kind by their activation."""
    with database.transaction() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind))
        return {row.activation_id: row for row in rows}


def sent(database: Database) -> set[str]:
    """Return the Message-IDs of the invitations that count as sent."""
    rows = sorted(endings(database, MailKind.INVITATION).items(), key=lambda row: row[0] or 0)
    return {id_ for id_, (_, row) in zip(message_ids(range(len(rows))), rows, strict=True) if row.sent_at}


def empty(services: Services, server: SmtpServer, clock: MovableClock) -> None:
    """Deliver until nothing waits any more, while the clock goes on."""
    relay = SmtpRelay("127.0.0.1", server.port, "none", PATIENCE)
    transport = SmtpTransport(relay, "caro@example.be", watch=server.deadlines.watch)
    outbox = replace(services.outbox, transport=transport)
    while waiting(services.database):
        outbox.deliver_due()
        clock.advance(minutes=5)


def came(server: SmtpServer, mails: int) -> bool:
    return len(server.received) >= mails


@pytest.mark.usefixtures("rendering")
def test_no_mail_is_lost_to_a_server_that_misbehaves(
    services: Services, database: Database, clock: MovableClock, engine: str
) -> None:
    mails = range(MISDELIVERED[engine])
    behaviours = script(len(mails))
    queue_invitations(database, mails, clock())
    with smtp_server(*behaviours) as server:
        empty(services, server, clock)

    told = learned(server, behaviours)
    assert sent(database) == {id_ for id_ in message_ids(mails) if any(told[id_])}
    invitations = endings(database, MailKind.INVITATION)
    dead = {activation for activation, row in invitations.items() if row.dead_at}
    assert len(dead) == behaviours.count(REFUSES_FOR_GOOD) == len(mails) - len(sent(database))
    assert set(endings(database, MailKind.INVITATION_UNDELIVERED)) == dead
    assert [row.id for row in invitations.values() if row.leased_until] == []
    # What came twice came before without the sender being told, and is the same to the last byte.
    assert [id_ for id_, times in told.items() if any(times[:-1])] == []
    assert max(map(len, told.values())) > 1
    assert [id_ for id_, contents in arrivals(server).items() if len(set(contents)) > 1] == []


def test_a_killed_worker_costs_at_most_one_repeat(database: Database, engine: str) -> None:
    mails = range(INTERRUPTED[engine])
    queue_invitations(database, mails, system_clock())
    # The content has come in, and the worker that sent it is killed before it learns so.
    certain = {kill - 1: WAITS for kill in KILLS[:CERTAIN]}
    with smtp_server(*(certain.get(number, ACCEPTS) for number in range(KILLS[CERTAIN]))) as server:
        errand = WorkerTask(database.url.render_as_string(hide_password=False), server.port)
        for number, kill in enumerate(KILLS):
            with worker(replace(errand, ahead=2 * LEASE * number)) as doomed:
                doomed.start()
                wait_until(partial(came, server, kill))
                doomed.kill()
        with worker(replace(errand, ahead=2 * LEASE * len(KILLS))) as last:
            last.start()
            last.done()
        found = arrivals(server)

    assert set(found) == sent(database) == set(message_ids(mails))
    assert CERTAIN <= len(server.received) - len(mails) <= len(KILLS)
    assert [id_ for id_, contents in found.items() if len(set(contents)) > 1] == []
    rows = endings(database, MailKind.INVITATION).values()
    assert [row.id for row in rows if row.leased_until] == []
