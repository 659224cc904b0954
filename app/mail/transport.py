"""How mails leave; here into a Maildir, which stands for the recipients' own mailboxes."""

import mailbox
from pathlib import Path
from typing import Protocol


class Undeliverable(Exception):
    """The mail did not leave now; it may later."""


class RefusedForGood(Exception):
    """This mail will never be taken, however often it is tried: an unknown mailbox, for one."""


class MailTransport(Protocol):
    """Something that takes whole mails, each for one recipient."""

    def send(self, address: str, mail: bytes) -> None:
        """Hand the mail over; raise Undeliverable where it was not taken, RefusedForGood if it never is."""
        ...

    def close(self) -> None:
        """Let go of what is held open; the next mail connects again."""
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
        """Hold nothing: each mail is a file of its own."""
