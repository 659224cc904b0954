"""How long tests wait for what another thread or process does: longer than any busy machine takes over it."""

from collections.abc import Callable
from threading import Event

#: Seconds; nobody waits so long but where something hangs for good.
PATIENCE = 60


def wait_until(holds: Callable[[], object]) -> None:
    """Wait for something that another thread or process does; fail where it never comes."""
    for _ in range(PATIENCE * 100):
        if holds():
            return
        Event().wait(0.01)
    raise TimeoutError
