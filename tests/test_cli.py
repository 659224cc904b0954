"""The command line: what an accountant and an operator type, and what they read back."""

import json
import signal
import socket
import subprocess
import sys
from itertools import cycle, islice, takewhile
from pathlib import Path
from threading import Event

import pytest
from click.testing import Result
from flask import Flask

from app.cli.demo.demo_environment import (
    DemoAddresses,
    choose_addresses,
    read_demo_settings,
    write_demo_settings,
)
from app.cli.demo.seeding import STATES
from app.cli.error_messages import SENTENCES
from app.cli.process_commands import work_until_stopped
from app.db import Database
from app.domain.order_rules import OrderProblem
from app.jobs import JOBS, GoesOn, WorkerJob, run_jobs
from app.models.schema import is_schema_supported
from app.paths import ROOT
from app.settings import Settings
from app.web.extensions import Services
from tests.conftest import SECRET
from tests.support.commands import Caro
from tests.support.doubles import MovableClock, RecordingTransport
from tests.support.office import ADDRESS, OFFICE, REFERENCE

ORDER = (
    *("order", "--office", OFFICE, "--dossier", "ACME", "--bank", "belfius"),
    *("--reference", REFERENCE, "--email", ADDRESS, "--language", "fr"),
)


@pytest.fixture
def ordered(run: Caro) -> str:
    return run(*ORDER).stdout.splitlines()[0]


