"""html-validate, a validator that runs on Node: many pages at once, each with what is wrong in it."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: Where `make audit` puts what is locked beside this file.
PLACE = HERE.parent.parent / ".venv" / "audit"
PROGRAM = PLACE / "node_modules" / ".bin" / "html-validate"

MISSING = (
    "The HTML validator needs Node.js 20.19 or newer with npm, and there is none; "
    "on Debian and Ubuntu: apt-get install nodejs npm"
)

#: Pages and mails differ: a mail brings its styles along, in every element.
KINDS = ("pages", "mails")


def is_here() -> bool:
    """Tell whether the validator can run."""
    return shutil.which("node") is not None and PROGRAM.exists()


def validate(folder: Path) -> Mapping[Path, Sequence[str]]:
    """Return what is wrong, by file, with the pages in one folder and the mails in another."""
    found: dict[Path, Sequence[str]] = {}
    for kind in KINDS:
        files = sorted((folder / kind).glob("*.html"))
        if files:
            found |= _validate(folder / kind, HERE / f"{kind}.json")
    return found


def _validate(folder: Path, rules: Path) -> dict[Path, Sequence[str]]:
    # Into a file: Node ends before it has emptied a pipe.
    told_in = folder / "findings.json"
    command = (PROGRAM, "--formatter", f"json={told_in}", "--config", rules, "--ext", "html", folder)
    finished = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=600, check=False)
    if not told_in.exists():
        raise RuntimeError(f"html-validate did not run: {finished.stderr}")
    return {
        Path(result["filePath"]): [
            f"{one['ruleId']}, line {one['line']}: {one['message']}" for one in result["messages"]
        ]
        for result in json.loads(told_in.read_text())
    }
