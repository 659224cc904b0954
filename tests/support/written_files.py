"""Files that a command writes: how a stale one is told, in one line."""

from itertools import zip_longest

import pytest


def first_difference(stored: str, written: str) -> str | None:
    """Return the first line in which two pages differ, as each has it."""
    pairs = enumerate(zip_longest(stored.splitlines(), written.splitlines()), start=1)
    return next((f"line {n}: {old!r} is now {new!r}" for n, (old, new) in pairs if old != new), None)


def fail_on(difference: str | None) -> None:
    """Fail with this line alone: pytest would print both pages."""
    if difference is not None:
        pytest.fail(difference, pytrace=False)
