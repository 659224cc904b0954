"""One deadline for a whole conversation: a client's own timeouts do not bound a server that drips."""

import socket
from threading import Event, Timer
from typing import Self

#: Marks a request, in its WSGI environment, of whose body only a part came before its deadline.
BODY_CUT_OFF = "caro.body_cut_off"


class ConnectionDeadline:
    """Hang up at the deadline, wherever the conversation then stands.

    It holds a handle of its own on the connection, past the TLS layer, whose state the talking thread
    is using: the conversation may wrap its socket, replace it or let go of it in the meantime.
    """

    def __init__(self, seconds: float) -> None:
        self._handle: socket.socket | None = None
        self._late = Event()
        self._timer = Timer(seconds, self.hang_up)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._disarm_timer()

    @property
    def is_late(self) -> bool:
        """Whether the deadline has passed."""
        return self._late.is_set()

    def watch_socket(self, connected: socket.socket) -> None:
        """Watch this connection from now on; connecting to many addresses may have used up the time."""
        self._disarm_timer()
        self._handle = socket.fromfd(connected.fileno(), connected.family, connected.type)
        self.raise_if_late()

    def raise_if_late(self) -> None:
        """Raise TimeoutError after the deadline: an answer cut by hanging up may look whole."""
        if self.is_late:
            raise TimeoutError

    def hang_up(self) -> None:
        """End the conversation, as the deadline does."""
        self._late.set()
        if self._handle is not None:
            try:
                self._handle.shutdown(socket.SHUT_RDWR)
            except OSError:  # it closed by itself in the meantime
                return

    def _disarm_timer(self) -> None:
        if self._handle is not None:
            self._handle.close()
