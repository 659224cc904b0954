"""The worker as an operator runs it: asked to stop, it finishes the mail in hand and takes no other."""

import signal
import subprocess
import sys

import pytest

from app.clock import system_clock
from app.models import OutboxMessage
from app.paths import ROOT
from tests.conftest import SECRET
from tests.kills.scenario_steps import ScenarioSteps
from tests.support.office import order_for
from tests.support.smtp_server import WAITS, SmtpServer, smtp_server
from tests.support.waiting import PATIENCE, wait_until

MAILS = 3
LEASED = OutboxMessage.leased_until.is_not(None)
SENT = OutboxMessage.sent_at.is_not(None)


@pytest.fixture
def waiting(story: ScenarioSteps) -> ScenarioSteps:
    """Mails that wait for a worker, which reads the machine's own clock."""
    story.clock.now = system_clock()
    for number in range(MAILS):
        story.services.orders.place_order(order_for(client_reference=f"600000000{number}"))
    story.stop()
    return story


def start_worker(story: ScenarioSteps, server: SmtpServer) -> subprocess.Popen[bytes]:
    environment = {
        "CARO_SECRET_KEYS": SECRET,
        "CARO_BANK_API_KEY": SECRET,
        "CARO_DATABASE_URL": story.url,
        "CARO_SMTP_HOST": "127.0.0.1",
        "CARO_SMTP_PORT": str(server.port),
        "CARO_SMTP_SECURITY": "none",
        # A demonstration that has run here may say otherwise in its file.
        "CARO_SIMULATION": "false",
        "CARO_PRODUCTION": "false",
    }
    with (story.folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            (sys.executable, "-m", "app.cli", "worker"), cwd=ROOT, env=environment, stderr=log
        )


def test_r19_a_worker_that_is_stopped_finishes_the_mail_in_hand_and_takes_no_other(
    waiting: ScenarioSteps,
) -> None:
    with smtp_server(WAITS) as server, start_worker(waiting, server) as worker:
        wait_until(lambda: server.received)
        worker.send_signal(signal.SIGTERM)
        server.lets_go = True
        assert worker.wait(PATIENCE) == 0

    assert len(server.received) == 1
    assert waiting.count(OutboxMessage, SENT) == 1
    assert waiting.count(OutboxMessage, LEASED) == 0


def test_r20_a_worker_killed_with_a_mail_in_hand_keeps_back_that_mail_alone(waiting: ScenarioSteps) -> None:
    with smtp_server(WAITS) as server, start_worker(waiting, server) as worker:
        wait_until(lambda: server.received)
        worker.kill()
        worker.wait(PATIENCE)
        waiting.work()
        assert waiting.count(OutboxMessage, SENT) == MAILS - 1
        assert waiting.count(OutboxMessage, LEASED) == 1

        waiting.work(minutes=6)

    assert waiting.count(OutboxMessage, SENT) == MAILS
    assert waiting.count(OutboxMessage, LEASED) == 0
