"""Which scenarios a file of tests covers: each test names its rows of the table, and receives them."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest

from app.simulation.scenarios import SCENARIOS

ScenarioTest = Callable[..., None]


class ScenarioCoverage:
    """The scenarios that one file covers; one whose test is deleted, or that is covered twice, is found out.

    `ending` is what must hold after each of its tests.
    """

    def __init__(self, ending: ScenarioTest | None = None) -> None:
        self._covered: list[str] = []
        self._ending = ending

    def covers(self, *keys: str) -> Callable[[ScenarioTest], ScenarioTest]:
        """Give a test these rows of the table one by one, as `row`; raise KeyError for an unknown row."""
        rows = [pytest.param(SCENARIOS[key], id=key) for key in keys]
        self._covered.extend(keys)

        def parametrize(test: ScenarioTest) -> ScenarioTest:
            return pytest.mark.parametrize("row", rows)(self._with_ending(test))

        return parametrize

    def expect_exactly(self, keys: Iterable[str]) -> None:
        """Expect one test for each of these rows, and none for any other."""
        assert sorted(self._covered) == sorted(keys)

    def _with_ending(self, test: ScenarioTest) -> ScenarioTest:
        ending = self._ending
        if ending is None:
            return test

        @wraps(test)
        def run_both(**fixtures: Any) -> None:
            test(**fixtures)
            ending(fixtures["product"], fixtures["order"])

        return run_both
