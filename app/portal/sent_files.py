"""The file that a form has sent: kept nowhere, and in each process read by one of an office at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from app.domain.file_rules import FileFault, FileProblem, InvalidFile
from app.portal.sign_in_guard import current_accountant
from app.web.bodies import MOST_BYTES

#: What file choosers offer first.
ACCEPTED = ".csv,.txt,.xlsx"
#: So many faults of a file are told at once.
MOST_FAULTS = 100
_READING: dict[int, object] = {}


@contextmanager
def take_turn(office_id: int) -> Iterator[None]:
    """Keep others of the office waiting; raise InvalidFile where it is somebody else's turn."""
    turn = object()
    # One step, so that of two threads only one has the turn.
    if _READING.setdefault(office_id, turn) is not turn:
        raise InvalidFile(FileFault(FileProblem.BUSY))
    try:
        yield
    finally:
        del _READING[office_id]


@contextmanager
def sent_file() -> Iterator[bytes]:
    """Hand out the chosen file, or what was pasted in its place; raise InvalidFile where there is none."""
    with take_turn(current_accountant().office_id):
        file = request.files.get("file")
        raw = (file.read() if file else b"") or request.form.get("pasted", "").encode()
        if not raw.strip():
            raise InvalidFile(FileFault(FileProblem.NOTHING_SENT))
        if len(raw) > MOST_BYTES:
            raise InvalidFile(FileFault(FileProblem.TOO_LARGE))
        yield raw
