"""How the browser tests start their browser."""

import os
from typing import Any

import pytest

from e2e.browser import FLAGS, NO_BROWSER, find_browser


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the browser that is here; without one fail where it counts, else leave the suite out."""
    browser = find_browser()
    if browser is None and os.environ.get("CI") == "true":
        pytest.fail(NO_BROWSER, pytrace=False)
    if browser is None:
        pytest.skip(f"Left out. {NO_BROWSER}")
    return {**browser_type_launch_args, "executable_path": str(browser), "args": [*FLAGS]}
