"""A process loads what it serves with, and nothing that only a migration or an extra needs."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.paths import ROOT
from tests.conftest import SECRET
from tests.support.databases import sqlite_database

_SERVE = "from wsgi import app; app.test_client().get('/', headers={'Host': 'localhost:8000'})"
_WORK = "from app.cli import caro; caro(['worker', '--once'], standalone_mode=False)"
_TELL = """
import sys
print(*sorted({name.partition('.')[0] for name in sys.modules} & set(sys.argv[1:])), file=sys.stderr)
"""
UNNEEDED = (
    "alembic",
    "mako",
    "openpyxl",
    "psycopg",
    "redis",
    "rich",
    "schwifty",
    "urllib3",
    "valkey",
    "xlsxwriter",
)


_TELL_OURS = """
import sys
print(*sorted(name for name in sys.modules if name.startswith(("app.qa", "app.simulation"))), file=sys.stderr)
"""


def loaded(folder: Path, code: str, *words: str) -> str:
    """Run code in a process of its own, outside a simulation, and return what it tells of its modules."""
    with sqlite_database(folder) as database:
        environment = {
            "CARO_SECRET_KEYS": SECRET,
            "CARO_BANK_API_KEY": SECRET,
            "CARO_DATABASE_URL": database.url.render_as_string(),
        }
        command = (sys.executable, "-c", code, *words)
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stderr.strip()


@pytest.mark.parametrize("work", [_SERVE, _WORK], ids=["web", "worker"])
def test_servers_and_workers_load_no_more_than_they_need(tmp_path: Path, work: str) -> None:
    assert loaded(tmp_path, f"{work}{_TELL}", *UNNEEDED) == ""


def test_a_real_server_loads_neither_the_testers_pages_nor_the_simulated_bank(tmp_path: Path) -> None:
    assert loaded(tmp_path, f"{_SERVE}{_TELL_OURS}") == ""
