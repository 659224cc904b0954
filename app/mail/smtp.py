"""Mails over SMTP: one connection for the mails of a batch, one deadline for each whole mail."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum, auto
from smtplib import SMTPResponseException, SMTPServerDisconnected
from typing import Literal, Self, cast

from app.deadlines import ConnectionDeadline
from app.logs import log
from app.mail.transports import DeliveryFailed, DeliveryRefused

_CLOSING = 421


class SmtpStep(StrEnum):
    """What the relay was told when it answered."""

    SENDER = auto()
    RECIPIENT = auto()
    CONTENT = auto()


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
        _require_success(SmtpStep.SENDER, self.mail(sender))
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


Fault = type[DeliveryFailed] | type[DeliveryRefused]

#: What the relay answers here is about the mail; before, it is about us.
_ABOUT_THE_MAIL = frozenset({SmtpStep.RECIPIENT, SmtpStep.CONTENT})
#: Credentials are wanted, too weak, wrong, or not taken without TLS.
_LOGIN = frozenset({530, 534, 535, 538})
_POLICY = re.compile(rb"5\.7\.\d")


class SmtpTransport:
    """Hand mails to a relay, one after the other; a batch ends with close."""

    def __init__(
        self,
        relay: SmtpRelay,
        sender: str,
        trust: ssl.SSLContext | None = None,
        watch: Callable[[float], ConnectionDeadline] = ConnectionDeadline,
    ) -> None:
        self._relay = relay
        self._sender = sender
        self._trust = trust or ssl.create_default_context()
        self._watch = watch
        self._session: SmtpSession | None = None

    def send_mail(self, address: str, mail: bytes) -> None:
        """Hand the mail over; raise DeliveryFailed where it was not taken, DeliveryRefused if it never is."""
        with self._watch(self._relay.seconds) as watch:
            fault = self._try_send(watch, address, mail)
        # Raised out here, where no exception that quotes the relay or the recipient stands behind it.
        if fault is not None:
            raise fault

    def close_connection(self) -> None:
        """Take leave of the relay; no mail is in hand, so that nothing can go wrong any more."""
        if self._session is not None:
            with suppress(OSError), self._watch(self._relay.seconds) as watch:
                self._session.use_deadline(watch).quit()
            self._drop_session()

    def _try_send(self, watch: ConnectionDeadline, address: str, mail: bytes) -> Fault | None:
        if not (address.isascii() and address.isprintable()):  # no command can carry it
            return DeliveryRefused
        try:
            self._open_session(watch, address).send_content(mail)
        except SmtpRefused as refused:
            log.warning("relay_refused", step=refused.step, code=refused.code)
            self._reset_session()
            return delivery_error(refused.step, refused.code, refused.words)
        except OSError as error:
            code = error.smtp_code if isinstance(error, SMTPResponseException) else None
            log.warning("relay_failed", error=type(error).__name__, code=code)
            self._drop_session()
            return DeliveryFailed
        return None

    def _open_session(self, watch: ConnectionDeadline, address: str) -> SmtpSession:
        """Return a session that took sender and recipient: the kept one, or a new one where that has gone."""
        if self._session is not None:
            try:
                self._session.use_deadline(watch).send_envelope(self._sender, address)
            except SMTPServerDisconnected:
                self._drop_session()
                watch.raise_if_late()
            else:
                return self._session
        # Our domain names us: the machine's own name may say nothing, or take long to find out.
        name = self._sender.rpartition("@")[2]
        self._session = SmtpSession(self._relay, name, self._trust, watch)
        self._session.send_envelope(self._sender, address)
        return self._session

    def _reset_session(self) -> None:
        """Forget the refused mail, so that it does not spoil the next one."""
        with suppress(OSError):
            if self._session is not None and self._session.rset()[0] == 250:
                return
        self._drop_session()

    def _drop_session(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def try_relay(relay: SmtpRelay, sender: str) -> None:
    """Connect, show who we are and leave, without a mail; raise OSError with what went wrong."""
    with ConnectionDeadline(relay.seconds) as watch:
        session = SmtpSession(relay, sender.rpartition("@")[2], ssl.create_default_context(), watch)
        session.quit()


def delivery_error(step: SmtpStep, code: int, words: bytes) -> Fault:
    """Say whether a mail that was refused is worth another try.

    For good is only a 5yz (RFC 5321, 4.2.1) about recipient or content. A login that is missing or wrong
    (RFC 4954, 6) and the codes X.7 (RFC 3463, 3.8: security or policy) are ours to mend, not the mail's.
    """
    ours = step not in _ABOUT_THE_MAIL or code in _LOGIN or _POLICY.match(words)
    return DeliveryRefused if code // 100 == 5 and not ours else DeliveryFailed
