"""Deadlines that pass when a test says so, however long a busy machine takes to get there."""

from app.deadlines import ConnectionDeadline
from tests.support.waiting import PATIENCE


class Deadlines:
    """Watches conversations in the place of `Watch`, which goes by the machine's own time."""

    def __init__(self) -> None:
        #: How long each conversation was to last, in seconds.
        self.seconds: list[float] = []
        self._watches: list[ConnectionDeadline] = []

    def watch(self, seconds: float) -> ConnectionDeadline:
        """Watch a conversation until its deadline passes."""
        watch = ConnectionDeadline(PATIENCE)
        self.seconds.append(seconds)
        self._watches.append(watch)
        return watch

    def pass_by(self) -> None:
        """Let the deadlines of all conversations pass that have begun."""
        watches, self._watches = self._watches, []
        for watch in watches:
            watch.hang_up()
