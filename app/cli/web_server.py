"""The web processes and their parent: granian, held to what it means here that a process dies or is stopped.

It is run by its path, so that the parent loads nothing of the product, and each web process reads it anew.
"""

import gc
import os
import signal
import sys
from _thread import start_new_thread
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from multiprocessing import active_children, parent_process
from queue import Empty, SimpleQueue
from threading import Event, Thread, main_thread
from time import sleep
from typing import Any

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

#: Seconds that the requests at work have to end once a stop was asked for: a bank alone may take ten of them.
REQUEST_SECONDS = 13
#: Seconds after which the parent waits for nobody: amid a reload, each web process has that time in turn.
STOP_SECONDS = 14
_LOOK_UP_SECONDS = 1
_STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


class WakeUps(Event):
    """What wakes the parent, also within a signal handler that interrupts another: it takes no lock."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Wake the parent."""
        self._waiting.put(None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait to be woken, and tell whether that was before the time was over.

        A signal that comes in the moment before the wait interrupts none, and its handler runs only once this
        thread looks up: so it does, every second.
        """
        while True:
            try:
                self._waiting.get(timeout=_LOOK_UP_SECONDS if timeout is None else timeout)
            except Empty:
                if timeout is not None:
                    return False
            else:
                return True

    def clear(self) -> None:
        """Keep everything: what comes amid a reload counts once it is over."""


class Replacements(dict[int, float]):
    """When each web process was last replaced.

    Granian forgets the others at each death, and would not notice several that die in turn, again and again.
    """

    def clear(self) -> None:
        """Keep everything: what is long ago counts for nothing."""


class WebServer(MPServer):
    """Web processes that are replaced when they die, unless the new one dies within seconds as well."""

    def __init__(self, target: str, host: str, port: int, workers: int) -> None:
        super().__init__(
            target,
            address=host,
            port=port,
            # Without its lifespan events, of which a WSGI application knows nothing.
            interface=Interfaces.ASGINL,
            websockets=False,
            workers=workers,
            log_level=LogLevels.warning,
            # Without handlers of its own: they would write among the lines of the requests.
            log_dictconfig={"loggers": {}},
            respawn_failed_workers=True,
            workers_kill_timeout=REQUEST_SECONDS,
        )
        self.respawned_wrks = Replacements()
        self.main_loop_interrupt = WakeUps()

    def signal_handler_interrupt(self, *_received: object) -> None:
        """Ask for the end, which comes in time even amid a reload."""
        if not self.interrupt_signal:
            # A Thread takes a lock when it is started, and a handler must not.
            start_new_thread(_end_in_time, ())
        self.interrupt_signal = True
        self.main_loop_interrupt.set()

    def _respawn_workers(
        self, workers: Iterable[int], spawn_target: Any, target_loader: Any, delay: float = 0
    ) -> None:
        # Granian lets each new one start in peace: once a stop was asked for, there is no time for that.
        for worker in workers:
            if not self.interrupt_signal:
                super()._respawn_workers([worker], spawn_target, target_loader, delay)


def load_application(target: str, threads: int, folder: str) -> Callable[..., Any]:
    """Build an application and its front; called in each web process."""
    # A terminal's Ctrl-C reaches all processes at once, and the parent alone decides what it means.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    Thread(target=_end_with_parent, daemon=True).start()
    sys.path.insert(0, folder)
    # What is loaded stays, and to look for garbage among it again and again takes a sixth of the start.
    gc.disable()
    front: Callable[..., Any] = import_module("app.server.front").Front
    module, _, name = target.partition(":")
    answering: Callable[..., Any] = front(getattr(import_module(module), name), threads)
    gc.freeze()
    gc.enable()
    return answering


def heed_parent_alone() -> None:
    """See to it that a new web process never runs its parent's handlers, which would swallow a stop."""
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, _STOP_SIGNALS),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, _STOP_SIGNALS),
        after_in_child=_end_when_stopped,
    )


def _end_when_stopped() -> None:
    # Until granian listens to it, a stop finds nothing at work.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _end_in_time() -> None:
    try:
        sleep(STOP_SECONDS)
        for process in active_children():
            process.kill()
    finally:
        os._exit(1)


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
    signal.alarm(REQUEST_SECONDS)
    # Granian waits in the main thread, which a signal to another one would not wake.
    signal.pthread_kill(main_thread().ident or 0, signal.SIGTERM)


@click.command()
@click.argument("target")
@click.option("--host", required=True)
@click.option("--port", type=int, required=True)
@click.option("--workers", type=int, required=True)
@click.option("--threads", type=int, required=True)
@click.option("--folder", required=True)
def main(target: str, host: str, port: int, workers: int, threads: int, folder: str) -> None:
    """Serve an application, as module:name, of the package that the folder holds."""
    heed_parent_alone()
    server = WebServer(target, host, port, workers)
    server.serve(target_loader=partial(load_application, target, threads, folder), wrap_loader=False)


if __name__ == "__main__":
    main()
