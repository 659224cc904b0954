"""The browser that the tests drive: which one is here, and how to get one."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SYSTEM_BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")

#: Keep the browser quiet where there is no internet.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

NO_BROWSER = "No browser for the tests: set CHROMIUM_PATH, or install one, say chromium-headless-shell."

PLAYWRIGHT = (sys.executable, "-m", "playwright", "install", "--only-shell", "chromium")
DEBIAN = (("apt-get", "update"), ("apt-get", "install", "--yes", "chromium-headless-shell"))
QUIET_DEBIAN = {"DEBIAN_FRONTEND": "noninteractive"}


@cache
def find_browser() -> Path | None:
    """Return the first browser that starts: named by hand, Playwright's own, the system's."""
    return next((path for path in _candidates() if _starts(path)), None)


def ensure_browser() -> Path | None:
    """Return a browser, fetching one from Playwright or from Debian where none can be had otherwise."""
    if not os.environ.get("CHROMIUM_PATH"):
        _runs(PLAYWRIGHT, seconds=120)
    if find_browser() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        # The package may be in lists that are here already, so a failed update is not the end.
        for command in DEBIAN:
            _runs(command, seconds=300)
        find_browser.cache_clear()
    return find_browser()


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("CHROMIUM_PATH"):
        yield Path(named)
    yield from _playwrights_own()
    for name in SYSTEM_BROWSERS:
        if found := shutil.which(name):
            yield Path(found)


def _playwrights_own() -> Iterator[Path]:
    """Ask Playwright where its own build belongs, and yield what stands there."""
    question = (*PLAYWRIGHT, "--dry-run")
    answer = subprocess.run(question, capture_output=True, text=True, timeout=60, check=False).stdout
    for place in re.findall(r"Install location:\s+(.+)", answer):
        yield from sorted(Path(place).glob("*/*headless[-_]shell"))


def _starts(browser: Path) -> bool:
    """Tell whether the program runs here; one without its system libraries does not."""
    return _runs((str(browser), "--version"), seconds=20)


def _runs(command: tuple[str, ...], *, seconds: int) -> bool:
    try:
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env=os.environ | QUIET_DEBIAN,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0


if __name__ == "__main__":
    browser = ensure_browser()
    print(f"Browser for the tests: {browser}" if browser else NO_BROWSER)
    sys.exit(browser is None and os.environ.get("CI") == "true")
