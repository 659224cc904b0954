"""Every page that an accountant can meet, one after the other, in normal and in error state."""

from collections.abc import Iterator

from playwright.sync_api import Page

from app.simulation.scenarios import SCENARIOS
from e2e.api_models import OfficeModel
from e2e.pages import FailurePage, MailPage, SigningPage, SuccessPage
from e2e.pages.portal import (
    ActivationListPage,
    CancelRequestPage,
    CopiedLinkPage,
    CorrectAddressPage,
    DossierPage,
    EndServicePage,
    LinkSentPage,
    MessagesPage,
    NothingToOrderPage,
    OrderBankPage,
    OrderPage,
    PreviewPage,
    RelaunchPage,
    ReplaceLinkPage,
    ReviewPage,
    SignInLinkPage,
    SignInPage,
    ToolkitPage,
    UsedLinkPage,
    WarningPage,
)
from e2e.portal_walks import BANK, to_fields
from e2e.product import CLOSED_CODE, CODE, OrderedFor, PlacedActivation, Product
from e2e.walks import GOOD_CARD, to_card

#: One of each kind among the pages that can be looked at.
LOOKED_AT = (
    "/card/card",
    "/to-bank/bank",
    "/signing",
    "/pending/result",
    "/failure-wrong_card/result",
    "/link-expired/welcome",
    "/mail/invitation",
)


def portal_gallery(page: Page, phone: Page, product: Product, language: str) -> Iterator[str]:
    """Walk through all pages of an office and stop at each, named; its cardholders act on the phone."""
    office = product.office(language)
    yield from _door(page, product, office, language)
    yield from _list(ActivationListPage(page, language))
    yield from _ordering(page, product, office, language)
    yield from _managing(page, phone, product, office, language)
    yield from _ending(DossierPage(page, language), product.order(language, office=office))
    yield from _reading(page, product, language)


def _door(page: Page, product: Product, office: OfficeModel, language: str) -> Iterator[str]:
    page.goto(f"{product.product_url}/portal/sign-in?lang={language}")
    asked = SignInPage(page, language)
    yield "sign in"
    asked = asked.ask_in_vain("anne@")
    yield "sign in with an error"
    LinkSentPage(asked.ask(office.accountant).page, language)
    yield "link sent"
    product.work(office)
    (link,) = MailPage(page, product.mailbox(office, office.accountant)[-1]).addresses
    page.goto(link)
    entering = SignInLinkPage(page, language)
    yield "link to sign in"
    entering.enter()
    page.goto(link)
    yield "used link"
    UsedLinkPage(page, language).follow("Ask for a new link", ActivationListPage)


def _list(listed: ActivationListPage) -> Iterator[str]:
    yield "list"
    listed = listed.search("nothing begins like this")
    yield "list with nothing found"
    listed = (
        listed.follow("Show all dossiers", ActivationListPage)
        .manage(CODE)
        .follow(listed.heading, ActivationListPage)
    )
    listed.manage(CODE)
    yield "dossier without a request"


def _ordering(page: Page, product: Product, office: OfficeModel, language: str) -> Iterator[str]:
    dossier = DossierPage(page, language)
    dossier.follow("New CARO request", OrderBankPage)
    yield "bank"
    form = dossier.back(DossierPage).follow("New CARO request", OrderBankPage).choose("KBC")
    yield "order for an app"
    form.fill(OrderedFor("1", "titulaire@", language)).go_on(OrderPage)
    yield "order with errors"
    page.goto(f"{product.product_url}/portal/dossiers/{office.dossier(CODE)}")
    form = to_fields(DossierPage(page, language)).fill(product.new_cardholder(office, language))
    review = form.go_on(ReviewPage)
    yield from _opened(page, "last look")
    warning = review.change().follow("The email that announces the invitation, in all languages", WarningPage)
    yield "warning"
    warning.fill(BANK, "6123456789")
    yield from _opened(page, "warning that is filled in")
    page.goto(f"{product.product_url}/portal/dossiers/{office.dossier(CLOSED_CODE)}/order")
    NothingToOrderPage(page, language)
    yield "nothing to order"


def _managing(page: Page, phone: Page, product: Product, office: OfficeModel, language: str) -> Iterator[str]:
    failed, active = product.order(language, office=office), product.order(language, office=office)
    (number,) = SCENARIOS["wrong_card"].cards
    refused = to_card(phone, failed).submit(number, product.expiry(), FailurePage)
    refused.try_again().submit(number, product.expiry(), FailurePage)
    to_card(phone, active).submit(GOOD_CARD, product.expiry(), SigningPage).sign(SuccessPage)
    product.work(office)
    product.order(language, bank="kbc", office=office)
    page.goto(f"{product.product_url}/portal/caro")
    yield "list with every state"
    dossier = ActivationListPage(page, language).manage(CODE)
    yield from _opened(page, "dossier with requests")
    copied = dossier.request(failed.reference).go("Link and text for your own email", CopiedLinkPage)
    yield "copied link"
    copied.back(DossierPage).request(failed.reference).go("Resend the invitation", DossierPage)
    yield "dossier after a resend"
    dossier = DossierPage(page, language)
    dossier.request(active.reference).go("Stop the service", EndServicePage).leave()


def _ending(dossier: DossierPage, order: PlacedActivation) -> Iterator[str]:
    dossier = dossier.reload(DossierPage)
    for deed in (ReplaceLinkPage, CancelRequestPage, CorrectAddressPage):
        asked = dossier.request(order.reference).go(deed.heading, deed)
        yield deed.heading
        dossier = asked.leave()
    form = dossier.request(order.reference).go("Correct the address", CorrectAddressPage)
    wrong = form.fill("titulaire@").do(CorrectAddressPage)
    yield "an address with an error"
    cancelling = wrong.leave().request(order.reference).go("Cancel the request", CancelRequestPage)
    cancelling.do(DossierPage)
    yield "dossier after a cancellation"
    dossier = cancelling.back(DossierPage)
    yield "dossier that says what stands in the way"
    dossier.request(order.reference).go("Relaunch", RelaunchPage)
    yield "relaunch"


def _reading(page: Page, product: Product, language: str) -> Iterator[str]:
    for name, screen in (
        ("toolkit", ToolkitPage),
        ("gallery", MessagesPage),
        ("preview?bank=belfius", PreviewPage),
    ):
        page.goto(f"{product.product_url}/portal/{name}")
        screen(page, language)
        yield from _opened(page, name)
    scenes = [address for _, address in PreviewPage(page, language).scenes]
    for end in LOOKED_AT:
        (scene,) = (address for address in scenes if address.endswith(end))
        page.goto(f"{product.product_url}{scene}")
        yield f"preview of {end}"
    page.goto(f"{product.product_url}/portal/preview?reference=1&dossier=nothing")
    yield "preview with errors"
    page.goto(f"{product.product_url}/portal/dossiers/999999999")
    yield "no such dossier"


def _opened(page: Page, name: str) -> Iterator[str]:
    """Stop at a page, and once more when everything on it is unfolded."""
    yield name
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    yield f"{name}, unfolded"
