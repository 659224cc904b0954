"""An operator asks what ails an installation, and is told everything at once."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from click.testing import Result
from pydantic import SecretStr

from app.cli.installation_checks import Installation
from app.db import Database
from app.settings import InvalidSettings, Settings, load_settings
from app.web.extensions import Services
from tests.conftest import SECRET
from tests.support.commands import Caro
from tests.support.doubles import MovableClock
from tests.support.smtp_server import smtp_server


class _Bank(BaseHTTPRequestHandler):
    """A server that has no page, and whose clock may be a test's."""

    clock: ClassVar[MovableClock | None] = None
    status: ClassVar[int] = 404

    def date_time_string(self, timestamp: float | None = None) -> str:
        clock = type(self).clock
        return format_datetime(clock(), usegmt=True) if clock else super().date_time_string(timestamp)

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@contextmanager
def bank_served(clock: MovableClock | None = None, status: int = 404) -> Iterator[str]:
    bank = type("Bank", (_Bank,), {"clock": clock, "status": status})
    with ThreadingHTTPServer(("127.0.0.1", 0), bank) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def environment(services: Services, database: Database, tmp_path: Path) -> Iterator[dict[str, str | None]]:
    """An installation that lacks nothing."""
    services.terms.publish()
    with bank_served() as url:
        yield {
            "CARO_SECRET_KEYS": SECRET,
            "CARO_BANK_API_KEY": SECRET,
            "CARO_INSTANCE": str(tmp_path),
            "CARO_DATABASE_URL": database.url.render_as_string(),
            "CARO_BANK_URL": url,
        }


def faults(result: Result) -> dict[str, list[str]]:
    """Return what is wrong, by the check that found it."""
    assert "Traceback" not in result.stderr
    found = json.loads(result.stdout)
    assert result.exit_code == any(entry["state"] == "fault" for entry in found)
    return {entry["check"]: entry["sentences"] for entry in found if entry["state"] == "fault"}


def test_a_sound_installation_has_no_fault(run: Caro, environment: dict[str, str | None]) -> None:
    told = run("check", env=environment)
    assert told.exit_code == 0
    checks = ["settings", "names", "secrets", "catalogues", "database", "conditions"]
    checks += ["rates", "relay", "bank", "clock", "disk"]
    assert [line.split() for line in told.stdout.splitlines()] == [["ok", check] for check in checks]
    assert faults(run("check", "--json", env=environment)) == {}


def test_everything_is_told_at_once(run: Caro, environment: dict[str, str | None], tmp_path: Path) -> None:
    (tmp_path / "caro.env").write_text("CARO_MAIL_FOLDR=/var/mail\n")
    (tmp_path / "caro.env").chmod(0o644)
    (tmp_path / "file").touch()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        wrong = {
            "CARO_LANGUAGE": "xx",
            "CARO_DATABSE_URL": "sqlite:///other.db",
            "CARO_SMTP_PASSWORD_FILE": "",
            "CARO_SMTP_USER_FILE": "",
            "CARO_DATABASE_URL": f"sqlite:///{tmp_path / 'file' / 'caro.db'}",
            "CARO_RATE_STORAGE": f"redis://127.0.0.1:{port}",
            "CARO_SMTP_HOST": "127.0.0.1",
            "CARO_SMTP_PORT": port,
            "CARO_BANK_URL": f"http://127.0.0.1:{port}",
            "CARO_BRANCH": "x",
        }
        told = run("check", "--json", env=environment | wrong)
    assert faults(told) == {
        "settings": ["CARO_LANGUAGE must be one of fr, nl, en, de"],
        "names": [
            "CARO_BRANCH is no setting.",
            "CARO_DATABSE_URL is no setting; do you mean CARO_DATABASE_URL?",
            "CARO_MAIL_FOLDR is no setting; do you mean CARO_MAIL_FOLDER?",
            "CARO_SMTP_USER_FILE is no setting; do you mean CARO_SMTP_USER?",
        ],
        "secrets": [f"Everybody on this machine may read {tmp_path / 'caro.env'}: chmod o-r."],
        "database": [f"There is no {tmp_path / 'file' / 'caro.db'} yet; 'caro migrate' makes it."],
        "rates": ["The store of CARO_RATE_STORAGE does not answer."],
        "relay": [f"The relay 127.0.0.1:{port} does not serve us: Connection refused."],
        "bank": [f"The bank does not answer at http://127.0.0.1:{port}."],
        "disk": [f"{tmp_path / 'file'} cannot be written to."],
    }
    unknown = [entry["check"] for entry in json.loads(told.stdout) if entry["state"] == "unknown"]
    assert unknown == ["conditions", "clock"]


