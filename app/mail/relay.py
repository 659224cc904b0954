"""The relay that takes our mails: how it is reached, and what it may answer while a mail is handed over."""

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Self, cast

from app.deadlines import ConnectionDeadline

_CLOSING = 421


class SmtpStep(StrEnum):
    """What the relay was told when it answered."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


class SmtpRefused(Exception):
    """The relay said no; its words are read for their code and go no further."""

    def __init__(self, step: SmtpStep, code: int, words: bytes) -> None:
        super().__init__(step)
        self.step, self.code, self.words = step, code, words


@dataclass(frozen=True)
class SmtpRelay:
    """Where the relay is, how we show who we are, and how long it may take over one mail."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    seconds: float
    user: str = ""
    password: str = field(default="", repr=False)


class SmtpSession(smtplib.SMTP):
    """One connection to the relay, which a watch can end from the first byte of a handshake on.

    Its faults are OSErrors, as smtplib's own are; SMTPServerDisconnected says that the relay has gone.
    """

    def __init__(self, relay: SmtpRelay, name: str, trust: ssl.SSLContext, watch: ConnectionDeadline) -> None:
        self._trust, self._encrypted, self._watch = trust, relay.security == "tls", watch
        super().__init__(relay.host, relay.port, local_hostname=name, timeout=relay.seconds)
        try:
            if relay.security == "starttls":
                self.starttls(context=trust)
            if relay.user:
                self.login(relay.user, relay.password)
            self.ehlo_or_helo_if_needed()
        except OSError:
            self.close()
            raise

    def connect(self, host: str = "", port: int = 0, source_address: object = None) -> tuple[int, bytes]:
        """Connect, under TLS where that comes first, and read the greeting."""
        connected = socket.create_connection((host, port), self.timeout)
        try:
            self._watch.watch_socket(connected)
            # From here on the watch alone bounds the waiting.
            connected.settimeout(None)
            self.sock = connected
            if self._encrypted:
                self.sock = self._trust.wrap_socket(connected, server_hostname=host)
            return self.getreply()
        except OSError:
            connected.close()
            self.close()
            raise

    def use_deadline(self, watch: ConnectionDeadline) -> Self:
        """Let the watch of the next mail look after the same connection."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected
        watch.watch_socket(self.sock)
        return self

    def send_envelope(self, sender: str, recipient: str) -> None:
        """Name sender and recipient; raise SmtpRefused where the relay wants one of them not."""
        options = ["BODY=8BITMIME"] if self.has_extn("8bitmime") else []
        _require_success(SmtpStep.SENDER, self.mail(sender, options))
        _require_success(SmtpStep.RECIPIENT, self.rcpt(recipient))

    def send_content(self, mail: bytes) -> None:
        """Give the mail itself; what breaks in here, Refused apart, leaves open whether it was taken."""
        try:
            reply = self.data(mail)
        except smtplib.SMTPDataError as error:
            reply = error.smtp_code, cast("bytes", error.smtp_error)
        _require_success(SmtpStep.CONTENT, reply)


def _require_success(step: SmtpStep, reply: tuple[int, bytes]) -> None:
    code, words = reply
    if code == _CLOSING:
        raise smtplib.SMTPServerDisconnected
    if code not in (250, 251):
        raise SmtpRefused(step, code, words)