def said(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout.strip()


def refused(result: Result) -> str:
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    return result.stderr.strip()


def test_order_prints_id_and_link(run: Caro) -> None:
    public_id, link = said(run(*ORDER)).splitlines()
    assert link.startswith("http://localhost:8000/a/")
    assert said(run("link", public_id)) == link


def test_kbc_order_prints_no_link(run: Caro) -> None:
    words = [word.replace("belfius", "KBC") for word in ORDER]
    assert "bank's own app" in said(run(*words, "--iban", "BE78 7350 0000 0186"))


def test_second_order_names_the_first(run: Caro, ordered: str) -> None:
    assert ordered in refused(run(*ORDER))


def test_bad_reference_is_explained(run: Caro) -> None:
    words = [word.replace(REFERENCE, "5123456789") for word in ORDER]
    assert "ten digits" in refused(run(*words))


def test_unknown_activation_is_refused(run: Caro) -> None:
    for command in ("link", "resend", "replace", "cancel", "revoke"):
        assert "no activation with this id" in refused(run(command, "nobody"))


def test_replaced_link_differs_from_old(run: Caro, ordered: str) -> None:
    old = said(run("link", ordered))
    said(run("replace", ordered, "--email", "autre@client.example"))
    assert said(run("link", ordered)) != old


def test_resend_keeps_the_link(run: Caro, ordered: str) -> None:
    old = said(run("link", ordered))
    said(run("resend", ordered))
    assert said(run("link", ordered)) == old


def test_cancelled_request_can_be_relaunched(run: Caro, ordered: str) -> None:
    said(run("cancel", ordered))
    assert "does not allow" in refused(run("link", ordered))
    said(run("relaunch", ordered, "--email", ADDRESS))
    assert said(run("link", ordered))


def test_revoke_needs_an_active_service(run: Caro, ordered: str) -> None:
    assert "does not allow" in refused(run("revoke", ordered))


def test_programs_read_activations_as_json(run: Caro, ordered: str) -> None:
    (line,) = json.loads(said(run("activations", "--json")))
    assert (line["public_id"], line["state"], line["bank"]) == (ordered, "invited", "belfius")
    assert json.loads(said(run("activations", "--json", "--state", "active"))) == []


def test_people_read_activations_as_table(run: Caro, ordered: str) -> None:
    heading, line = said(run("activations")).splitlines()
    assert heading.startswith("ID")
    assert line.startswith(ordered)
    assert "ACME Acme SA" in line


def test_listing_never_shows_the_address(run: Caro, ordered: str) -> None:
    assert ADDRESS not in said(run("activations")) + said(run("activations", "--json"))


def test_sample_dossiers_are_imported(run: Caro) -> None:
    sample = str(ROOT / "docs" / "sample-dossiers.csv")
    assert said(run("dossiers", "import", sample)).startswith("12 mandates created")
    assert said(run("dossiers", "import", sample)).endswith("12 unchanged.")


def test_bad_dossier_file_is_explained(run: Caro, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("Bureau;E-mail comptable;Code;Nom;Banque;IBAN;État\nB;b@b.example;1;N;ING;x;actif\n")
    explained = refused(run("dossiers", "import", str(file)))
    assert "Nothing was imported." in explained
    assert "line 2, column Banque: This is not one of the banks" in explained
    assert "line 2, column IBAN: This is not an IBAN" in explained


def test_migrating_again_is_harmless(run: Caro, database: Database) -> None:
    said(run("migrate"))
    assert is_schema_supported(database)


def test_missing_tables_are_explained(run: Caro, database: Database) -> None:
    with database.writing.begin() as connection:
        connection.exec_driver_sql("DROP TABLE event")
    result = run(*ORDER)
    assert result.exit_code == 1
    assert "caro migrate" in result.stderr


def test_worker_does_each_job_once(
    services: Services, app: Flask, run: Caro, sent_mails: RecordingTransport
) -> None:
    said(run(*ORDER))
    with app.app_context():
        done = run_jobs(services, Event())
        assert done == {
            **{"conclude": 0, "ask_bank_apps": 0, "bulk": 0, "remind": 0, "digest": 0, "deliver": 1},
            **{"expire": 0, "forget": 0, "erase": 0},
        }
    assert len(sent_mails.mails) == 1


def test_the_health_of_the_worker_is_told(run: Caro, clock: MovableClock) -> None:
    assert run("worker", "--health").exit_code == 1
    said(run("worker", "--once"))
    clock.advance(seconds=149)
    assert "was last at work 149 seconds ago." in said(run("worker", "--health"))
    clock.advance(seconds=2)
    dead = run("worker", "--health")
    assert (dead.exit_code, "151 seconds ago" in dead.stderr) == (1, True)


def test_worker_expires_old_requests(services: Services, run: Caro, clock: MovableClock) -> None:
    said(run(*ORDER))
    clock.advance(days=57)
    expire = tuple(job for job in JOBS if job.name == "expire")
    assert run_jobs(services, Event(), expire) == {"expire": 1}


def test_broken_job_stops_no_other(services: Services) -> None:
    def breaks(_services: Services, _goes_on: GoesOn) -> int:
        raise OSError

    jobs = (WorkerJob("broken", breaks), WorkerJob("sound", lambda _services, _goes_on: 7))
    assert run_jobs(services, Event(), jobs) == {"sound": 7}


def test_stop_finishes_the_job_in_hand(services: Services) -> None:
    stop, done = Event(), []

    def stopped_within(_services: Services, goes_on: GoesOn) -> int:
        assert goes_on()
        stop.set()
        assert not goes_on()
        done.append("first")
        return 1

    def never_begun(_services: Services, _goes_on: GoesOn) -> int:
        done.append("second")
        return 1

    work_until_stopped(services, stop, (WorkerJob("first", stopped_within), WorkerJob("second", never_begun)))
    assert done == ["first"]


def test_every_problem_has_its_sentence() -> None:
    assert set(SENTENCES) == set(OrderProblem)
    assert len(set(SENTENCES.values())) == len(OrderProblem)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", ("127.0.0.1", "http://localhost:8000", "http://127.0.0.1:8001")),
        ("127.0.0.1", ("127.0.0.1", "http://127.0.0.1:8000", "http://localhost:8001")),
        ("192.168.1.20", ("0.0.0.0", "http://192.168.1.20:8000", "http://192.168.1.20:8001")),
    ],
)
def test_host_decides_who_can_reach(host: str, expected: tuple[str, str, str]) -> None:
    places = choose_addresses(host, 8000, 8001)
    assert (places.listen, places.base_url, places.bank_url) == expected


@pytest.mark.parametrize("words", [("--host", "0.0.0.0"), ("--host", "http://x"), ("--bank-port", "8000")])
def test_impossible_places_are_refused(run: Caro, words: tuple[str, str]) -> None:
    result = run("demo", *words)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")


