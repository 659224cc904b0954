"""How mails leave; here into a Maildir, which stands for the recipients' own mailboxes."""

import mailbox
from pathlib import Path
from typing import Protocol

from app.logs import log


class DeliveryFailed(Exception):
    """The mail did not leave now; it may later."""


class DeliveryRefused(Exception):
    """This mail will never be taken, however often it is tried: an unknown mailbox, for one."""


class MailTransport(Protocol):
    """Something that takes whole mails, each for one recipient."""

    def send_mail(self, address: str, mail: bytes) -> None:
        """Hand the mail over; raise DeliveryFailed where it was not taken, DeliveryRefused if it never is."""
        ...

    def close_connection(self) -> None:
        """Let go of what is held open; the next mail connects again."""
        ...


class MaildirTransport:
    """Write each mail as one file that any mail program reads; its name holds no address."""

    def __init__(self, folder: Path) -> None:
        # Of a folder that is there already, the library makes none of these.
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._box = mailbox.Maildir(folder)

    def send_mail(self, address: str, mail: bytes) -> None:
        """Drop the mail into the box; raise DeliveryFailed where the disk refuses it."""
        try:
            self._box.add(mail)
        except OSError as error:
            log.warning("mailbox_failed", cause=error.strerror)
            raise DeliveryFailed from None

    def close_connection(self) -> None:
        """Hold nothing: each mail is a file of its own."""
