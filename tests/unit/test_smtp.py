"""Mails reach a relay once and whole, and what goes wrong on the way is held against the right side."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
import trustme

from app import build_services
from app.deadlines import ConnectionDeadline
from app.mail.smtp import Fault, SmtpRelay, SmtpStep, SmtpTransport, delivery_error
from app.mail.transports import DeliveryFailed, DeliveryRefused
from app.settings import Settings
from tests.support.event_lines import capture_logs
from tests.support.smtp_server import (
    ACCEPTS,
    DELAYS,
    DENIES_RELAY,
    DRIPS,
    HANGS,
    HANGS_UP_AFTER_DATA,
    REFUSES_FOR_GOOD,
    REFUSES_FOR_NOW,
    ReceivedMail,
    SmtpBehaviour,
    SmtpFault,
    SmtpServer,
    smtp_server,
)
from tests.support.waiting import PATIENCE

HOLDER = "marie.dupont@example.test"
SENDER = "caro@example.test"
PASSWORD = "correct-horse-battery"
MAIL = b"Subject: CARO\r\nMessage-ID: <1@example.test>\r\n\r\n.A line\r\n..\r\nDonn\xc3\xa9es\r\n"
Security = Literal["starttls", "tls", "none"]

#: Seconds: to run out where there is nothing else to wait for, and never to run out.
SHORT, LONG = 0.3, PATIENCE


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    """What a client of ours trusts: the test's own authority as well."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    return certified(authority, "127.0.0.1")


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


@contextmanager
def transport_to(
    server: SmtpServer,
    security: Security = "none",
    *,
    seconds: float = LONG,
    login: tuple[str, str] = ("", ""),
    trust: ssl.SSLContext | None = None,
    watch: Callable[[float], ConnectionDeadline] = ConnectionDeadline,
) -> Iterator[SmtpTransport]:
    relay = SmtpRelay("127.0.0.1", server.port, security, seconds, *login)
    transport = SmtpTransport(relay, SENDER, trust, watch)
    try:
        yield transport
    finally:
        transport.close_connection()


def fault_of(transport: SmtpTransport) -> Fault | None:
    """Send one mail and return how that failed."""
    try:
        transport.send_mail(HOLDER, MAIL)
    except (DeliveryFailed, DeliveryRefused) as fault:
        return type(fault)
    return None


