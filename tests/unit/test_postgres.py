"""A long answer of PostgreSQL is waited for as long as it comes, and silence is not."""

import pytest
from psycopg import OperationalError
from psycopg.abc import PQGen
from psycopg.waiting import Ready, Wait

from app.postgres import SILENT_SECONDS, heed_silence
from tests.support.doubles import MovableStopwatch


def answer(parts: int) -> PQGen[int]:
    """Take so many parts of an answer, and return how many there were."""
    taken = 0
    while taken < parts:
        taken += bool((yield Wait.R))
    return taken


def test_an_answer_that_goes_on_coming_may_take_long() -> None:
    watch = MovableStopwatch()
    heeded = heed_silence(answer(10), watch)
    next(heeded)
    for _ in range(9):
        watch.seconds += SILENT_SECONDS
        assert heeded.send(Ready.R) is Wait.R


def test_silence_within_an_answer_is_its_end() -> None:
    watch = MovableStopwatch()
    heeded = heed_silence(answer(10), watch)
    next(heeded)
    heeded.send(Ready.R)
    watch.seconds += SILENT_SECONDS
    heeded.send(Ready.NONE)
    watch.seconds += 0.1
    with pytest.raises(OperationalError, match="timeout expired"):
        heeded.send(Ready.NONE)
