"""Tries that one process counts in its memory."""

import threading
from concurrent.futures import ThreadPoolExecutor

from app.web.rates import RateMemory
from tests.support.doubles import MovableClock


def test_tries_of_a_kind_count_until_the_first_has_expired(clock: MovableClock) -> None:
    store = RateMemory(clock)
    assert [store.incr("a", 60), store.incr("a", 60), store.incr("b", 60)] == [1, 2, 1]
    assert (store.get("a"), store.get("nobody")) == (2, 0)

    clock.advance(seconds=60)
    assert (store.get("a"), store.incr("a", 60)) == (0, 1)


def test_many_others_that_come_and_expire_make_nobody_forgotten(clock: MovableClock) -> None:
    store = RateMemory(clock)
    store.incr("kept", 100_000)
    for number in range(5000):
        clock.advance(seconds=1)
        store.incr(str(number), 60)

    assert store.get("kept") == 1


def test_once_all_have_expired_counting_goes_on(clock: MovableClock) -> None:
    store = RateMemory(clock)
    for number in range(5000):
        store.incr(str(number), 60)
    clock.advance(seconds=60)

    assert [store.incr("0", 60), store.incr("0", 60)] == [1, 2]
    assert {store.incr(str(number), 60) for number in range(1, 5000)} == {1}


def test_threads_at_once_are_all_counted(clock: MovableClock) -> None:
    store = RateMemory(clock)
    with ThreadPoolExecutor(4) as crew:
        list(crew.map(lambda _turn: store.incr("a", 60), range(1000)))
    assert store.get("a") == 1000


def test_counting_starts_no_thread(clock: MovableClock) -> None:
    before = threading.active_count()
    RateMemory(clock).incr("a", 60)
    assert threading.active_count() == before
