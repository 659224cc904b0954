"""The units of `deploy`: systemd understands each word of them, and shuts in what they start."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.cli import caro
from app.cli.web_server import STOP_SECONDS
from app.paths import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
#: Tenths; systemd itself calls anything below 2 well confined.
MOST_EXPOSED = 15
ANALYST = [
    program for program in ("systemd-analyze",) if os.environ.get("CI") == "true" or shutil.which(program)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The units, with a stand-in for the product, which must be there for systemd."""
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/caro/bin/caro", "/bin/true"))
    return tmp_path


@pytest.mark.parametrize("analyst", ANALYST)
def test_systemd_understands_every_word(analyst: str, folder: Path) -> None:
    units = (str(folder / unit.name) for unit in UNITS)
    verified = subprocess.run((analyst, "verify", *units), capture_output=True, text=True)
    # Words that it does not know are warnings alone.
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("analyst", ANALYST)
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_whatever_runs_is_shut_in(analyst: str, unit: Path) -> None:
    command = (analyst, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(unit))
    weighed = subprocess.run(command, capture_output=True, text=True)
    assert weighed.returncode == 0, weighed.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_what_there_is_and_let_it_finish(unit: Path) -> None:
    text = unit.read_text()
    for name, *options in (
        line.split() for line in re.findall(r"^Exec\w+=/opt/caro/bin/caro (.+)", text, re.M)
    ):
        known = {option for parameter in caro.commands[name].params for option in parameter.opts}
        assert {option for option in options if option.startswith("--")} <= known
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)", text, re.M)
    assert int(seconds) > STOP_SECONDS
