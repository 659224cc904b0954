"""The browsers that the tests drive: which ones are here, and how to get one."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from e2e.webkit import driver as webkit


@dataclass(frozen=True)
class BrowserKind:
    """One kind of browser: how Playwright and Debian call it, and what is found of it where."""

    variable: str
    target: tuple[str, ...]
    builds: tuple[str, ...]
    system: tuple[str, ...]
    packages: tuple[str, ...]
    flags: tuple[str, ...] = ()
    #: How Playwright is to speak with one that it has not built itself.
    foreign_channel: str = ""


#: Keep the browser quiet where there is no internet.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_SHELL = "chromium-headless-shell"
_MACS = "*/*.app/Contents/MacOS/*"

KINDS: Mapping[str, BrowserKind] = {
    "chromium": BrowserKind(
        "CHROMIUM_PATH",
        ("--only-shell", "chromium"),
        ("*/*headless[-_]shell",),
        (_SHELL, "chromium", "google-chrome"),
        (_SHELL,),
        _QUIET,
    ),
    "chromium-window": BrowserKind(
        "CHROMIUM_PATH",
        ("--no-shell", "chromium"),
        ("*/chrome", "*/chrome.exe", _MACS),
        ("chromium", "google-chrome"),
        ("chromium",),
        _QUIET,
    ),
    "webkit": BrowserKind(
        "WEBKIT_PATH",
        ("webkit",),
        ("pw_run.sh", "Playwright.exe"),
        (),
        webkit.PACKAGES,
    ),
    "firefox": BrowserKind(
        "FIREFOX_PATH",
        ("firefox",),
        ("*/firefox", "*/firefox.exe", _MACS),
        ("firefox-esr", "firefox"),
        ("firefox-esr",),
        foreign_channel="moz-firefox",
    ),
}

_PLAYWRIGHT = (sys.executable, "-m", "playwright", "install")
_QUIET_DEBIAN = {"DEBIAN_FRONTEND": "noninteractive"}


def missing(kind: str) -> str:
    """Say what to do where there is no such browser."""
    variable, packages = KINDS[kind].variable, " ".join(KINDS[kind].packages)
    name = kind.replace("-window", " with a window")
    return f"No {name} for the tests: set {variable}, or install one, say {packages}."


@cache
def launch_args(kind: str = "chromium") -> Mapping[str, Any] | None:
    """Return how the first such browser is started: named by hand, Playwright's own, the system's."""
    for path, channel in _candidates(KINDS[kind]):
        if _starts(path):
            known = {"channel": channel} if channel else {}
            return {"executable_path": str(path), "args": [*KINDS[kind].flags], **known}
    return None


def chosen_args(engine: str, channel: str | None, headed: bool) -> Mapping[str, Any] | None:
    """Return how the browser that was chosen is started; a channel is Playwright's own to find."""
    if channel:
        return {"channel": channel, "args": [*KINDS[engine].flags]}
    return launch_args(kind_of(engine, headed))


def kind_of(engine: str, headed: bool) -> str:
    """Return which kind of an engine is wanted; one of Chromium's has no window."""
    return "chromium-window" if headed and engine == "chromium" else engine


def is_here(kind: str) -> bool:
    """Tell whether there is such a browser; Debian's WebKit is steered in a way of its own."""
    return launch_args(kind) is not None or (kind == "webkit" and webkit.is_here())


def ensure_browser(kind: str) -> bool:
    """Find a browser, fetching one from Playwright or from Debian where none can be had otherwise."""
    if not os.environ.get(KINDS[kind].variable):
        _runs((*_PLAYWRIGHT, *KINDS[kind].target), seconds=120)
    if not is_here(kind) and os.geteuid() == 0 and shutil.which("apt-get"):
        # The package may be in lists that are here already, so a failed update is not the end.
        for command in (("update",), ("install", "--yes", "--no-install-recommends", *KINDS[kind].packages)):
            _runs(("apt-get", *command), seconds=300)
        launch_args.cache_clear()
    return is_here(kind)


def _candidates(kind: BrowserKind) -> Iterator[tuple[Path, str]]:
    if named := os.environ.get(kind.variable):
        yield Path(named), kind.foreign_channel
    for path in _playwrights_own(kind):
        yield path, ""
    for name in kind.system:
        if found := shutil.which(name):
            yield Path(found), kind.foreign_channel


def _playwrights_own(kind: BrowserKind) -> Iterator[Path]:
    """Ask Playwright where its own build belongs, and yield what stands there."""
    question = (*_PLAYWRIGHT, *kind.target, "--dry-run")
    answer = subprocess.run(question, capture_output=True, text=True, timeout=60, check=False).stdout
    for place in re.findall(r"Install location:\s+(.+)", answer):
        for build in kind.builds:
            yield from sorted(Path(place).glob(build))


def _starts(browser: Path) -> bool:
    """Tell whether the program runs here; one without its system libraries does not."""
    return _runs((str(browser), "--version"), seconds=60)


def _runs(command: tuple[str, ...], *, seconds: int) -> bool:
    try:
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env=os.environ | _QUIET_DEBIAN,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0


def main(kind: str = "chromium") -> int:
    """Have such a browser here, and say where; fail without one where it counts."""
    found = ensure_browser(kind)
    place = (launch_args(kind) or {}).get("executable_path", "the system's own")
    print(f"{kind} for the tests: {place}" if found else missing(kind))
    return int(not found and os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
