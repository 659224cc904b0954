"""What is typed on the card page stands nowhere: looked for after each test, and here proven to be found."""

import base64
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Page

from app.domain.states import LinkCondition
from app.simulation.scenarios import SCENARIOS, group_card_number
from e2e.canary import CanaryWatch, cells, code_places, hiding_places
from e2e.own_server import OwnServer
from e2e.pages import CardPage, FailurePage, LinkClosedPage, SigningPage
from e2e.product import PlacedActivation, Product
from e2e.touch import touch
from e2e.walks import GOOD_CARD, submit, to_card

pytestmark = pytest.mark.own_server("looks for the card in every file of the server")

#: A code that no test data holds, and one as long as American Express has it.
CODE, LONG_CODE = "847", "8471"


def test_mistyped_card_stands_on_no_page(
    page: Page, product: Product, order: PlacedActivation, canary: CanaryWatch
) -> None:
    (amex,) = SCENARIOS["amex"].cards
    card = to_card(page, order)
    for number, expiry, code in (
        (GOOD_CARD, "01/20", CODE),
        (f"{GOOD_CARD}0", "", CODE),
        (GOOD_CARD, product.expiry(), LONG_CODE),
        (amex, product.expiry(), CODE),
    ):
        card = card.submit(number, expiry, CardPage, code)
        assert (card.typed["Card number"], card.typed["Security code"]) == ("", "")
        assert canary.find_traces() == []
    assert canary.numbers == {GOOD_CARD, f"{GOOD_CARD}0", amex}
    assert canary.codes == {CODE, LONG_CODE}


def test_card_of_a_page_that_has_closed_meanwhile_leaves_no_trace(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = SCENARIOS["wrong_card"].cards
    card = to_card(page, order)
    for _ in range(product.caps.refusals_a_day - 1):
        card = card.submit(number, product.expiry(), FailurePage, CODE).try_again()
    tab = page.context.new_page()
    tab.goto(order.link)
    late = FailurePage(tab).try_again()
    card.submit(number, product.expiry(), FailurePage, CODE)
    late.fill(number, product.expiry(), CODE)
    touch(tab.get_by_role("button", name=late.say("Continue to my bank")))
    LinkClosedPage(tab, LinkCondition.LOCKED)


def test_card_in_the_log_would_be_found(
    page: Page, product: Product, order: PlacedActivation, canary: CanaryWatch
) -> None:
    submit(page, product, order, GOOD_CARD, SigningPage)
    assert canary.find_traces() == []
    logging.getLogger("careless").debug("%s was typed", GOOD_CARD)
    assert canary.find_traces() == [f"{GOOD_CARD} was typed"]
    canary.logged.clear()


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
        assert hiding_places(own.files, GOOD_CARD) == [str(hidden)]
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
        assert code_places(own.files, CODE) == [str(hidden)]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("The code is 847.", True), ("Your client reference: 6123\u00a0847\u00a0847.", False)],
)
def test_code_in_mail_would_be_found_and_a_reference_is_none(
    tmp_path: Path, text: str, is_found: bool
) -> None:
    mail = EmailMessage()
    mail["Subject"] = "CARO"
    mail.set_content(text, cte="base64")
    (tmp_path / "mail").mkdir()
    written = tmp_path / "mail" / "1"
    written.write_bytes(mail.as_bytes())
    assert code_places([written], CODE) == [str(written)] * is_found


def test_code_in_cell_would_be_found(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "rows.db")) as connection:
        connection.execute("CREATE TABLE attempt (detail TEXT, number INTEGER)")
        connection.execute("INSERT INTO attempt VALUES ('847', 1847), ('2026-11-23T10:35:00.847', 2)")
        connection.commit()
    assert "847" in cells(tmp_path / "rows.db")
