"""How mails leave: into a Maildir, which stands for the recipients' own mailboxes."""

import mailbox
from pathlib import Path
from typing import Protocol


class Undeliverable(Exception):
    """The mail did not leave now; it may later."""


class RefusedForGood(Exception):
    """The mail will never be taken."""


class MailTransport(Protocol):
    """Something that takes a whole mail for one recipient."""

    def send(self, address: str, mail: bytes) -> None:
        """Hand the mail over; raise Undeliverable or RefusedForGood where it was not taken."""
        ...

    def close(self) -> None:
        """Let go of what is held open; the next send opens it again."""
        ...


class MaildirTransport:
    """Write each mail as one file that any mail program reads; its name holds no address."""

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._box = mailbox.Maildir(folder, create=True)

    def send(self, address: str, mail: bytes) -> None:
        """Drop the mail into the box; raise Undeliverable where the disk refuses it."""
        try:
            self._box.add(mail)
        except OSError:
            raise Undeliverable from None

    def close(self) -> None:
        """Hold nothing open."""
