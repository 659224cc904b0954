"""A card is sent down every path and then looked for everywhere: it stands nowhere."""

import base64
import logging
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request

from app.domain.activation import LinkCondition
from app.domain.failures import Failure
from app.simulator.scenarios import SCENARIOS, SECURITY_CODE, Scenario, grouped_card
from e2e.canary import hiding_places
from e2e.pages import CardPage, FailurePage, LinkClosedPage, SigningPage, SuccessPage
from e2e.walks import GOOD_CARD, fail, submit, to_card
from e2e.world import Order, World

FAILING = [
    pytest.param(row, id=row.key)
    for row in SCENARIOS.values()
    if isinstance(row.page, Failure) and row.cards and row.key != "amex"
]
SUCCEEDING = [
    pytest.param(row, id=row.key)
    for row in SCENARIOS.values()
    if row.succeeds and row.key not in ("late_result", "no_return")
]
#: The names under which programs like to write a security code down.
CODE_NAMES = re.compile(r"cvv|cvc|csc|security_?code['\"]?\s*[:=]", re.IGNORECASE)


@dataclass
class Lookout:
    """Watches all that is written, logged, shown and sent while a card is tried."""

    world: World
    output: pytest.CaptureFixture[str]
    sent: list[str] = field(default_factory=list)

    @property
    def records(self) -> Path:
        """The file that keeps every line logged, however unimportant."""
        return self.world.folder / "records.log"

    def remember(self, request: Request) -> None:
        """Keep what the browser sends, but the one form that has to hold the card."""
        the_form = request.method == "POST" and request.url.endswith("/card")
        self.sent.append(request.url + ("" if the_form else request.post_data or ""))

    def finds_nothing(self, page: Page, number: str) -> None:
        """Expect number and security code nowhere."""
        self.world.work()
        printed = "".join(self.output.readouterr())
        assert not hiding_places(self.world, number, page.content(), printed, *self.sent)
        for database in ("caro.db", "bank.db"):
            assert SECURITY_CODE not in cells(self.world.folder / database)
        assert not CODE_NAMES.search(self.records.read_text() + printed)


@pytest.fixture
def lookout(page: Page, world: World, capsys: pytest.CaptureFixture[str]) -> Iterator[Lookout]:
    """Watch from the first page on, with the records at their most talkative."""
    watching, root = Lookout(world, capsys), logging.getLogger()
    keeper, level = logging.FileHandler(watching.records), root.level
    page.on("request", watching.remember)
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    yield watching
    root.setLevel(level)
    root.removeHandler(keeper)
    keeper.close()


def cells(database: Path) -> set[str]:
    """Return every text that a database holds."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        rows = [row for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')]
    return {str(cell) for row in rows for cell in row if isinstance(cell, str)}


@pytest.mark.parametrize("row", FAILING)
def test_failing_card_leaves_no_trace(
    row: Scenario, page: Page, world: World, order: Order, lookout: Lookout
) -> None:
    shown = fail(to_card(page, order), world, row, row.cards[0])
    lookout.finds_nothing(shown.page, row.cards[0])


@pytest.mark.parametrize("row", SUCCEEDING)
def test_active_card_leaves_no_trace(
    row: Scenario, page: Page, world: World, order: Order, lookout: Lookout
) -> None:
    shown = submit(page, world, order, row.cards[0], SigningPage).sign(SuccessPage)
    lookout.finds_nothing(shown.page, row.cards[0])


def test_mistyped_card_leaves_no_trace(page: Page, world: World, order: Order, lookout: Lookout) -> None:
    card = to_card(page, order)
    for number, expiry, code in ((GOOD_CARD, "01/20", "12"), (f"{GOOD_CARD}0", "", SECURITY_CODE)):
        card = card.submit(number, expiry, CardPage, code)
        assert (card.typed["Card number"], card.typed["Security code"]) == ("", "")
        lookout.finds_nothing(page, number)


def test_locked_out_card_leaves_no_trace(page: Page, world: World, order: Order, lookout: Lookout) -> None:
    (number,) = SCENARIOS["wrong_card"].cards
    card = to_card(page, order)
    for _ in range(4):
        card = card.submit(number, world.expiry(), FailurePage).try_again()
    tab = page.context.new_page()
    tab.goto(order.link)
    late = CardPage(tab)
    card.submit(number, world.expiry(), FailurePage)
    late.fill(number, world.expiry())
    tab.get_by_role("button", name=late.say("Continue to my bank")).tap()
    LinkClosedPage(tab, LinkCondition.LOCKED)
    lookout.finds_nothing(tab, number)


@pytest.mark.parametrize(
    "spell",
    [
        str,
        grouped_card,
        lambda number: number[::-1],
        lambda number: number.encode().hex(),
        lambda number: base64.b64encode(f"card={number};".encode()).decode(),
    ],
    ids=["raw", "spaced", "reversed", "hex", "base64"],
)
def test_hidden_number_would_be_found(spell: Callable[[str], str], world: World) -> None:
    hidden = world.folder / "hidden.txt"
    hidden.write_text(f"before {spell(GOOD_CARD)} after")
    try:
        assert hiding_places(world, GOOD_CARD) == [str(hidden)]
    finally:
        hidden.unlink()