def test_secrets_survive_later_starts(tmp_path: Path) -> None:
    first = prepared(tmp_path, choose_addresses("localhost", 8000, 8001))
    later = prepared(tmp_path, choose_addresses("192.168.1.20", 9000, 9001))
    assert first["CARO_SECRET_KEYS"] == later["CARO_SECRET_KEYS"]
    assert later["CARO_PUBLIC_URL"] == "http://192.168.1.20:9000"
    assert (tmp_path / "caro.env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("command", "changes", "reason"),
    [
        ("migrate", {"CARO_SECRET_KEYS": "weak"}, "will not start: CARO_SECRET_KEYS"),
        ("serve", {"CARO_BANK_API_KEY": "weak"}, "will not start: CARO_BANK_API_KEY"),
        ("bank", {"CARO_PRODUCTION": "true"}, "will not start: CARO_PRODUCTION"),
    ],
)
def test_weak_settings_end_plainly(command: str, changes: dict[str, str], reason: str) -> None:
    environment = {"CARO_SECRET_KEYS": SECRET, "CARO_BANK_API_KEY": SECRET} | changes
    ended = subprocess.run(
        (*CARO, command), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert reason in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_starts_with_other_conditions_of_the_same_version(
    settings: Settings, database: Database, command: str
) -> None:
    environment = {
        "CARO_SECRET_KEYS": SECRET,
        "CARO_BANK_API_KEY": SECRET,
        "CARO_DATABASE_URL": settings.database_url,
    }
    starts = [
        subprocess.run((*CARO, word), cwd=ROOT, env=environment | changes, capture_output=True, check=False)
        for word, changes in (("migrate", {}), (command, {"CARO_OPERATOR_COMPANY": "Autre SA"}))
    ]
    assert [start.returncode for start in starts] == [0, 1]
    assert starts[1].stderr.startswith(b"caro: will not start: the conditions of version ")
    assert len(starts[1].stderr.splitlines()) == 1


def test_threads_that_could_all_wait_for_the_bank_are_refused(run: Caro) -> None:
    result = run("serve", "--threads", "6")

    assert result.exit_code == 1
    assert "CARO_BANK_CALLS (6) must be smaller" in result.stderr


def test_taken_port_is_said_plainly(run: Caro, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = run("demo", "--port", port, "--bank-port", "1", "--folder", str(tmp_path / "demo"))
    assert result.exit_code == 1
    assert f"Port {port} cannot be used" in result.stderr
    assert not (tmp_path / "demo").exists()


def test_a_demonstration_that_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    port, bank_port = map(str, free_ports())
    words = ("demo", "--port", port, "--bank-port", bank_port, "--folder", str(tmp_path / "demo"))
    ended = subprocess.run((*CARO, *words), cwd=ROOT, env={"CARO_PRODUCTION": "true"}, capture_output=True)
    assert ended.returncode == 1
    assert b"CARO_SIMULATION must be false in production" in ended.stderr
    assert not (tmp_path / "demo").exists()


def test_a_demonstration_has_settings_of_its_own(tmp_path: Path) -> None:
    real = "CARO_PUBLIC_URL=https://caro.example.be\nCARO_SMTP_HOST=smtp.example.be\n"
    (tmp_path / "caro.env").write_text(real)
    environment = {"CARO_INSTANCE": str(tmp_path)}
    places = choose_addresses("localhost", 8000, 8001)
    write_demo_settings(tmp_path / "demo", read_demo_settings(places, tmp_path / "demo", environment))
    assert (tmp_path / "caro.env").read_text() == real
    assert environment["CARO_INSTANCE"] == str(tmp_path / "demo")
    assert "CARO_SMTP_HOST" not in environment
    assert "CARO_SIMULATION=true" in (tmp_path / "demo" / "caro.env").read_text()


@pytest.mark.parametrize("signals", [1, 200])
def test_a_stop_ends_the_demonstration_however_often_it_is_asked_for(tmp_path: Path, signals: int) -> None:
    port, bank_port = free_ports()
    words = ("demo", "--port", str(port), "--bank-port", str(bank_port), "--folder", str(tmp_path))
    with subprocess.Popen((*CARO, *words), cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        shown = "".join(takewhile(lambda line: "Ctrl-C" not in line, running.stdout))
        for number in islice(cycle((signal.SIGTERM, signal.SIGINT)), signals):
            running.send_signal(number)
    # One of many may meet Python itself as it ends, when nobody handles it any more.
    assert running.returncode == 0 or signals > 1
    facts = json.loads((tmp_path / "demo.json").read_text())
    assert set(facts["links"]) == set(STATES)
    assert all(link in shown for link in (facts["portal"], *facts["links"].values()))
    assert facts["portal"].startswith(f"http://localhost:{port}/portal/sign-in/")
    assert free(port)
    assert free(bank_port)


CARO = (sys.executable, "-m", "app.cli")


def prepared(folder: Path, places: DemoAddresses) -> dict[str, str]:
    """Return the environment of one start; the tests' own stays as it was."""
    environment: dict[str, str] = {}
    write_demo_settings(folder, read_demo_settings(places, folder, environment))
    return environment


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
