"""An accountant orders: the dossier is found, the bank comes first, nothing that was typed is lost."""

from playwright.sync_api import Page, expect

from app.domain.banks import BANKS
from app.domain.order_rules import OrderProblem
from app.domain.states import StatusLabel
from app.i18n import LANGUAGES
from app.wording import LABELS, ORDER_PROBLEMS
from e2e.api_models import OfficeModel
from e2e.devices import everywhere, with_and_without_script
from e2e.pages import MailPage, WelcomePage
from e2e.pages.portal import (
    AnnouncementPage,
    DossierPage,
    NothingToOrderPage,
    OrderBankPage,
    OrderPage,
    ReviewPage,
)
from e2e.portal_walks import BANK, manage, sign_in, to_fields
from e2e.product import CLOSED_CODE, CODE, OrderedFor, Product
from e2e.touch import touch
from e2e.words import say, searchable, translate

ASKED = "Activate CARO for %(office)s (reference %(reference)s)"
#: A reference that begins with neither 6 nor 7, and half an address.
WRONG = OrderedFor("5123456789", "titulaire@", "nl")


@everywhere
def test_order_is_placed_and_its_mail_arrives(seat: Page, product: Product, office: OfficeModel) -> None:
    holder = product.new_cardholder(office)
    listed = sign_in(seat, product, office).search("brasserie de l'etoile")
    expect(listed.row(CLOSED_CODE)).to_have_count(0)
    form = to_fields(listed.manage(CODE)).fill(holder)
    review = form.go_on(ReviewPage)
    expect_last_look(review, office, holder)
    assert product.mailbox(office, holder.address) == []
    dossier = review.order()
    dossier.announces("CARO is ordered, and the invitation is on its way.")
    placed = product.place_order(office, holder)
    assert seat.url.endswith(f"#request-{placed.public_id}")
    sheet = dossier.request(holder.reference).stands(translate(LABELS[StatusLabel.INVITATION_SENT]))
    expect(sheet.region).to_be_in_viewport()
    (mail,) = product.mails(placed)
    asked = say(ASKED, office=office.name, reference=holder.grouped_reference)
    assert mail.subject == searchable(asked)
    assert mail.headers["Reply-To"] == office.accountant
    assert placed.link in MailPage(seat, mail).addresses
    seat.goto(placed.link)
    WelcomePage(seat)


def expect_last_look(review: ReviewPage, office: OfficeModel, holder: OrderedFor) -> None:
    """Expect everything that was typed, the mail that will leave, and the mail that warns of it."""
    for detail in (BANK, holder.grouped_reference, holder.address, office.accountant):
        expect(review.page.get_by_role("main")).to_contain_text(detail)
    expect(review.invitation).to_contain_text(
        review.say(ASKED, office=office.name, reference=holder.grouped_reference)
    )
    expect(review.invitation).to_contain_text(holder.address)
    warned = review.announcement
    assert holder.grouped_reference in warned.replace("\N{NO-BREAK SPACE}", " ")
    assert "/a/" not in warned


@everywhere
def test_wrong_fields_are_told_and_nothing_typed_is_lost(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    form = to_fields(manage(seat, product, office)).fill(WRONG).go_on(OrderPage)
    form.complains("Client reference", translate(ORDER_PROBLEMS[OrderProblem.BAD_REFERENCE]))
    form.complains("Cardholder's email address", translate(ORDER_PROBLEMS[OrderProblem.BAD_ADDRESS]))
    expect(form.reference).to_have_value(WRONG.reference)
    expect(form.address).to_have_value(WRONG.address)
    holder = product.new_cardholder(office, "nl")
    expect(seat.get_by_role("radio", name="Nederlands", exact=True)).to_be_checked()
    form.reference.fill(holder.reference)
    form.address.fill(holder.address)
    again = form.go_on(ReviewPage).change()
    expect(again.address).to_have_value(holder.address)
    again.go_on(ReviewPage).order()
    assert [mail.language for mail in product.mails(product.place_order(office, holder))] == ["nl"]


def test_card_number_typed_as_reference_is_not_shown_again(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    typed = OrderedFor("4000 0243 2959 6391", "titulaire@client.example", "fr")
    form = to_fields(manage(seat, product, office)).fill(typed).go_on(OrderPage)
    expect(form.reference).to_have_value("")
    expect(form.address).to_have_value(typed.address)
    assert typed.reference not in seat.content()


def test_without_a_bank_nothing_goes_on(seat: Page, product: Product, office: OfficeModel) -> None:
    asked = manage(seat, product, office).follow("New CARO request", OrderBankPage)
    expect(seat.get_by_role("radio")).to_have_count(len(BANKS))
    touch(seat.get_by_role("button", name=asked.say("Continue"), exact=True))
    OrderBankPage(seat)


def test_same_reference_leads_to_the_request_that_exists(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    first = product.order(office=office)
    form = to_fields(manage(seat, product, office)).fill(first).go_on(OrderPage)
    form.complains("Client reference", translate(ORDER_PROBLEMS[OrderProblem.ALREADY_ORDERED]))
    expect(form.address).to_have_value(first.address)
    dossier = form.follow("Open the existing request", DossierPage)
    dossier.request(first.reference).stands(translate(LABELS[StatusLabel.INVITATION_SENT]))
    assert len(product.mails(first)) == 1


def test_dossier_without_mandate_says_why_it_cannot_order(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    listed = sign_in(seat, product, office)
    expect(listed.row(CLOSED_CODE)).to_contain_text(listed.say("No active CODA mandate"))
    expect(listed.row(CLOSED_CODE).get_by_role("link")).to_have_count(0)
    seat.goto(f"{product.product_url}/portal/dossiers/{office.dossier(CLOSED_CODE)}/order")
    NothingToOrderPage(seat)


@with_and_without_script
def test_order_pressed_twice_is_placed_once(seat: Page, product: Product, office: OfficeModel) -> None:
    holder = product.new_cardholder(office)
    review = to_fields(manage(seat, product, office)).fill(holder).go_on(ReviewPage)
    seat.get_by_role("button", name=review.say("Order"), exact=True).dblclick()
    DossierPage(seat).request(holder.reference)
    assert len(product.mails(product.place_order(office, holder))) == 1


@everywhere
def test_announcement_is_written_in_the_words_of_the_cardholder(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    form = to_fields(manage(seat, product, office))
    announcement = form.follow("The email that announces the invitation, in all languages", AnnouncementPage)
    filled = announcement.fill(BANK, "6123456789")
    assert "6123 456 789" in searchable(filled.written_in(filled.language))
    other = next(name for key, name in LANGUAGES.items() if key != filled.language)
    touch(seat.get_by_text(other, exact=True).last)
    expect(seat.get_by_role("textbox", name=filled.say("Text"), exact=True)).to_have_count(2)
