"""Start Debian's WebKit on a screen of its own, and speak WebDriver with it, a protocol of the W3C."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import urllib3

from app.cli.listening_ports import free_port

WINDOW = Path(__file__).parent / "window.py"
#: Debian's own; an environment of the tests has no PyGObject.
SYSTEM_PYTHON = "/usr/bin/python3"
PROGRAMS = ("WebKitWebDriver", "Xvfb", SYSTEM_PYTHON)
PACKAGES = ("webkit2gtk-driver", "python3-gi", "gir1.2-webkit2-4.1", "xvfb")
#: Seconds; nobody waits so long, neither for a busy machine.
PATIENCE = 60
#: By this name the protocol tells an element from other values.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class WebDriverError(Exception):
    """The browser did not do what was asked; its own words say why."""


class WebDriver:
    """One window, by the commands of the protocol."""

    def __init__(self, url: str, capabilities: dict[str, Any]) -> None:
        # It listens a moment after it was started; what has reached it is never sent twice.
        patient = urllib3.Retry(connect=20, read=0, status=0, other=0, backoff_factor=0.02, backoff_max=2)
        self._pool = urllib3.PoolManager(retries=patient, timeout=PATIENCE)
        self._url = f"{url}/session"
        made = self.command("POST", "", capabilities={"alwaysMatch": capabilities})
        self._url += f"/{made['sessionId']}"

    def command(self, method: str, path: str, **body: Any) -> Any:
        """Have one thing done and return its value; raise WebDriverError where it is refused."""
        sent = {"json": body} if method == "POST" else {}
        answer = self._pool.request(method, self._url + path, **sent).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            raise WebDriverError(f"{path}: {answer['error']}: {answer.get('message')}")
        return answer

    def run(self, script: str, *args: Any) -> Any:
        """Call a function of JavaScript with these and return what it returns."""
        return self.command("POST", "/execute/sync", script=f"return ({script})(...arguments)", args=args)


def is_here() -> bool:
    """Tell whether all that it takes is installed."""
    asked = (SYSTEM_PYTHON, "-c", "import gi; gi.require_version('WebKit2', '4.1')")
    return (
        all(map(shutil.which, PROGRAMS))
        and not subprocess.run(asked, capture_output=True, check=False).returncode
    )


@contextmanager
def open_webkit(width: int, height: int, language: str, colours: str = "light") -> Iterator[WebDriver]:
    """Open a window of this size, for somebody who reads this language."""
    port = free_port()
    arguments = [str(WINDOW), str(width), str(height), language, colours]
    options = {"binary": SYSTEM_PYTHON, "args": arguments}
    with _screen() as display:
        environment = os.environ | {"DISPLAY": display, "TZ": "Europe/Brussels", "LANG": "C.UTF-8"}
        with _running("WebKitWebDriver", f"--port={port}", env=environment):
            driver = WebDriver(f"http://127.0.0.1:{port}", {"webkitgtk:browserOptions": options})
            try:
                yield driver
            finally:
                # The window closes before it can say so.
                with suppress(WebDriverError):
                    driver.command("DELETE", "")


@contextmanager
def _screen() -> Iterator[str]:
    """Start a screen that nobody sees, and return its name once it is there."""
    reading, writing = os.pipe()
    size = ("-screen", "0", "1400x4000x24", "-nolisten", "tcp")
    with (
        _running("Xvfb", "-displayfd", str(writing), *size, pass_fds=(writing,)),
        os.fdopen(reading) as number,
    ):
        os.close(writing)
        yield f":{number.readline().strip()}"


@contextmanager
def _running(*command: str, **how: Any) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
