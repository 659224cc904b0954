"""What Prometheus reads: well-formed, with closed sets of labels, and nothing of anybody."""

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from app.server.operator_metrics import metrics_writer
from app.server.ops_listener import METRICS_VARIABLE, prepare_metrics_folder
from app.web.extensions import Services
from tests.support.doubles import MovableStopwatch
from tests.support.office import ACCOUNTANT, ADDRESS, OFFICE, ORDER, REFERENCE

LABELS = {
    "caro_build_info": {"build"},
    "caro_database_up": set(),
    "caro_requests": {"label"},
    "caro_attempts": {"outcome", "failure"},
    "caro_mails": {"kind", "posting"},
    "caro_late_seconds": {"job"},
    "caro_worker_idle_seconds": set(),
}


def read(ops: Client) -> dict[tuple[str, tuple[str, ...]], float]:
    answer = ops.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_new_request_is_counted_within_half_a_minute(
    ops: Client, services: Services, stopwatch: MovableStopwatch
) -> None:
    before = read(ops)
    services.orders.place_order(ORDER)
    assert read(ops) == before
    stopwatch.seconds += 30
    after = read(ops)

    assert before.keys() == after.keys()
    assert {name: value - before[name] for name, value in after.items() if value != before[name]} == {
        ("caro_requests", ("invitation_sent",)): 1,
        ("caro_mails", ("invitation", "waiting")): 1,
    }


def test_labels_are_the_known_ones_and_say_what_is_measured(ops: Client, services: Services) -> None:
    services.worker_health.record_heartbeat("a host")
    families = {family.name: family for family in text_string_to_metric_families(ops.get("/metrics").text)}

    assert families.keys() == LABELS.keys()
    for name, labels in LABELS.items():
        assert families[name].documentation.endswith(".")
        assert {frozenset(sample.labels) for sample in families[name].samples} == {frozenset(labels)}


def test_nobody_is_named(ops: Client, services: Services) -> None:
    public_id = services.orders.place_order(ORDER).public_id
    text = ops.get("/metrics").text

    assert not [known for known in (public_id, OFFICE, ACCOUNTANT, ADDRESS, REFERENCE) if known in text]


def test_a_database_that_is_away_is_told_and_keeps_back_nothing_else(ops: Client, services: Services) -> None:
    with services.database.writing.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE activation RENAME TO elsewhere")

    assert read(ops) == {("caro_build_info", ("2026.11",)): 1, ("caro_database_up", ()): 0}


OPENS_A_BREAKER = """
from contextlib import suppress
from app.circuit_breaker import CircuitBreaker
breaker = CircuitBreaker("bank", lambda: 0, lambda error: True, failures=1)
with suppress(OSError), breaker.call():
    raise TimeoutError
print("open", flush=True)
input()
"""


def test_an_open_breaker_is_told_as_long_as_its_process_lives(tmp_path: Path) -> None:
    write = metrics_writer("2026.11", lambda: None, str(tmp_path))
    told = b'caro_breaker_open{neighbour="bank"} 1.0'
    environment = {**os.environ, METRICS_VARIABLE: str(tmp_path)}
    process = subprocess.Popen(
        (sys.executable, "-c", OPENS_A_BREAKER),
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout
        assert b"open\n" in process.stdout
        assert told in write()
    assert b"caro_breaker_open" not in write()


def test_only_what_processes_that_are_gone_have_measured_is_taken_away(tmp_path: Path) -> None:
    gone = subprocess.Popen(("true",))
    gone.wait()
    kept = {f"histogram_{os.getpid()}.db", "histogram_x.db", "caro.db", f"caro_{gone.pid}.db"}
    for name in (*kept, f"histogram_{gone.pid}.db"):
        (tmp_path / name).touch()

    prepare_metrics_folder({METRICS_VARIABLE: str(tmp_path)})
    assert {file.name for file in tmp_path.iterdir()} == kept
