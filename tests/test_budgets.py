"""What a page may cost: statements, transactions, bytes. Seconds are the bench's business."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import methodcaller

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.db import Database
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.failures import Failure
from app.i18n import LANGUAGES
from app.models import Attempt
from app.paths import ROOT
from app.web.extensions import Services
from tests.bench.statement_tally import StatementTally, counted
from tests.bench.weights import PageWeight, first_view
from tests.support.cardholder import CARD, SHOWN, TICKED, CardholderClient
from tests.support.doubles import FakeBank, MovableClock
from tests.support.office import ORDER

FIRST_VIEW = 11_300
#: The design system and its skins: the bytes that each may have, compressed as an operator's proxy sends it.
SHEETS = {"site": 3_400, "portal": 2_320, "bank": 900}
HEADERS = 800
READS, WRITES, TRANSACTIONS = 2, 4, 2
#: Pages on which no attempt has been made yet read the activation alone.
ONE_READ = frozenset({"welcome", "not-mine", "card"})
#: A failure page also asks whether five refusals have closed the card page, so that no button leads there.
FAILURE_READS = 3

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)
REFUSED = BankResult(TransactionStatus.REJECTED, reason="12")


@dataclass(frozen=True)
class BudgetSetup:
    """A cardholder, and what happens to the activation outside the browser."""

    cardholder: CardholderClient
    bank: FakeBank
    clock: MovableClock
    database: Database
    services: Services

    def wait_for_bank(self) -> None:
        """Reach the bank, and let its half minute pass."""
        self.cardholder.reach_bank()
        self.clock.advance(seconds=40)

    def conclude(self, result: BankResult) -> None:
        """Sign, or be refused, at the bank, and let the worker hear of it."""
        self.wait_for_bank()
        self.bank.decides(result)
        self.services.attempt_results.check_due_attempts()

    def fail(self, failure: Failure) -> None:
        """Fail, and be shown this failure."""
        self.conclude(REFUSED)
        with self.database.transaction() as session:
            session.execute(update(Attempt).values(failure=failure))

    def weigh(self, page: str, language: str) -> PageWeight:
        """Weigh a page of the wizard, or any page by its path."""
        path = page if page.startswith("/") else f"{self.cardholder.home}/{page}"
        return first_view(self.cardholder.client, f"{path}?lang={language}")


FAILURES: Mapping[str, Callable[[BudgetSetup], object]] = {
    f"result: {failure}": methodcaller("fail", failure) for failure in Failure
}

#: How each page of the wizard is reached, and under which name.
PAGES: Mapping[str, Callable[[BudgetSetup], object]] = {
    "welcome": lambda budget_setup: budget_setup.cardholder.open_link(),
    "not-mine": lambda budget_setup: budget_setup.cardholder.open_link(),
    "card": lambda budget_setup: budget_setup.cardholder.reach_card(),
    "bank": lambda budget_setup: budget_setup.cardholder.reach_bank(),
    "/3ds/return": lambda budget_setup: budget_setup.cardholder.reach_bank(),
    "result: pending": lambda budget_setup: budget_setup.wait_for_bank(),
    "result: active": lambda budget_setup: budget_setup.conclude(SIGNED),
    **FAILURES,
}


@pytest.fixture
def budget_setup(
    client: FlaskClient,
    bank: FakeBank,
    clock: MovableClock,
    database: Database,
    services: Services,
) -> BudgetSetup:
    public_id = services.orders.place_order(ORDER).public_id
    cardholder = CardholderClient(client, services.invitations.copy_link(public_id, "test"))
    return BudgetSetup(cardholder, bank, clock, services.database, services)


def spent(budget_setup: BudgetSetup, visit: Callable[[], object]) -> StatementTally:
    with counted(budget_setup.database) as tally:
        visit()
    return tally


@pytest.mark.parametrize("name", PAGES)
def test_a_first_view_is_light(budget_setup: BudgetSetup, name: str) -> None:
    PAGES[name](budget_setup)
    page = name.partition(":")[0]

    weights = {language: budget_setup.weigh(page, language) for language in LANGUAGES}
    assert [language for language, weight in weights.items() if weight.total >= FIRST_VIEW] == []
    assert [language for language, weight in weights.items() if weight.page_headers >= HEADERS] == []


def test_the_style_sheets_are_small() -> None:
    sheets = {name: ROOT / "static" / "css" / f"{name}.css" for name in SHEETS}
    weights = {name: len(gzip.compress(sheet.read_bytes(), mtime=0)) for name, sheet in sheets.items()}
    assert {name: weight for name, weight in weights.items() if weight > SHEETS[name]} == {}


def test_the_waiting_page_fits_as_well(budget_setup: BudgetSetup) -> None:
    weights: list[PageWeight] = []
    budget_setup.cardholder.reach_card()
    budget_setup.bank.during = lambda: weights.extend(
        budget_setup.weigh("bank", language) for language in LANGUAGES
    )
    budget_setup.cardholder.type_card()

    assert len(weights) == len(LANGUAGES)
    assert max(weight.total for weight in weights) < FIRST_VIEW


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_little(budget_setup: BudgetSetup, name: str) -> None:
    PAGES[name](budget_setup)
    page = name.partition(":")[0]
    path = page if page.startswith("/") else f"{budget_setup.cardholder.home}/{page}"

    tally = spent(budget_setup, lambda: budget_setup.cardholder.client.get(path))
    most = FAILURE_READS if name in FAILURES else READS
    assert len(tally.statements) <= (1 if name in ONE_READ else most)
    assert tally.transactions == 0


def test_opening_a_link_writes_nothing(budget_setup: BudgetSetup) -> None:
    tally = spent(budget_setup, lambda: budget_setup.cardholder.client.get(budget_setup.cardholder.path))

    assert (len(tally.statements), tally.transactions) == (1, 0)


def test_a_card_takes_two_short_transactions(budget_setup: BudgetSetup) -> None:
    budget_setup.cardholder.reach_card()

    tally = spent(budget_setup, lambda: budget_setup.cardholder.send("card", **CARD))
    assert len(tally.statements) <= WRITES
    assert tally.transactions == TRANSACTIONS


def test_a_card_with_a_slip_writes_nothing(budget_setup: BudgetSetup) -> None:
    budget_setup.cardholder.reach_card()

    tally = spent(budget_setup, lambda: budget_setup.cardholder.send("card", **{**CARD, "expiry": "13/29"}))
    assert len(tally.statements) <= READS
    assert tally.transactions == 0


def test_accepting_takes_one_transaction(budget_setup: BudgetSetup) -> None:
    budget_setup.cardholder.open_link()
    shown = {name: budget_setup.cardholder.value(name) for name in SHOWN}

    tally = spent(budget_setup, lambda: budget_setup.cardholder.send("welcome", **TICKED, **shown))
    assert len(tally.statements) <= WRITES
    assert tally.transactions == 1
