"""The walks that most stories of accountants begin with."""

from playwright.sync_api import Page

from e2e.api_models import OfficeModel
from e2e.pages.portal import (
    ActivationListPage,
    DossierPage,
    OrderBankPage,
    OrderPage,
    ReviewPage,
    SignInLinkPage,
)
from e2e.product import CODE, OrderedFor, PlacedActivation, Product

BANK = "Belfius"


def sign_in(page: Page, product: Product, office: OfficeModel, address: str = "") -> ActivationListPage:
    """Open a link to sign in, and press the button: the accountant, or who has this address."""
    page.goto(product.sign_in_link(office, address or office.accountant))
    return SignInLinkPage(page).enter()


def manage(page: Page, product: Product, office: OfficeModel) -> DossierPage:
    """Sign in and find the dossier."""
    return sign_in(page, product, office).manage(CODE)


def to_fields(dossier: DossierPage, bank: str = BANK) -> OrderPage:
    """Begin a new request, the bank first."""
    return dossier.follow("New CARO request", OrderBankPage).choose(bank)


def order(
    dossier: DossierPage, product: Product, office: OfficeModel, holder: OrderedFor
) -> PlacedActivation:
    """Order for a cardholder, and deliver the invitation."""
    to_fields(dossier).fill(holder).go_on(ReviewPage).order()
    return product.place_order(office, holder)
