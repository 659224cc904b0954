"""The options of the browser tests: which server, browser and device, and whose words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from app.i18n import DEFAULT_LANGUAGE, LANGUAGES
from e2e.devices import viewport
from e2e.engines import why_left_out, why_not_played

ENGINES = ("chromium", "firefox", "webkit")
ALL = "all"


@dataclass(frozen=True)
class RunOptions:
    """What was chosen for this run; without an address the tests start servers of their own."""

    base_url: str
    engine: str
    languages: Sequence[str]
    device: dict[str, Any]

    def against(self, item: pytest.Item) -> str | None:
        """Return why a test has no place in this run, None where it has one."""
        own, chromium, engine = (
            item.get_closest_marker(name) for name in ("own_server", "chromium", "engine")
        )
        if own and self.base_url:
            return f"needs a server of its own: {own.args[0]}"
        if chromium and self.engine != "chromium":
            return f"needs Chromium: {chromium.args[0]}"
        if engine:
            return why_left_out(engine.args[0])
        if self.engine == "webkit" and "browser" in getattr(item, "fixturenames", ()):
            return why_not_played("webkit")
        return None


RUN = pytest.StashKey[RunOptions]()


def add_options(parser: pytest.Parser) -> None:
    """Offer the options; --base-url, --headed, --tracing and --screenshot are there already."""
    group = parser.getgroup("e2e", "browser tests of the product")
    group.addoption("--engine", choices=ENGINES, default=ENGINES[0], help="Browser to drive.")
    group.addoption(
        "--lang",
        default=DEFAULT_LANGUAGE,
        help=f"Language of stories that tell none: {', '.join(LANGUAGES)}, several of them, or {ALL}.",
    )
    group.addoption("--viewport", default="phone", help="Phone, desktop, or a size like 320x640.")
    group.addoption("--scenario-report", metavar="FILE", help="Tell at the end how each scenario went.")


def read_options(config: pytest.Config) -> RunOptions:
    """Read the options; raise UsageError where one makes no sense."""
    asked: str = config.getoption("--lang")
    languages = list(LANGUAGES) if asked == ALL else [one.strip() for one in asked.split(",")]
    strange = [one for one in languages if one not in LANGUAGES]
    if strange:
        raise pytest.UsageError(f"--lang: {', '.join(strange)} is none of {', '.join(LANGUAGES)}.")
    try:
        device = viewport(config.getoption("--viewport"))
    except ValueError as error:
        raise pytest.UsageError(f"--viewport: {error}.") from None
    return RunOptions(config.getoption("--base-url") or "", config.getoption("--engine"), languages, device)
