"""How the browser tests start their browser and their world."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_playwright import CreateContextCallback

from e2e.browser import FLAGS, NO_BROWSER, find_browser
from e2e.offices import Office
from e2e.seats import DESK, SEATS
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


@pytest.fixture
def office(world: World) -> Office:
    """An accounting office of this test's own."""
    return world.office()


@pytest.fixture
def seat(
    request: pytest.FixtureRequest, browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[Page]:
    """Where the accountant sits: at a desk, unless the test says otherwise."""
    with browser.new_context(**browser_context_args | SEATS[getattr(request, "param", "desk")]) as sat:
        yield sat.new_page()


@pytest.fixture
def other_seat(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """The desk of a colleague."""
    with browser.new_context(**browser_context_args | DESK) as sat:
        yield sat.new_page()
