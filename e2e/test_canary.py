"""A card is sent down every path and then looked for everywhere: it stands nowhere."""

import base64
import logging
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Page, Request

from app.domain.states import ActivationState, LinkCondition
from app.simulation.scenarios import SCENARIOS, SECURITY_CODE, ReturnFault, Scenario, group_card_number
from e2e.api_models import MailModel
from e2e.canary import cells, code_places, hiding_places, marked_code
from e2e.own_server import OwnServer
from e2e.pages import (
    BankEndingPage,
    CardPage,
    FailurePage,
    LinkClosedPage,
    PendingPage,
    SigningPage,
    SuccessPage,
)
from e2e.pages.base_page import BasePage
from e2e.product import PlacedActivation, Product
from e2e.touch import touch
from e2e.walks import GOOD_CARD, fail, fails_with_card, submit, to_card

pytestmark = pytest.mark.own_server("looks for the card in every file of the server")

FAILING = [pytest.param(row, id=row.key) for row in SCENARIOS.values() if fails_with_card(row)]
SUCCEEDING = [pytest.param(row, id=row.key) for row in SCENARIOS.values() if row.succeeds]
#: Where the browser stands after a signature, but for the page that says active.
ENDINGS: Mapping[ReturnFault | None, type[BasePage]] = {
    ReturnFault.LATE_RESULT: PendingPage,
    ReturnFault.NO_RETURN: BankEndingPage,
}
#: The names under which programs like to write a security code down.
CODE_NAMES = re.compile(r"cvv|cvc|csc|security_?code['\"]?\s*[:=]", re.IGNORECASE)


@dataclass
class CanaryWatch:
    """Watches all that is written, logged, shown and sent while a card is tried."""

    product: Product
    own: OwnServer
    output: pytest.CaptureFixture[str]
    sent: list[str] = field(default_factory=list)

    @property
    def records(self) -> Path:
        """The file that keeps every line logged, however unimportant."""
        return self.own.folder / "records.log"

    def remember(self, request: Request) -> None:
        """Keep what the browser sends, but the one form that has to hold the card."""
        the_form = request.method == "POST" and request.url.endswith("/card")
        self.sent.append(request.url + ("" if the_form else request.post_data or ""))

    def finds_nothing(self, page: Page, order: PlacedActivation, number: str, code: str) -> None:
        """Expect number and security code nowhere, as it stands and once the worker has cleaned up."""
        for _ in ("as it stands", "after the worker"):
            printed = "".join(self.output.readouterr())
            seen = (page.content(), printed, *self.sent)
            assert not hiding_places(self.own, number, *seen)
            assert not code_places(self.own, code, self.product.mails(order), *seen)
            assert not CODE_NAMES.search(self.records.read_text() + printed)
            self.own.work()


@pytest.fixture
def lookout(
    page: Page, product: Product, own: OwnServer, capsys: pytest.CaptureFixture[str]
) -> Iterator[CanaryWatch]:
    """Watch from the first page on, with the records at their most talkative."""
    watching, root = CanaryWatch(product, own, capsys), logging.getLogger()
    keeper, level = logging.FileHandler(watching.records), root.level
    page.on("request", watching.remember)
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    yield watching
    root.setLevel(level)
    root.removeHandler(keeper)
    keeper.close()


@pytest.mark.parametrize("row", FAILING)
def test_failing_card_leaves_no_trace(
    row: Scenario, page: Page, product: Product, order: PlacedActivation, lookout: CanaryWatch
) -> None:
    number = row.cards[0] if row.cards else GOOD_CARD
    code = marked_code(number)
    shown = fail(to_card(page, order), product, row, number, code)
    lookout.finds_nothing(shown.page, order, number, code)


@pytest.mark.parametrize("row", SUCCEEDING)
def test_active_card_leaves_no_trace(
    row: Scenario, page: Page, product: Product, order: PlacedActivation, lookout: CanaryWatch
) -> None:
    # Only the code that every test card shares leads to a success.
    number = row.cards[0]
    ending = ENDINGS.get(row.quirk, SuccessPage)
    submit(page, product, order, number, SigningPage).sign(ending)
    lookout.finds_nothing(page, order, number, SECURITY_CODE)
    product.pass_time(order, minutes=1)
    assert product.evidence(order).state is ActivationState.ACTIVE
    lookout.finds_nothing(page, order, number, SECURITY_CODE)


