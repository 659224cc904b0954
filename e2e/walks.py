"""The walks that most stories begin with, and the way to every ending at the bank."""

from collections.abc import Callable, Mapping

from playwright.sync_api import Page

from app.domain.cards import CardBrand, brand_of
from app.domain.failures import Failure
from app.simulation.scenarios import SECURITY_CODE, BankPageRoute, Scenario
from e2e.pages import BankEndingPage, CardPage, FailurePage, HandoffPage, SigningPage, WelcomePage
from e2e.pages.base_page import Next
from e2e.product import PlacedActivation, Product

GOOD_CARD = "4000024329596391"
GOOD_MASTERCARD = "5399999999999999"


def code_of(number: str) -> str:
    """Return a security code as long as this card's brand has it; American Express has four digits.

    It is no number that stands anywhere else, so that it can be looked for.
    """
    return f"{SECURITY_CODE}8" if brand_of(number) is CardBrand.AMEX else SECURITY_CODE


def to_card(page: Page, order: PlacedActivation) -> CardPage:
    """Open the link, confirm and accept; where that is done already, the link opens the card page."""
    if order.accepted:
        return CardPage.open(page, order)
    return WelcomePage.open(page, order).accept(order)


def submit(
    page: Page,
    product: Product,
    order: PlacedActivation,
    number: str,
    then: type[Next],
    code: str = SECURITY_CODE,
) -> Next:
    """Walk to the card page and send this card to the bank."""
    return to_card(page, order).submit(number, product.expiry(), then, code)


def to_bank(page: Page, product: Product, order: PlacedActivation, number: str = GOOD_CARD) -> SigningPage:
    """Walk as far as the bank's signing page."""
    return submit(page, product, order, number, SigningPage)


def go_to_bank(card: CardPage, product: Product, number: str, *, scripted: bool) -> SigningPage:
    """Submit a card and arrive at the bank; without script the step between has a button to press."""
    if scripted:
        return card.submit(number, product.expiry(), SigningPage)
    return card.submit(number, product.expiry(), HandoffPage).press("Go to my bank", SigningPage)


def sign_and_return(signing: SigningPage, then: type[Next], *, scripted: bool) -> Next:
    """Sign and come back; without script the bank's last page has a button to press."""
    if scripted:
        return signing.sign_on_page(then)
    return signing.sign_on_page(BankEndingPage).says("You have signed").go_back(then)


def is_refused_on_page(row: Scenario) -> bool:
    """Tell whether the bank itself says no, on a page that does not go on by itself."""
    return (
        row.route is BankPageRoute.SIGN
        and not row.succeeds
        and row.verification is None
        and row.quirk is None
    )


def sign(signing: SigningPage, row: Scenario, then: type[Next]) -> Next:
    """Sign as this row of the table wants it; a refusing bank says so first."""
    if is_refused_on_page(row):
        return signing.sign(BankEndingPage).go_back(then)
    return signing.sign(then)


def fails_with_card(row: Scenario) -> bool:
    """Tell whether a card and a way through the bank's pages are enough to reach this failure."""
    by_any_card = row.route in (BankPageRoute.WRONG_RESPONSES, BankPageRoute.CANCEL)
    return isinstance(row.page, Failure) and (by_any_card or bool(row.cards))


def fail(card: CardPage, product: Product, row: Scenario, number: str, code: str = "") -> FailurePage:
    """Try a card that fails, by whatever way its row of the table says."""
    expiry, code = product.expiry(), code or code_of(number)
    if not row.is_challenged:
        return card.submit(number, expiry, FailurePage, code)
    signing = card.submit(number, expiry, SigningPage, code)
    return _WAYS[row.route](signing, row)


def _sign(signing: SigningPage, row: Scenario) -> FailurePage:
    return sign(signing, row, FailurePage)


def _block_pin(signing: SigningPage, _row: Scenario) -> FailurePage:
    ending = signing.block_pin()
    return ending.says("Your signature was refused").go_back(FailurePage)


def _cancel(signing: SigningPage, _row: Scenario) -> FailurePage:
    return signing.cancel(FailurePage)


_WAYS: Mapping[BankPageRoute, Callable[[SigningPage, Scenario], FailurePage]] = {
    BankPageRoute.SIGN: _sign,
    BankPageRoute.WRONG_RESPONSES: _block_pin,
    BankPageRoute.CANCEL: _cancel,
}
