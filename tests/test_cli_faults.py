"""What an operator reads when a command cannot do its work: the cause in one sentence, no trace of code."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import Database, create_private_file
from app.paths import ROOT
from app.settings import Settings
from tests.conftest import SECRET
from tests.kills.served import serve
from tests.support.commands import Caro
from tests.support.office import ADDRESS, OFFICE, REFERENCE

KEYS = {"CARO_SECRET_KEYS": SECRET, "CARO_BANK_API_KEY": SECRET}


def type_command(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    command = (sys.executable, "-m", "app.cli", *words)
    return subprocess.run(command, cwd=ROOT, env=KEYS | settings, capture_output=True, text=True, check=False)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


@pytest.mark.parametrize("command", ["serve", "bank"])
def test_a_taken_port_is_one_sentence(settings: Settings, taken_port: int, command: str) -> None:
    ended = type_command(command, "--port", str(taken_port), CARO_DATABASE_URL=settings.database_url)
    sentence = f"Port {taken_port} cannot be used (Address already in use); choose another with --port=…"
    assert (ended.returncode, ended.stderr) == (1, f"Error: {sentence}\n")


def test_two_servers_do_not_share_a_port(tmp_path: Path) -> None:
    with serve(tmp_path, workers=1) as running:
        running.comes_to(running.is_complete)
        second = type_command(
            *("serve", "--port", str(running.port)), CARO_DATABASE_URL=f"sqlite:///{tmp_path / 'caro.db'}"
        )
        assert second.returncode == 1
        assert f"Port {running.port} cannot be used" in second.stderr
        assert running.answers()


def test_a_database_that_does_not_answer_is_named_with_its_cause(taken_port: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        ended = type_command("migrate", CARO_DATABASE_URL=f"postgresql://caro:{SECRET}@127.0.0.1:{port}/caro")
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("Error: The database does not answer: ")
    assert f"port {port} failed: Connection refused" in line
    assert SECRET not in line


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = type_command("migrate", CARO_DATABASE_URL=f"sqlite:///{tmp_path / 'file' / 'caro.db'}")
    assert (ended.returncode, ended.stderr) == (1, f"Error: File exists: {tmp_path / 'file'}\n")


def test_only_the_owner_reads_a_database(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    database = Database(f"sqlite:///{tmp_path / 'caro.db'}")
    with database.writing.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE one (id INTEGER)")
        files = sorted(tmp_path.iterdir())
        assert [file.name for file in files] == ["caro.db", "caro.db-shm", "caro.db-wal"]
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    database.close_connections()


def test_a_database_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "caro.db").write_bytes(b"kept")
    create_private_file(tmp_path / "caro.db")
    assert (tmp_path / "caro.db").read_bytes() == b"kept"


def test_a_cardholders_address_need_not_be_in_the_list_of_processes(run: Caro) -> None:
    words = ("order", "--office", OFFICE, "--dossier", "ACME", "--bank", "belfius", "--reference", REFERENCE)
    placed = run(*words, "--email", "-", input=f"{ADDRESS}\n")
    assert placed.exit_code == 0, placed.stderr
    public_id = placed.stdout.splitlines()[0]
    assert run("replace", public_id, "--email", "-", input="no address\n").exit_code == 2
    assert run("replace", public_id, "--email", "-", input="autre@client.example\n").exit_code == 0