def test_a_file_in_another_encoding_is_told(
    run: Caro, environment: dict[str, str | None], tmp_path: Path
) -> None:
    file = tmp_path / "caro.env"
    file.touch(mode=0o600)
    file.write_bytes("CARO_OPERATOR_COMPANY=Société SRL\n".encode("latin-1"))
    told = run("check", "--json", env=environment)
    assert faults(told) == {"settings": [f"{file} must be saved in UTF-8"]}
    with pytest.raises(InvalidSettings, match="must be saved in UTF-8"):
        load_settings(file)


def test_nothing_is_looked_for_in_the_wrong_place(run: Caro, environment: dict[str, str | None]) -> None:
    told = run("check", env=environment | {"CARO_DATABASE_URL": "mysql://db", "CARO_SECRET_KEYS": "weak"})
    lines = [line.split(maxsplit=2) for line in told.stdout.splitlines()]
    assert ["unknown", "database", "CARO_DATABASE_URL is wrong."] in [[*line[:2], line[-1]] for line in lines]
    assert ["ok", "bank"] in lines


def test_a_database_of_another_version_is_told(
    run: Caro, environment: dict[str, str | None], database: Database
) -> None:
    with database.write_connection() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert faults(run("check", "--json", env=environment)) == {
        "database": ["The schema is not this version's; 'caro migrate' makes it so."]
    }


def test_conditions_that_changed_under_their_version_are_told(
    run: Caro, environment: dict[str, str | None]
) -> None:
    told = faults(run("check", "--json", env=environment | {"CARO_OPERATOR_COMPANY": "Autre SA"}))
    assert list(told) == ["conditions"]
    assert told["conditions"][0].startswith("the conditions of version ")


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (401, "The bank does not take CARO_BANK_API_KEY: 401."),
        (403, "The bank does not take CARO_BANK_API_KEY: 403."),
        (502, "The bank answers with an error: 502."),
    ],
)
def test_a_bank_that_does_not_serve_us_is_told(
    run: Caro, environment: dict[str, str | None], status: int, fault: str
) -> None:
    with bank_served(status=status) as url:
        assert faults(run("check", "--json", env=environment | {"CARO_BANK_URL": url})) == {"bank": [fault]}


@pytest.mark.parametrize(("seconds", "told"), [(-90, "-90"), (-30, ""), (30, ""), (90, "+90")])
def test_a_clock_that_is_not_the_banks_is_told(
    settings: Settings, clock: MovableClock, tmp_path: Path, seconds: int, told: str
) -> None:
    with bank_served(MovableClock(clock())) as url:
        clock.advance(seconds=seconds)
        there = settings.model_copy(update={"bank_url": url})
        drift = Installation(there, {}, tmp_path / "caro.env", clock).find_drift()
    assert drift == ([f"The clock differs from the bank's by {told} seconds."] if told else [])


@pytest.mark.parametrize(
    ("password", "told"),
    [("right", []), ("wrong", ["The relay 127.0.0.1:{} does not serve us: SMTPAuthenticationError 535."])],
)
def test_the_relay_is_asked_whether_it_knows_us(
    settings: Settings, clock: MovableClock, tmp_path: Path, password: str, told: list[str]
) -> None:
    with smtp_server(login=("caro", "right")) as relay:
        where = {"smtp_host": "127.0.0.1", "smtp_port": relay.port, "smtp_security": "none"}
        who = {"smtp_user": "caro", "smtp_password": SecretStr(password)}
        installation = Installation(settings.model_copy(update=where | who), {}, tmp_path / "caro.env", clock)
        assert installation.find_relay_faults() == [sentence.format(relay.port) for sentence in told]
    assert set(relay.logins) == {"caro"}
    assert relay.received == []


def test_a_new_key_is_good_and_never_the_same(run: Caro, environment: dict[str, str | None]) -> None:
    key, other = run("keys", "new").stdout.strip(), run("keys", "new").stdout.strip()
    assert key != other
    assert faults(run("check", "--json", env=environment | {"CARO_SECRET_KEYS": f"{key},{other}"})) == {}


def test_a_missing_key_is_told_with_its_remedy(run: Caro, environment: dict[str, str | None]) -> None:
    told = run("check", "--json", env=environment | {"CARO_BANK_API_KEY": None})
    assert faults(told) == {"settings": ["CARO_BANK_API_KEY must be set; 'caro keys new' draws one"]}


def test_the_version_is_told(run: Caro) -> None:
    assert run("--version").stdout.startswith("caro 0.")
