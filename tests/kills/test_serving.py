"""The server as an operator runs it: a web process may die, and a stop is a stop whatever clients do."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.kills.served import Served, is_alive, serve
from tests.support.waiting import wait_until


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serve(tmp_path, settings={"CARO_LINK_RATE": "5 per minute"}) as running:
        running.comes_to(running.is_complete)
        yield running


def has_replaced(served: Served, killed: psutil.Process) -> bool:
    return len(set(served.web_processes()) - {killed}) == 2


def test_a_web_process_that_is_killed_is_replaced_and_all_count_rates_together(served: Served) -> None:
    before = [served.visit("/a/guess") for _ in range(4)]
    killed, other = served.web_processes()
    killed.kill()
    served.comes_to(lambda: has_replaced(served, killed))
    assert other in served.web_processes()
    served.comes_to(served.answers)
    assert before + [served.visit("/a/guess") for _ in range(4)] == [404] * 5 + [429] * 3


def test_web_processes_that_die_in_turn_again_and_again_end_the_server(served: Served) -> None:
    def ended_or_replaced() -> bool:
        return served.process.poll() is not None or has_replaced(served, killed)

    for _ in range(50):
        killed = served.web_processes()[0]
        killed.kill()
        wait_until(ended_or_replaced)
        if served.process.poll() is not None:
            break
    assert served.ended() == 1


def test_web_processes_end_with_their_parent(served: Served) -> None:
    left = served.web_processes()
    served.process.kill()
    wait_until(lambda: not any(map(is_alive, left)))
    assert not served.listens()


def test_a_request_at_work_is_finished_when_the_server_is_stopped(served: Served) -> None:
    with served.unfinished_request() as line:
        served.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not served.listens())
        line.sendall(b"%40x.example")
        assert line.makefile("rb").read().endswith(b"</html>")
    assert served.ended() == 0
