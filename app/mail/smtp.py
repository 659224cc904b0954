"""Mails over SMTP: one connection for the mails of a batch, and one deadline for each whole mail."""

import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from smtplib import SMTPResponseException, SMTPServerDisconnected

import structlog

from app.deadlines import ConnectionDeadline
from app.mail.relay import SmtpRefused, SmtpRelay, SmtpSession, SmtpStep
from app.mail.transport import DeliveryFailed, DeliveryRefused

Fault = type[DeliveryFailed] | type[DeliveryRefused]

#: What the relay answers here is about the mail; before, it is about us.
_ABOUT_THE_MAIL = frozenset({SmtpStep.RECIPIENT, SmtpStep.CONTENT})
#: Credentials are wanted, too weak, wrong, or not taken without TLS.
_LOGIN = frozenset({530, 534, 535, 538})
_POLICY = re.compile(rb"5\.7\.\d")

_log = structlog.get_logger()


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
            _log.warning("relay_refused", step=refused.step, code=refused.code)
            self._reset_session()
            return delivery_error(refused.step, refused.code, refused.words)
        except OSError as error:
            code = error.smtp_code if isinstance(error, SMTPResponseException) else None
            _log.warning("relay_failed", error=type(error).__name__, code=code)
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


def delivery_error(step: SmtpStep, code: int, words: bytes) -> Fault:
    """Say whether a mail that was refused is worth another try.

    For good is only a 5yz (RFC 5321, 4.2.1) about recipient or content. A login that is missing or wrong
    (RFC 4954, 6) and the codes X.7 (RFC 3463, 3.8: security or policy) are ours to mend, not the mail's.
    """
    ours = step not in _ABOUT_THE_MAIL or code in _LOGIN or _POLICY.match(words)
    return DeliveryRefused if code // 100 == 5 and not ours else DeliveryFailed
