"""What is left when all has come to rest: rows, mails, acknowledgements, and the bytes of the files."""

import mailbox
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from app.db import Database
from app.domain.states import OPEN
from app.models import Activation, Attempt, BulkAction, BulkOrderRow, Consent, Event, OutboxMessage
from app.models import Base as Table
from tests.trust.trust_run import Acknowledgement, TrustRun


@dataclass(frozen=True)
class TrustEvidence:
    """Everything that the promises are held against."""

    kills: int
    acknowledged: Counter[Acknowledgement]
    activations: Sequence[Row[*tuple[Any, ...]]]
    attempts: Sequence[Row[*tuple[Any, ...]]]
    consents: Sequence[Row[*tuple[Any, ...]]]
    events: Counter[tuple[str, str]]
    outbox: Sequence[Row[*tuple[Any, ...]]]
    #: The mails of a day, which are about no request.
    digests: Sequence[Row[*tuple[Any, ...]]]
    #: The rows of confirmed orders for many, each with the name of its order.
    order_rows: Sequence[Row[*tuple[Any, ...]]]
    #: How often each mail, by its Message-ID, lies in a mailbox.
    mails: Counter[str]
    #: The transactions that reached the bank.
    at_bank: Sequence[str]
    #: Everything that was written down anywhere but in the mailboxes: files first, then rows.
    written: Sequence[tuple[str, bytes]]
    log: str
    #: What SQLite says of its own file where something is wrong with it.
    unsound: Sequence[str]


def collect(database: Database, run: TrustRun, kills: int) -> TrustEvidence:
    """Gather the evidence; the files first, as the last kill has left them."""
    files = _files(run.folder)
    found = gather_evidence(
        database, kills=kills, mails=_mails(run.folder / "mail"), at_bank=run.bank.transactions()
    )
    return replace(
        found,
        acknowledged=Counter(ack for ack in run.diary.read() if ack.public_id),
        written=[*files, *found.written],
        log="".join(path.read_text() for path in run.folder.glob("*.log")),
    )


def gather_evidence(
    database: Database, *, kills: int, mails: Counter[str], at_bank: Sequence[str]
) -> TrustEvidence:
    """Gather what the rows say, beside what is known of the neighbours."""
    with database.read_connection() as connection:

        def rows(query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
            return connection.execute(query).all()

        tables = [(table.name, str(rows(select(table))).encode()) for table in Table.metadata.sorted_tables]
        lines = select(Event.event_type, Activation.public_id).join(Activation)
        queued = select(OutboxMessage.__table__, Activation.public_id).join(Activation)
        digests = select(OutboxMessage.__table__).where(OutboxMessage.covers_until.is_not(None))
        confirmed = select(BulkOrderRow.__table__, BulkAction.public_id).join(BulkAction)
        return TrustEvidence(
            kills=kills,
            acknowledged=Counter(),
            activations=rows(select(Activation.__table__)),
            attempts=rows(select(Attempt.__table__, Activation.public_id).join(Activation)),
            consents=rows(select(Consent.__table__, Activation.public_id).join(Activation)),
            events=Counter((str(event_type), public_id) for event_type, public_id in rows(lines)),
            outbox=rows(queued),
            digests=rows(digests.order_by(OutboxMessage.recipient_id, OutboxMessage.covers_until)),
            order_rows=rows(confirmed.where(BulkAction.leased_until.is_not(None))),
            mails=mails,
            at_bank=at_bank,
            written=tables,
            log="",
            unsound=_unsound(connection),
        )


def unfinished(database: Database) -> int:
    """Count what still waits: requests, attempts, mails, and rows that are kept for a day."""
    waiting = (
        select(func.count()).where(Activation.state.in_(OPEN)),
        select(func.count()).where(Attempt.concluded_at.is_(None)),
        select(func.count()).where(BulkAction.erase_at.is_not(None)),
        select(func.count()).where(OutboxMessage.sent_at.is_(None), OutboxMessage.dead_at.is_(None)),
    )
    with database.read_connection() as connection:
        return sum(connection.execute(query).scalar_one() for query in waiting)


def _unsound(connection: Connection) -> list[str]:
    """Ask SQLite; PostgreSQL has no such question, and checks its references at each commit."""
    if connection.dialect.name != "sqlite":
        return []
    lines = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    astray = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [*(line for line in lines if line != "ok"), *(str(row) for row in astray)]


def _mails(folder: Path) -> Counter[str]:
    return Counter(str(mail["Message-ID"]) for mail in mailbox.Maildir(folder, create=True))


def _files(folder: Path) -> list[tuple[str, bytes]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    ours = (path for path in files if folder / "mail" not in path.parents)
    return [(path.name, path.read_bytes()) for path in ours]
