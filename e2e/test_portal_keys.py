"""An accountant who uses the keyboard alone reaches everything, and sees where the focus is."""

from playwright.sync_api import Page, expect

from e2e.api_models import OfficeModel
from e2e.keys import expect_every_action_is_reached, tab_to, write
from e2e.pages.portal import CopiedLinkPage, DossierPage, OrderBankPage, OrderPage, ReviewPage
from e2e.portal_walks import BANK, manage, sign_in
from e2e.product import CODE, Product


def open_with(seat: Page, role: str, name: str) -> None:
    """Go to a link or button with the Tab key, and press it with Enter."""
    assert role in ("link", "button")
    tab_to(seat, seat.get_by_role(role, name=name, exact=True).first)  # type: ignore[arg-type]
    seat.keyboard.press("Enter")


def test_order_is_placed_by_keyboard_alone(seat: Page, product: Product, office: OfficeModel) -> None:
    holder = product.new_cardholder(office)
    listed = sign_in(seat, product, office)
    seat.keyboard.press("Tab")
    expect(seat.get_by_role("link", name=listed.say("Skip to main content"))).to_be_focused()
    write(seat, seat.get_by_role("searchbox"), "brasserie")
    seat.keyboard.press("Enter")
    expect(seat.get_by_role("row")).to_have_count(2)
    open_with(seat, "link", listed.say("Manage %(dossier)s", dossier=CODE))
    open_with(seat, "link", DossierPage(seat).say("New CARO request"))
    asked = OrderBankPage(seat)
    tab_to(seat, seat.get_by_role("radio").first)
    seat.keyboard.press("Space")
    banks = [one.get_attribute("value") for one in seat.get_by_role("radio").all()]
    for _ in range(banks.index(BANK.lower())):
        seat.keyboard.press("ArrowDown")
    expect(seat.get_by_role("radio", name=BANK, exact=True)).to_be_checked()
    open_with(seat, "button", asked.say("Continue"))
    form = OrderPage(seat)
    write(seat, form.reference, holder.reference)
    write(seat, form.address, holder.address)
    seat.keyboard.press("Enter")
    open_with(seat, "button", ReviewPage(seat).say("Order"))
    DossierPage(seat).request(holder.reference)
    assert len(product.mails(product.place_order(office, holder))) == 1


def test_error_summary_takes_the_focus(seat: Page, product: Product, office: OfficeModel) -> None:
    form = manage(seat, product, office).follow("New CARO request", OrderBankPage).choose(BANK)
    form.go_on(OrderPage)
    expect(seat.get_by_role("alert")).to_be_focused()
    expect(seat.get_by_role("alert").get_by_role("link")).to_have_count(2)


def test_tab_key_reaches_every_action(seat: Page, product: Product, office: OfficeModel) -> None:
    placed = product.order(office=office)
    product.order(bank="kbc", office=office)
    sign_in(seat, product, office)
    expect_every_action_is_reached(seat)
    own = f"dossiers/{office.dossier(CODE)}"
    rooms = (own, f"{own}/order?bank=belfius", f"requests/{placed.public_id}/address", "toolkit", "gallery")
    for room in (*rooms, "preview"):
        seat.goto(f"{product.product_url}/portal/{room}")
        expect_every_action_is_reached(seat)


def test_copied_link_is_reached_by_keyboard(seat: Page, product: Product, office: OfficeModel) -> None:
    placed = product.order(office=office)
    sheet = manage(seat, product, office).request(placed.reference)
    tab_to(seat, sheet.offers("Link and text for your own email"))
    seat.keyboard.press("Enter")
    copied = CopiedLinkPage(seat)
    tab_to(seat, copied.field("Activation link"))
    tab_to(seat, seat.get_by_role("button", name=copied.say("Copy the text"), exact=True))