def test_signed_wrong_code_leaves_no_trace(
    page: Page, product: Product, order: PlacedActivation, lookout: CanaryWatch
) -> None:
    code = marked_code(GOOD_CARD)
    shown = submit(page, product, order, GOOD_CARD, SigningPage, code).sign(FailurePage)
    lookout.finds_nothing(shown.page, order, GOOD_CARD, code)


def test_mistyped_card_leaves_no_trace(
    page: Page, product: Product, order: PlacedActivation, lookout: CanaryWatch
) -> None:
    (amex,) = SCENARIOS["amex"].cards
    card = to_card(page, order)
    for number, expiry, code in (
        (GOOD_CARD, "01/20", marked_code(GOOD_CARD)),
        (f"{GOOD_CARD}0", "", marked_code(GOOD_CARD)),
        (GOOD_CARD, product.expiry(), marked_code(amex)),
        (amex, product.expiry(), marked_code(GOOD_CARD)),
    ):
        card = card.submit(number, expiry, CardPage, code)
        assert (card.typed["Card number"], card.typed["Security code"]) == ("", "")
        lookout.finds_nothing(page, order, number, code)


def test_locked_out_card_leaves_no_trace(
    page: Page, product: Product, order: PlacedActivation, lookout: CanaryWatch
) -> None:
    (number,) = SCENARIOS["wrong_card"].cards
    code = marked_code(number)
    card = to_card(page, order)
    for _ in range(product.caps.refusals_a_day - 1):
        card = card.submit(number, product.expiry(), FailurePage, code).try_again()
    tab = page.context.new_page()
    tab.goto(order.link)
    late = FailurePage(tab).try_again()
    card.submit(number, product.expiry(), FailurePage, code)
    late.fill(number, product.expiry(), code)
    touch(tab.get_by_role("button", name=late.say("Continue to my bank")))
    LinkClosedPage(tab, LinkCondition.LOCKED)
    lookout.finds_nothing(tab, order, number, code)


@pytest.mark.parametrize(
    "spell",
    [
        str,
        group_card_number,
        lambda number: number[::-1],
        lambda number: number.encode().hex(),
        lambda number: base64.b64encode(f"card={number};".encode()).decode(),
    ],
    ids=["raw", "spaced", "reversed", "hex", "base64"],
)
def test_hidden_number_would_be_found(spell: Callable[[str], str], own: OwnServer) -> None:
    hidden = own.folder / "hidden.txt"
    hidden.write_text(f"before {spell(GOOD_CARD)} after")
    try:
        assert hiding_places(own, GOOD_CARD) == [str(hidden)]
    finally:
        hidden.unlink()


@pytest.mark.parametrize(
    "leak",
    ['{"event": "refused", "code": "847"}', "Card(code='847')", '<input value="847">', "number=4&code=847"],
    ids=["json", "repr", "markup", "form"],
)
def test_hidden_code_would_be_found(leak: str, own: OwnServer) -> None:
    with TemporaryDirectory() as folder:
        hidden = Path(folder) / "hidden.txt"
        hidden.write_text(f"before {leak}\n")
        assert hidden.is_relative_to(own.folder)
        assert code_places(own, "847", ()) == [str(hidden)]


def test_code_in_mail_would_be_found(own: OwnServer) -> None:
    mail = MailModel(to="", subject="CARO", language="en", headers={}, text="The code is 847.", html="")
    assert code_places(own, "847", [mail]) == ["CARO"]


def test_code_in_cell_would_be_found(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "rows.db")) as connection:
        connection.execute("CREATE TABLE attempt (detail TEXT, number INTEGER)")
        connection.execute("INSERT INTO attempt VALUES ('847', 1847), ('2026-11-23T10:35:00.847', 2)")
        connection.commit()
    assert "847" in cells(tmp_path / "rows.db")
