"""Who does not answer is soon left alone, tried again by itself, and never holds every thread."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from app.bank.gateway import BankFault
from app.bank.http import HttpEndpoint, is_silence
from app.circuit_breaker import CircuitBreaker, CircuitOpen
from app.domain.bank_results import BankFaultKind
from app.metrics import BREAKER_OPEN
from tests.support.doubles import MovableStopwatch
from tests.support.event_lines import capture_logs
from tests.support.waiting import PATIENCE
from tests.unit.test_bank_http import says, serving


@pytest.fixture
def watch() -> MovableStopwatch:
    return MovableStopwatch()


@pytest.fixture
def breaker(watch: MovableStopwatch) -> CircuitBreaker:
    return CircuitBreaker("bank", watch, is_silence, calls=8)


def silences(breaker: CircuitBreaker, times: int, fault: Exception | None = None) -> None:
    for _ in range(times):
        with suppress(OSError, ValueError, CircuitOpen), breaker.call():
            raise fault or TimeoutError


def lets_through(breaker: CircuitBreaker) -> bool:
    try:
        with breaker.call():
            return True
    except CircuitOpen:
        return False


def test_five_silences_in_a_row_and_no_fewer_open_it(breaker: CircuitBreaker) -> None:
    silences(breaker, 4)
    assert lets_through(breaker)
    silences(breaker, 4)
    assert lets_through(breaker)
    silences(breaker, 5, ConnectionRefusedError())
    assert breaker.is_open
    assert not lets_through(breaker)


def test_the_gauge_tells_whether_it_is_open(breaker: CircuitBreaker, watch: MovableStopwatch) -> None:
    def gauge() -> float:
        (metric,) = BREAKER_OPEN.collect()
        return next(one.value for one in metric.samples if one.labels == {"neighbour": "bank"})

    assert gauge() == 0
    silences(breaker, 5)
    assert gauge() == 1
    watch.seconds += 10
    assert lets_through(breaker)
    assert gauge() == 0


def test_what_is_answered_badly_opens_nothing(breaker: CircuitBreaker) -> None:
    silences(breaker, 9, ValueError())

    assert not breaker.is_open


def test_it_is_tried_again_every_ten_seconds_by_one_call(
    breaker: CircuitBreaker, watch: MovableStopwatch
) -> None:
    silences(breaker, 5)
    watch.seconds = 9.9
    assert not lets_through(breaker)
    watch.seconds = 10
    with suppress(TimeoutError), breaker.call():
        watch.seconds = 30
        assert not lets_through(breaker)
        raise TimeoutError
    assert not lets_through(breaker)
    watch.seconds = 40
    assert lets_through(breaker)
    assert lets_through(breaker)


def test_the_operator_is_told_once_of_each_change(breaker: CircuitBreaker, watch: MovableStopwatch) -> None:
    with capture_logs() as lines:
        silences(breaker, 12)
        watch.seconds = 10
        assert lets_through(breaker)
        assert lets_through(breaker)
    assert [line["event"] for line in lines] == ["bank_breaker_opened", "bank_breaker_closed"]


def test_at_most_eight_are_at_work_and_the_ninth_is_told_at_once(breaker: CircuitBreaker) -> None:
    with ExitStack() as eight:
        for _ in range(8):
            eight.enter_context(breaker.call())
        assert not lets_through(breaker)
        assert not breaker.is_open
    assert lets_through(breaker)


def test_where_patience_is_wanted_the_ninth_waits_for_the_first(watch: MovableStopwatch) -> None:
    breaker = CircuitBreaker("database", watch, is_silence, calls=1, patience=PATIENCE)
    with ThreadPoolExecutor(1) as other, breaker.call():
        waiting = other.submit(lets_through, breaker)
    assert waiting.result()


def fault_at(endpoint: HttpEndpoint) -> BankFaultKind:
    with pytest.raises(BankFault) as broken:
        endpoint.send_request("GET", "/", {})
    return broken.value.fault


def test_a_bank_whose_port_is_closed_is_soon_not_asked_any_more(breaker: CircuitBreaker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    endpoint = HttpEndpoint(f"http://127.0.0.1:{port}", PATIENCE, PATIENCE, breaker=breaker)

    faults = [fault_at(endpoint) for _ in range(7)]
    assert faults == [*[BankFaultKind.UNREACHABLE] * 5, *[BankFaultKind.NOT_ASKED] * 2]


def test_a_bank_that_hangs_up_on_one_card_is_asked_about_the_next(breaker: CircuitBreaker) -> None:
    with serving(says(b"")) as server:
        endpoint = HttpEndpoint(f"http://127.0.0.1:{server.port}", PATIENCE, PATIENCE, breaker=breaker)
        assert {fault_at(endpoint) for _ in range(7)} == {BankFaultKind.UNREACHABLE}
