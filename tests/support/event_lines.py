"""What the product writes into its log, kept for a test in place of written."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.logs import EVENTS, current_request_id


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        fields = {**vars(record)["fields"], "event": record.getMessage(), "level": record.levelname.lower()}
        if request_id := current_request_id():
            fields["request_id"] = request_id
        self.lines.append(fields)


@contextmanager
def capture_logs() -> Iterator[list[dict[str, Any]]]:
    """Keep the lines that are written within the block, whatever the level of the log is."""
    keeper, level, propagates = _Keeper(), EVENTS.level, EVENTS.propagate
    EVENTS.addHandler(keeper)
    EVENTS.setLevel(logging.INFO)
    EVENTS.propagate = False
    try:
        yield keeper.lines
    finally:
        EVENTS.removeHandler(keeper)
        EVENTS.setLevel(level)
        EVENTS.propagate = propagates
