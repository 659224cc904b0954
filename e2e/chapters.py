"""Which rows of the table a file tells: each test names its rows, and receives them from the table."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest

from app.simulation.scenarios import SCENARIOS

Story = Callable[..., None]


class StoryChapter:
    """The stories of one file; a row whose story is deleted, or told twice, is found out.

    What must hold after every story, whatever it told, is given as `ending`.
    """

    def __init__(self, ending: Story | None = None) -> None:
        self._told: list[str] = []
        self._ending = ending

    def tells(self, *keys: str) -> Callable[[Story], Story]:
        """Give a test these rows of the table one by one, as `row`; raise KeyError for an unknown row."""
        rows = [pytest.param(SCENARIOS[key], id=key) for key in keys]
        self._told.extend(keys)

        def told(story: Story) -> Story:
            return pytest.mark.parametrize("row", rows)(self._ended(story))

        return told

    def expect_exactly(self, keys: Iterable[str]) -> None:
        """Expect one story for each of these rows, and none for any other."""
        assert sorted(self._told) == sorted(keys)

    def _ended(self, story: Story) -> Story:
        ending = self._ending
        if ending is None:
            return story

        @wraps(story)
        def whole(**given: Any) -> None:
            story(**given)
            ending(given["product"], given["order"])

        return whole
