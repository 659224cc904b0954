"""PostgreSQL that stands still: its own time limits do not run then, so each wait has one on our side."""

from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen

T = TypeVar("T")

#: Seconds for a connection, for each address that the host has, and for one answer.
_CONNECT_SECONDS, _ANSWER_SECONDS = 2, 5


class ImpatientConnection(Connection[Any]):
    """A connection that is given up where an answer does not come in time."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for an answer; raise OperationalError, and close the connection, where none comes in time."""
        try:
            return super().wait(gen, interval, timeout or _ANSWER_SECONDS)
        except OperationalError as error:
            if "timeout expired" in str(error):
                # In the middle of an answer it is of no use to anybody.
                self.pgconn.finish()
            raise


def connect_impatiently(_dialect: object, _record: object, arguments: Any, options: Any) -> Connection[Any]:
    """Connect for an engine of SQLAlchemy."""
    return ImpatientConnection.connect(*arguments, **{"connect_timeout": _CONNECT_SECONDS} | options)
