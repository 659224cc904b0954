"""How many statements and transactions something costs, counted where they leave for the database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event

from app.db import Database


@dataclass
class StatementTally:
    """What was executed: the statements, and the transactions around those that write."""

    statements: list[str] = field(default_factory=list)
    transactions: int = 0

    def execute(self, _connection: Connection, _cursor: object, statement: str, *_more: Any) -> None:
        """Count one statement; SQLite's BEGIN counts with its transaction."""
        if not statement.startswith("BEGIN"):
            self.statements.append(statement)

    def begin(self, _connection: Connection) -> None:
        """Count one transaction."""
        self.transactions += 1


@contextmanager
def counted(database: Database) -> Iterator[StatementTally]:
    """Count what is executed in the block, on SQLite's two engines."""
    tally = StatementTally()
    wanted = (
        (database.writing, "begin", tally.begin),
        (database.writing, "before_cursor_execute", tally.execute),
        (database.reading, "before_cursor_execute", tally.execute),
    )
    with ExitStack() as stack:
        for engine, name, listener in wanted:
            event.listen(engine, name, listener)
            stack.callback(event.remove, engine, name, listener)
        yield tally
