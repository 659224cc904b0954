"""The fixtures of the browser tests: servers, offices, and a page for each person."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_playwright import CreateContextCallback

from e2e.api_models import OfficeModel
from e2e.browser import chosen_args, kind_of, missing
from e2e.canary import CanaryWatch, hiding_places, watch_cards
from e2e.devices import DESK, SCRIPTLESS, SEATS, context_args, runs_no_script
from e2e.html_report import HtmlReport
from e2e.options import RUN, RunOptions, add_options, read_options, refuse_what_is_not_here
from e2e.own_server import OwnServer
from e2e.product import PlacedActivation, Product, own_product
from e2e.report import ScenarioReport
from e2e.words import LanguageHabits

Opener = Callable[[dict[str, Any]], Page]

#: Milliseconds: nobody waits so long, neither for a busy machine, nor for a server elsewhere and its bank.
EXPECT_TIMEOUT = 30_000


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options of the suite."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the options, and have the run reported by scenario."""
    for line in (
        "own_server(why): looks into the server, or changes it for everybody; left out on a running one",
        "chromium(why): needs what only Chromium can do; left out in other browsers",
        "terms_accepted: the conditions are accepted already, so that the link opens the card page",
        "engine(name): runs in this engine, whichever browser was chosen; left out where it is not here",
    ):
        config.addinivalue_line("markers", line)
    run = config.stash[RUN] = read_options(config)
    if not hasattr(config, "workerinput"):
        refuse_what_is_not_here(config)
    config.option.browser = [*run.browsers]
    LanguageHabits.language = run.languages[0]
    config.pluginmanager.register(ScenarioReport(config))
    if (file := config.getoption("--html-report")) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(HtmlReport(Path(file), str(run)))
    expect.set_options(timeout=EXPECT_TIMEOUT)


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is run."""
    return f"e2e: {config.stash[RUN]}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test in every language that was asked for, but for those that choose their own."""
    languages, wanted = metafunc.config.stash[RUN].languages, metafunc.fixturenames
    if len(languages) > 1 and "product" in wanted and "language" not in wanted:
        wanted.insert(0, "speech")
        metafunc.parametrize("speech", languages, indirect=True)


@pytest.fixture
def speech(request: pytest.FixtureRequest) -> Iterator[str]:
    """The language of people in this run of the test."""
    before, LanguageHabits.language = LanguageHabits.language, request.param
    yield LanguageHabits.language
    LanguageHabits.language = before


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> RunOptions:
    """What was chosen for this run."""
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def device() -> None:
    """Give the plugin no device: a test opens those of several people, and one is the device of the run."""


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_name: str, pytestconfig: pytest.Config
) -> dict[str, Any]:
    """Launch the browser that is here; without one fail where it counts, else leave the suite out."""
    headed = pytestconfig.getoption("--headed")
    found = chosen_args(browser_name, pytestconfig.getoption("--browser-channel"), headed)
    kind = kind_of(browser_name, headed)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(missing(kind), pytrace=False)
    if found is None:
        pytest.skip(f"Left out. {missing(kind)}")
    return {**browser_type_launch_args, **found}


@pytest.fixture(scope="session")
def typed_cards() -> set[str]:
    """The numbers of all cards that were typed in this process."""
    return set()


@pytest.fixture(scope="session")
def product(
    tmp_path_factory: pytest.TempPathFactory, run: RunOptions, typed_cards: set[str]
) -> Iterator[Product]:
    """The server that was named, or one of our own for all tests of this process."""
    if run.base_url:
        yield Product(run.base_url)
        return
    with own_product(tmp_path_factory.mktemp("product")) as running:
        yield running
        own = running.own
        assert own
        own.work()
        assert not [place for number in typed_cards for place in hiding_places(own.files, number)]


@pytest.fixture(scope="session")
def own(product: Product) -> OwnServer:
    """Our own server from within, for tests that are marked to need one."""
    assert product.own, "A test that looks into the server must be marked own_server."
    return product.own


@pytest.fixture
def office(product: Product) -> OfficeModel:
    """An accounting office of this test's own."""
    return product.office()


@pytest.fixture
def order(product: Product, request: pytest.FixtureRequest) -> PlacedActivation:
    """A request of this test's own, whose link has arrived."""
    return product.order(accepted=request.node.get_closest_marker("terms_accepted") is not None)


@pytest.fixture
def canary(
    product: Product, typed_cards: set[str], capsys: pytest.CaptureFixture[str]
) -> Iterator[CanaryWatch]:
    """Look for every card that this test types in all that is written, logged, shown and sent."""
    with watch_cards(product.product_url, product.own) as watch:
        yield watch
        printed = "".join(capsys.readouterr())
        typed_cards |= watch.numbers
        assert watch.find_traces(printed) == []


@pytest.fixture
def opened(new_context: CreateContextCallback, browser_name: str, canary: CanaryWatch) -> Opener:
    """Somebody's device with an empty page, in a browser that remembers nothing."""

    def open_page(device: dict[str, Any]) -> Page:
        context = new_context(**context_args(device, browser_name, LanguageHabits.language))
        canary.follow(context)
        if runs_no_script(device) and browser_name != "chromium":
            # Debian's Firefox cannot be told to run none; none arrives there, and no page has one inside.
            context.route(re.compile(r"\.js(\?|$)"), lambda route: route.abort())
        return context.new_page()

    return open_page


@pytest.fixture
def page(opened: Opener, run: RunOptions) -> Page:
    """The cardholder's phone."""
    return opened(run.device)


@pytest.fixture
def context(page: Page) -> BrowserContext:
    """The browser on it."""
    return page.context


@pytest.fixture
def scriptless(opened: Opener, run: RunOptions) -> Page:
    """A phone whose browser runs no script."""
    return opened(run.device | SCRIPTLESS)


@pytest.fixture
def other_phone(opened: Opener, run: RunOptions) -> Page:
    """Another device, with nothing remembered."""
    return opened(run.device)


@pytest.fixture
def seat(request: pytest.FixtureRequest, opened: Opener, run: RunOptions) -> Page:
    """The accountant's page: at a desk, unless the test says otherwise."""
    return opened(SEATS[getattr(request, "param", "desk")] or run.device)


@pytest.fixture
def other_seat(opened: Opener) -> Page:
    """A colleague's page, at a desk."""
    return opened(DESK)
