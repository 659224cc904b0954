"""The walks that most stories of accountants begin with."""

from playwright.sync_api import Page

from e2e.api_models import OfficeModel
from e2e.pages import MailPage
from e2e.pages.portal import (
    ActivationListPage,
    DossierPage,
    OrderBankPage,
    OrderPage,
    ReviewPage,
    SignInLinkPage,
    SignInPage,
)
from e2e.product import CODE, OrderedFor, PlacedActivation, Product

BANK = "Belfius"


def sign_in(page: Page, product: Product, office: OfficeModel, address: str = "") -> ActivationListPage:
    """Ask for a link, open the mail, press the button: the accountant, or who has this address."""
    address = address or office.accountant
    SignInPage.open(page, product.product_url).ask(address)
    product.work(office)
    return MailPage(page, product.mailbox(office, address)[-1]).press("Sign in", SignInLinkPage).enter()


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
