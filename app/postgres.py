"""PostgreSQL that stands still: its own time limits do not run then, so each wait has one on our side."""

from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen

from app.clock import Stopwatch, system_stopwatch

T = TypeVar("T")

#: Seconds for a connection, for each address that the host has, and of silence before or within an answer.
_CONNECT_SECONDS, SILENT_SECONDS = 2, 5


class ImpatientConnection(Connection[Any]):
    """A connection that is given up once nothing comes any more."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for an answer; raise OperationalError, and close the connection, where none comes."""
        try:
            return super().wait(heed_silence(gen, system_stopwatch), interval, timeout)
        except OperationalError as error:
            if "timeout expired" in str(error):
                # In the middle of an answer it is of no use to anybody.
                self.pgconn.finish()
            raise


def heed_silence(gen: PQGen[T], stopwatch: Stopwatch) -> PQGen[T]:
    """Go on as long as something comes: a long answer takes its time, and a server that hangs does not."""
    heard_at = stopwatch()
    try:
        wanted = next(gen)
        while True:
            if ready := (yield wanted):
                heard_at = stopwatch()
            elif stopwatch() - heard_at > SILENT_SECONDS:
                raise OperationalError("answer timeout expired")
            wanted = gen.send(ready)
    except StopIteration as end:
        result: T = end.value
        return result


def connect_impatiently(_dialect: object, _record: object, arguments: Any, options: Any) -> Connection[Any]:
    """Connect for an engine of SQLAlchemy."""
    return ImpatientConnection.connect(*arguments, **{"connect_timeout": _CONNECT_SECONDS} | options)