@pytest.mark.parametrize("behaviour", [ACCEPTS, SmtpBehaviour(recipient="251 forwarded")])
def test_mail_arrives_as_it_was_written(behaviour: SmtpBehaviour) -> None:
    with smtp_server(behaviour) as server, transport_to(server) as transport:
        transport.send_mail(HOLDER, MAIL)
        assert server.received == [ReceivedMail(SENDER, (HOLDER,), MAIL)]


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_our_domain_is_how_we_call_ourselves(
    security: Security, certificate: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    with (
        smtp_server(ACCEPTS, security=security, certificate=certificate) as server,
        transport_to(server, security, trust=trust) as transport,
    ):
        transport.send_mail(HOLDER, MAIL)
        assert server.callers == ["example.test"]


def test_slow_relay_is_waited_for() -> None:
    with smtp_server(DELAYS) as server, transport_to(server) as transport:
        transport.send_mail(HOLDER, MAIL)
        assert len(server.received) == 1


def test_settings_choose_the_relay(settings: Settings) -> None:
    with smtp_server(ACCEPTS) as server:
        chosen = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
        services = build_services(settings.model_copy(update={**chosen, "mail_sender": f"CARO <{SENDER}>"}))
        services.outbox.transport.send_mail(HOLDER, MAIL)
        services.outbox.transport.close_connection()
        services.database.close_connections()
        assert [mail.sender for mail in server.received] == [SENDER]


ANSWERS = {
    "unknown mailbox": (REFUSES_FOR_GOOD, DeliveryRefused),
    "mailbox refused without a code": (SmtpBehaviour(recipient="553 no"), DeliveryRefused),
    "content refused": (SmtpBehaviour(content="550 5.6.0 malformed"), DeliveryRefused),
    "recipient later": (REFUSES_FOR_NOW, DeliveryFailed),
    "content later": (SmtpBehaviour(content="452 4.3.1 disk full"), DeliveryFailed),
    "policy is for another try": (SmtpBehaviour(content="451 4.7.1 greylisted"), DeliveryFailed),
    "relay denied": (DENIES_RELAY, DeliveryFailed),
    "content against a policy": (SmtpBehaviour(content="550 5.7.26 not aligned"), DeliveryFailed),
    "sender refused": (SmtpBehaviour(sender="550 5.1.8 bad sender"), DeliveryFailed),
    "sender wants a login": (SmtpBehaviour(sender="530 5.5.1 sign in first"), DeliveryFailed),
    "recipient wants a login": (SmtpBehaviour(recipient="530 sign in first"), DeliveryFailed),
    "login too weak": (SmtpBehaviour(recipient="534 stronger, please"), DeliveryFailed),
    "login forgotten": (SmtpBehaviour(recipient="535 credentials"), DeliveryFailed),
    "login wants TLS": (SmtpBehaviour(recipient="538 encrypt first"), DeliveryFailed),
    "closing at the sender": (SmtpBehaviour(sender="421 busy"), DeliveryFailed),
    "closing at the recipient": (SmtpBehaviour(recipient="421 busy"), DeliveryFailed),
    "closing after the content": (SmtpBehaviour(content="421 busy"), DeliveryFailed),
    "gone at the recipient": (SmtpBehaviour(recipient=SmtpFault.HANGS_UP), DeliveryFailed),
    "gone after the content": (HANGS_UP_AFTER_DATA, DeliveryFailed),
    "nonsense": (SmtpBehaviour(recipient="yes of course"), DeliveryFailed),
}


@pytest.mark.parametrize(("behaviour", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_refused_mail_does_not_spoil_the_next(behaviour: SmtpBehaviour, expected: Fault) -> None:
    with smtp_server(behaviour, ACCEPTS) as server, transport_to(server) as transport:
        assert fault_of(transport) is expected
        server.received.clear()
        transport.send_mail(HOLDER, MAIL)
        assert server.received == [ReceivedMail(SENDER, (HOLDER,), MAIL)]


@pytest.mark.parametrize("behaviour", [REFUSES_FOR_GOOD, REFUSES_FOR_NOW, DENIES_RELAY])
def test_refusal_costs_no_new_connection(behaviour: SmtpBehaviour) -> None:
    with smtp_server(behaviour, ACCEPTS) as server, transport_to(server) as transport:
        with capture_logs() as lines:
            assert fault_of(transport) is not None
        assert fault_of(transport) is None
        assert server.connections == 1
    assert [(line["event"], line["step"]) for line in lines] == [("relay_refused", SmtpStep.RECIPIENT)]
    assert str(behaviour.recipient).startswith(str(lines[0]["code"]))


def test_every_answer_has_a_verdict() -> None:
    for_good = {
        (step, code)
        for step in SmtpStep
        for code in range(-1, 600)
        if delivery_error(step, code, b"5.1.1 no such mailbox") is DeliveryRefused
    }
    about_the_mail = set(range(500, 600)) - {530, 534, 535, 538}
    assert for_good == {(s, code) for s in (SmtpStep.RECIPIENT, SmtpStep.CONTENT) for code in about_the_mail}
    assert {delivery_error(step, code, b"5.7.1 denied") for step in SmtpStep for code in range(600)} == {
        DeliveryFailed
    }


def test_batch_of_a_thousand_mails_takes_one_connection() -> None:
    with smtp_server(ACCEPTS) as server, transport_to(server) as transport:
        for number in range(1000):
            transport.send_mail(f"holder{number}@example.test", MAIL)
        assert (len(server.received), server.connections) == (1000, 1)


def test_relay_may_limit_the_mails_of_a_connection() -> None:
    with smtp_server(ACCEPTS, mails_per_connection=10) as server, transport_to(server) as transport:
        for number in range(100):
            transport.send_mail(f"holder{number}@example.test", MAIL)
        assert [mail.recipients for mail in server.received] == [
            (f"holder{number}@example.test",) for number in range(100)
        ]
        assert server.connections == 10


@pytest.mark.parametrize(
    "gone",
    [
        SmtpBehaviour(sender=SmtpFault.HANGS_UP),
        SmtpBehaviour(sender="421 idle for too long"),
        SmtpBehaviour(recipient=SmtpFault.HANGS_UP),
        SmtpBehaviour(recipient="421 enough"),
    ],
)
def test_kept_connection_that_is_gone_is_replaced_at_once(gone: SmtpBehaviour) -> None:
    with smtp_server(ACCEPTS, gone, ACCEPTS) as server, transport_to(server) as transport:
        transport.send_mail(HOLDER, MAIL)
        transport.send_mail(HOLDER, MAIL)
        assert (len(server.received), server.connections) == (2, 2)


def test_new_connection_that_is_gone_is_not_tried_again_at_once() -> None:
    with (
        smtp_server(ACCEPTS, SmtpBehaviour(sender=SmtpFault.HANGS_UP)) as server,
        transport_to(server) as transport,
    ):
        transport.send_mail(HOLDER, MAIL)
        assert fault_of(transport) is DeliveryFailed
        assert (server.begun, server.connections) == (3, 2)


def test_mail_that_may_have_been_taken_is_not_repeated_at_once() -> None:
    script = (ACCEPTS, HANGS_UP_AFTER_DATA, ACCEPTS)
    with smtp_server(*script) as server, transport_to(server) as transport:
        transport.send_mail(HOLDER, MAIL)
        assert fault_of(transport) is DeliveryFailed
        assert (len(server.received), server.connections) == (2, 1)


def test_end_of_a_batch_lets_go_of_the_connection() -> None:
    with smtp_server(ACCEPTS) as server, transport_to(server) as transport:
        transport.send_mail(HOLDER, MAIL)
        transport.close_connection()
        transport.close_connection()
        transport.send_mail(HOLDER, MAIL)
        assert (len(server.received), server.connections, server.farewells) == (2, 2, 1)


def test_relay_that_left_first_does_not_disturb_the_end_of_a_batch() -> None:
    with transport_to(SmtpServer(())) as silent:
        silent.close_connection()
    with smtp_server(ACCEPTS) as server:
        transport = SmtpTransport(SmtpRelay("127.0.0.1", server.port, "none", LONG), SENDER)
        transport.send_mail(HOLDER, MAIL)
    transport.close_connection()
    assert fault_of(transport) is DeliveryFailed


STUCK = {
    f"{odd.name.lower()} at the {place}": {place: odd}
    for odd in (SmtpFault.HANGS, SmtpFault.DRIPS)
    for place in ("sender", "recipient", "content")
}


@pytest.mark.parametrize("places", STUCK.values(), ids=STUCK)
def test_one_deadline_holds_for_the_whole_mail(places: dict[str, Any]) -> None:
    script = (ACCEPTS, SmtpBehaviour(**places), ACCEPTS)
    with smtp_server(*script) as server, transport_to(server, watch=server.deadlines.watch) as transport:
        assert fault_of(transport) is None
        assert fault_of(transport) is DeliveryFailed
        # The kept connection was stuck, not gone: the deadline leaves no time for another.
        assert (server.begun, server.connections) == (2, 1)
        assert fault_of(transport) is None
        assert server.deadlines.seconds == [LONG] * 3


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize("odd", list(SmtpFault))
def test_deadline_holds_before_the_first_word(security: Security, odd: SmtpFault) -> None:
    with smtp_server(ACCEPTS, greeting=odd) as server:
        with transport_to(server, security, seconds=SHORT) as transport:
            assert fault_of(transport) is DeliveryFailed
        assert server.received == []


def test_deadline_holds_where_nobody_answers_the_call() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        relay = SmtpRelay("127.0.0.1", nobody.getsockname()[1], "none", SHORT)
        assert fault_of(SmtpTransport(relay, SENDER)) is DeliveryFailed


@pytest.mark.parametrize("odd", list(SmtpFault))
def test_odd_farewell_does_not_undo_a_batch(odd: SmtpFault) -> None:
    with (
        smtp_server(ACCEPTS, farewell=odd) as server,
        transport_to(server, watch=server.deadlines.watch) as transport,
    ):
        transport.send_mail(HOLDER, MAIL)
        transport.close_connection()
        transport.send_mail(HOLDER, MAIL)
        assert (len(server.received), server.connections) == (2, 2)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_travels_encrypted(
    security: Security, certificate: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    login = ("caro", PASSWORD)
    with smtp_server(ACCEPTS, security=security, certificate=certificate, login=login) as server:
        with transport_to(server, security, login=login, trust=trust) as transport:
            transport.send_mail(HOLDER, MAIL)
            transport.send_mail(HOLDER, MAIL)
        assert (len(server.received), server.logins, server.connections) == (2, ["caro"], 1)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_unknown_authority_gets_nothing(security: Security, certificate: ssl.SSLContext) -> None:
    login = ("caro", PASSWORD)
    with smtp_server(ACCEPTS, security=security, certificate=certificate, login=login) as server:
        with transport_to(server, security, login=login) as transport:
            assert fault_of(transport) is DeliveryFailed
        assert (server.received, server.logins) == ([], [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_certificate_of_another_host_gets_nothing(
    security: Security, authority: trustme.CA, trust: ssl.SSLContext
) -> None:
    other, login = certified(authority, "elsewhere.example.test"), ("caro", PASSWORD)
    with smtp_server(ACCEPTS, security=security, certificate=other, login=login) as server:
        with transport_to(server, security, login=login, trust=trust) as transport:
            assert fault_of(transport) is DeliveryFailed
        assert (server.received, server.logins) == ([], [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_relay_without_tls_gets_nothing(security: Security) -> None:
    login = ("caro", PASSWORD)
    with smtp_server(ACCEPTS, login=login) as server:
        with transport_to(server, security, login=login, seconds=SHORT) as transport:
            assert fault_of(transport) is DeliveryFailed
        assert (server.received, server.logins) == ([], [])


def test_wrong_password_is_not_held_against_the_mail() -> None:
    with smtp_server(ACCEPTS, login=("caro", PASSWORD)) as server:
        with transport_to(server, login=("caro", "another")) as transport:
            assert fault_of(transport) is DeliveryFailed
        assert server.received == []
        assert set(server.logins) == {"caro"}


def test_relay_that_is_down_is_asked_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    assert fault_of(SmtpTransport(SmtpRelay("127.0.0.1", port, "none", LONG), SENDER)) is DeliveryFailed


@pytest.mark.parametrize("address", ["hélène@example.test", "marie@exämple.test", f"{HOLDER}\r\nRSET"])
def test_address_that_no_relay_takes_is_refused_for_good(address: str) -> None:
    with smtp_server(ACCEPTS) as server, transport_to(server) as transport:
        with pytest.raises(DeliveryRefused):
            transport.send_mail(address, MAIL)
        assert (server.connections, server.received) == (0, [])


TELLING = f"550 5.1.1 <{HOLDER}> is unknown, {PASSWORD}"


@pytest.mark.parametrize(
    "behaviour",
    [
        SmtpBehaviour(sender=TELLING),
        SmtpBehaviour(recipient=TELLING),
        SmtpBehaviour(content=TELLING),
        SmtpBehaviour(recipient=f"421 {HOLDER} {PASSWORD}"),
        HANGS_UP_AFTER_DATA,
        HANGS,
        DRIPS,
    ],
)
def test_faults_and_logs_name_neither_recipient_nor_password(behaviour: SmtpBehaviour) -> None:
    login = ("caro", PASSWORD)
    with (
        smtp_server(behaviour, login=login) as server,
        capture_logs() as lines,
        transport_to(server, login=login, watch=server.deadlines.watch) as transport,
        pytest.raises((DeliveryFailed, DeliveryRefused)) as raised,
    ):
        transport.send_mail(HOLDER, MAIL)
    fault = raised.value
    assert (fault.args, fault.__cause__, fault.__context__) == ((), None, None)
    assert len(lines) == 1
    assert not any(secret in repr(lines) for secret in (HOLDER, PASSWORD, "marie"))


def test_refused_login_leaves_no_password_behind() -> None:
    with (
        smtp_server(ACCEPTS, login=("caro", PASSWORD)) as server,
        capture_logs() as lines,
        transport_to(server, login=("caro", f"{PASSWORD}-old")) as transport,
        pytest.raises(DeliveryFailed) as raised,
    ):
        transport.send_mail(HOLDER, MAIL)
    fault = raised.value
    assert (fault.args, fault.__cause__, fault.__context__) == ((), None, None)
    assert [(line["event"], line["code"]) for line in lines] == [("relay_failed", 535)]
    assert PASSWORD not in repr(lines)


def test_relay_is_described_without_its_password() -> None:
    assert PASSWORD not in repr(SmtpRelay("relay.example.test", 587, "starttls", LONG, "caro", PASSWORD))
