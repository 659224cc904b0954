"""A stop is a stop: signals may come many at a time, one while another is handled, and at any moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import cycle, islice
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from app.cli.process_commands import stop_on_signal
from app.cli.web_server import REQUEST_SECONDS, STOP_SECONDS
from app.paths import ROOT
from app.server.front import BODY_SECONDS
from tests.kills.killable import PROCESSES
from tests.kills.served import LONGEST_STOP, Served, serve
from tests.support.waiting import PATIENCE, wait_until

ROUNDS, BURST = 30, 200
#: More than one web process can have at the same time, and fewer than all threads.
HALF_SENT = 64
FORCED = b"Killing"

#: Who handles a signal, how whoever waits learns of it, and what must hold then.
HANDLERS = {
    "worker and demonstration": """
from app.cli.web_server import REQUEST_SECONDS, STOP_SECONDS
from app.cli.process_commands import stop_on_signal
stop = stop_on_signal()
handler = signal.getsignal(signal.SIGTERM)
woken = lambda: stop.is_set() and stop.wait(60)
""",
    "server": """
from app.cli.web_server import WebServer
server = WebServer("app", "127.0.0.1", 1, workers=1)
handler = server.signal_handler_interrupt
woken = lambda: server.interrupt_signal and server.main_loop_interrupt.wait()
""",
    "server that reloads": """
from app.cli.web_server import WebServer
server = WebServer("app", "127.0.0.1", 1, workers=1)
handler = server.signal_handler_reload
woken = lambda: server.reload_signal and server.main_loop_interrupt.wait()
""",
}
#: A signal is handled, and the n-th call that this makes is interrupted by another one.
INTERRUPTED = """
def interrupt(frame, event, argument):
    calls.append(event)
    if len(calls) == number:
        signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, handler)
for number in range(40):
    calls = []
    sys.setprofile(interrupt)
    handler(signal.SIGTERM, None)
    sys.setprofile(None)
    assert calls and woken()
"""
#: Another thread takes the signal, so that it does not interrupt the wait of the one that handles it: as when
#: it comes in the moment before the wait.
UNNOTICED = """
signal.signal(signal.SIGTERM, handler)
Timer(0.5, lambda: signal.pthread_kill(get_ident(), signal.SIGTERM)).start()
server.main_loop_interrupt.wait()
assert server.interrupt_signal or server.reload_signal
"""

#: The parent handles a stop, and stops each process that it has just made.
NEWBORN = """
import os, signal
from app.cli.web_server import heed_parent_alone
heed_parent_alone()
swallow = lambda *_received: None
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, swallow)
for _ in range(100):
    child = os.fork()
    if not child:
        signal.pause()
        os._exit(0)
    os.kill(child, signal.SIGINT)
    os.kill(child, signal.SIGTERM)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is swallow
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
"""


def send_burst(pid: int) -> None:
    """Send SIGTERM and SIGINT in turn, as fast as this machine can."""
    for number in islice(cycle((signal.SIGTERM, signal.SIGINT)), BURST):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def be_busy(line: Connection) -> None:
    """Look at the stop and wait for it, over and over, as the worker and the demonstration do."""
    stop = stop_on_signal()
    line.send("ready")
    while not stop.is_set():
        stop.wait(0.001)


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_signal_may_interrupt_the_handling_of_another(handler: str) -> None:
    code = f"import signal, sys\n{HANDLERS[handler]}\n{INTERRUPTED}"
    ended = subprocess.run(
        (sys.executable, "-c", code), cwd=ROOT, timeout=PATIENCE, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("handler", ["server", "server that reloads"])
def test_a_signal_that_interrupts_no_wait_is_noticed_all_the_same(handler: str) -> None:
    code = f"import signal\nfrom threading import Timer, get_ident\n{HANDLERS[handler]}\n{UNNOTICED}"
    ended = subprocess.run(
        (sys.executable, "-c", code), cwd=ROOT, timeout=PATIENCE, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr


def test_a_web_process_that_has_just_been_made_ends_when_it_is_stopped() -> None:
    ended = subprocess.run(
        (sys.executable, "-c", NEWBORN), cwd=ROOT, timeout=PATIENCE, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr


def test_whoever_waits_for_a_stop_ends_whatever_comes_at_once() -> None:
    for _ in range(ROUNDS):
        here, there = PROCESSES.Pipe()
        process = PROCESSES.Process(target=be_busy, args=(there,))
        process.start()
        try:
            assert here.poll(PATIENCE)
            send_burst(process.pid or 0)
            process.join(PATIENCE)
            assert not process.is_alive()
        finally:
            process.kill()
            process.join()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serve(tmp_path) as running:
        yield running


def test_a_server_ends_whatever_comes_at_once(served: Served) -> None:
    served.comes_to(served.is_complete)
    send_burst(served.process.pid)
    served.ended()
    assert not served.listens()


def test_ctrl_c_in_a_terminal_ends_a_server_without_force(served: Served, tmp_path: Path) -> None:
    served.comes_to(served.is_complete)
    os.killpg(served.process.pid, signal.SIGINT)
    assert served.ended() == 0
    assert FORCED not in (tmp_path / "serve.log").read_bytes()


def test_a_server_that_is_stopped_while_it_starts_ends_without_force(served: Served, tmp_path: Path) -> None:
    served.comes_to(lambda: len(served.web_processes()) == 2)
    served.process.send_signal(signal.SIGTERM)
    assert served.ended() == 0
    assert FORCED not in (tmp_path / "serve.log").read_bytes()


def test_a_stop_amid_a_reload_answers_who_is_slow_and_ends_in_time(served: Served) -> None:
    served.comes_to(served.is_complete)
    with ExitStack() as clients:
        lines = [clients.enter_context(served.unfinished_request()) for _ in range(HALF_SENT)]
        left = served.web_processes()
        served.process.send_signal(signal.SIGHUP)
        served.comes_to(lambda: set(served.web_processes()) - set(left))
        served.process.send_signal(signal.SIGTERM)
        lines[0].sendall(b"%40x.example")
        assert lines.pop(0).makefile("rb").read().endswith(b"</html>")
        # The front gives up on the body before the parent gives up on its web processes.
        assert {line.makefile("rb").readline() for line in lines} == {b"HTTP/1.1 408 Request Timeout\r\n"}
        assert served.ended() == 0
        wait_until(lambda: not served.listens())
    assert BODY_SECONDS < REQUEST_SECONDS < STOP_SECONDS < LONGEST_STOP
