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
UNNEEDED = ("alembic", "mako", "openpyxl", "psycopg", "redis", "urllib3", "valkey", "xlsxwriter")


@pytest.mark.parametrize("work", [_SERVE, _WORK], ids=["web", "worker"])
def test_servers_and_workers_load_no_more_than_they_need(tmp_path: Path, work: str) -> None:
    with sqlite_database(tmp_path) as database:
        environment = {
            "CARO_SECRET_KEYS": SECRET,
            "CARO_BANK_API_KEY": SECRET,
            "CARO_DATABASE_URL": database.url.render_as_string(),
        }
        words = (sys.executable, "-c", f"{work}{_TELL}", *UNNEEDED)
        ended = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "\n")
