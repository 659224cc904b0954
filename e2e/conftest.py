"""How the browser tests start their browser and their world."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_playwright import CreateContextCallback

from e2e.browser import FLAGS, NO_BROWSER, find_browser
from e2e.world import Order, World, running_world

#: A phone of the usual size, held by somebody in Brussels who reads French.
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
    "locale": "fr-BE",
    "timezone_id": "Europe/Brussels",
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the browser that is here; without one fail where it counts, else leave the suite out."""
    browser = find_browser()
    if browser is None and os.environ.get("CI") == "true":
        pytest.fail(NO_BROWSER, pytrace=False)
    if browser is None:
        pytest.skip(f"Left out. {NO_BROWSER}")
    return {**browser_type_launch_args, "executable_path": str(browser), "args": [*FLAGS]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Browse on a phone."""
    return {**browser_context_args, **PHONE}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run the product and the simulated bank for all tests of this process."""
    with running_world(tmp_path_factory.mktemp("world")) as running:
        yield running


@pytest.fixture
def order(world: World) -> Order:
    """A request of this test's own, in French, whose link has arrived."""
    return world.order()


@pytest.fixture
def scriptless(new_context: CreateContextCallback) -> Page:
    """A phone whose browser runs no script."""
    return new_context(java_script_enabled=False).new_page()


@pytest.fixture
def other_phone(new_context: CreateContextCallback) -> Page:
    """Another device, with nothing remembered."""
    return new_context().new_page()
