"""A tester works beside a worker that never rests: each thing is done once, whoever does it."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from flask import Flask

from app.cli.process_commands import work_until_stopped
from app.web.extensions import Services
from tests.support.databases import engines_under_test
from tests.support.sandbox_client import SandboxClient, event_types, sent


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def working(app: Flask, services: Services) -> Iterator[None]:
    """Let a worker go round without a pause."""
    stop = Event()

    def rounds() -> None:
        with app.app_context():
            work_until_stopped(services, stop, pause=0.001)

    worker = Thread(target=rounds)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def test_two_testers_and_a_worker_do_everything_once(app: Flask, services: Services) -> None:
    testers = [SandboxClient(app) for _ in range(2)]

    def story(tester: SandboxClient) -> None:
        for _ in range(2):
            tester.do(tester.order()["public_id"], "age", days=60)
            tester.order(scenario="success", reach="page")

    with working(app, services), ThreadPoolExecutor(2) as together:
        for run in [together.submit(story, tester) for tester in testers]:
            run.result()

    for tester in testers:
        posted = Counter(mail["message_id"] for mail in tester.mails())
        assert set(posted.values()) == {1}
        kinds = Counter(mail["kind"] for mail in tester.mails())
        assert (kinds["third_reminder"], kinds["confirmation"]) == (2, 2)
        for listed in tester.call("GET", "/activations")["activations"]:
            seen = Counter(event_types(tester.see(listed["public_id"])))
            assert seen["expired"] + seen["activated"] == seen["address_erased"] == 1


def test_a_worker_that_looked_before_time_went_by_takes_no_reminder_away(
    tester: SandboxClient, services: Services
) -> None:
    ordered = tester.order()["public_id"]

    def goes_on() -> bool:
        tester.do(ordered, "work")
        tester.do(ordered, "age", to="next_reminder", work=False)
        return True

    tester.do(ordered, "age", to="next_reminder", work=False)
    assert services.reminders.queue_due_reminders(goes_on) == 0
    tester.do(ordered, "work")
    assert sent(tester.do(ordered, "age", days=60))[-2:] == ["second_reminder", "third_reminder"]
