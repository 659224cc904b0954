"""Two days of an office: an order for two hundred, the mail of the day, a colleague who may only read."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.domain.identifiers import group_digits_unbroken
from app.domain.news_rules import NewsChoice
from app.domain.roles import Role
from app.domain.states import StatusLabel
from app.portal.people_wording import NEWS_CHOICES, ROLE_RIGHTS
from app.wording import LABELS
from e2e.api_models import OfficeModel
from e2e.conftest import Opener
from e2e.devices import DESK
from e2e.own_server import OwnServer
from e2e.pages import MailPage
from e2e.pages.portal import (
    AccountPage,
    ActivationListPage,
    BeyondRolePage,
    BulkOrderFormPage,
    BulkOrderPage,
    DossierPage,
    InvitationPage,
    NothingHerePage,
    PeoplePage,
    SignInLinkPage,
    SignInPage,
)
from e2e.portal_walks import BANK, sign_in
from e2e.product import CLOSED_CODE, CODE, NAME, OrderedFor, Product
from e2e.words import spoken, translate
from tests.support.office_files import csv_file

MANY = 200
HEADINGS = ("Code", "Banque", "Référence client", "E-mail", "Langue")
#: The place of the cell, the field that is shown for it, what is wrong, and what is right.
FAULTS = (
    (0, "Code", "NOBODY", CODE),
    (0, "Code", CLOSED_CODE, CODE),
    (1, "Bank", "Atlantis", BANK),
    (2, "Client reference", "612", ""),
    (2, "Client reference", "61234567890", ""),
    (2, "Client reference", "612345678O", ""),
    (2, "Client reference", "5123456789", ""),
    (2, "Client reference", "6,12E+09", ""),
    (3, "Cardholder's email address", "", "right@client.example"),
    (3, "Cardholder's email address", "zoé@client.example", "right@client.example"),
    (3, "Cardholder's email address", "zoe@client,example", "right@client.example"),
    (4, "Cardholder's language", "klingon", "Deutsch"),
)
REFERENCES = [f"62{number:08}" for number in range(MANY)]
HOLDER = "holder@client.example"


def order_from_file(listed: ActivationListPage, own: OwnServer) -> str:
    """Hand in the file, correct it, order, and close the page before all is done; return its address."""
    rows = [[CODE, BANK, reference, HOLDER, "fr"] for reference in REFERENCES]
    for row, (place, _field, wrong, _right) in zip(rows, FAULTS, strict=False):
        row[place] = wrong
    form = listed.follow("Order for several dossiers", BulkOrderFormPage)
    check = form.hand_in(csv_file(*rows, headings=HEADINGS))
    check.shows("Your office has no dossier with this code.")
    for line, (_place, field, _wrong, right) in enumerate(FAULTS, 2):
        check.correct(line, field, right or REFERENCES[line - 2])
    ready = check.save()
    own.stopwatch.jump = 1
    ordered = ready.order(MANY)
    own.stopwatch.jump = 0
    expect(ordered.page.get_by_role("status")).to_contain_text(
        ordered.say("The others follow within minutes. Reload the page to see how far it is.")
    )
    address = ordered.page.url
    ordered.page.close()
    return address


def read_news(page: Page, product: Product, office: OfficeModel, reference: str) -> DossierPage:
    """Read the mail of the day and follow the link to one request, by the way of signing in again."""
    news = MailPage(page, product.mailbox(office, office.accountant)[-1])
    link = f"{CODE} – {NAME}, {group_digits_unbroken(reference)}"
    news.press(link, SignInPage).ask(office.accountant)
    product.work(office)
    mail = MailPage(page, product.mailbox(office, office.accountant)[-1])
    return mail.press("Sign in", SignInLinkPage).press("Sign in", DossierPage)


def look_around(listed: ActivationListPage, product: Product) -> None:
    """See the list and no address; ordering is not for this role, whichever page is asked for."""
    page = listed.page
    expect(listed.row_of(REFERENCES[0])).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(0)
    dossier = listed.search(REFERENCES[0]).manage(CODE)
    dossier.request(REFERENCES[0]).says(dossier.say("not shown in your role"))
    assert HOLDER not in page.content()
    expect(page.get_by_role("link", name=dossier.say("New CARO request"))).to_have_count(0)
    for address in (f"{re.sub(r'[?#].*', '', page.url)}/order", f"{product.product_url}/portal/caro/orders"):
        page.goto(address)
        BeyondRolePage(page)


@pytest.mark.own_server("moves the clock to the morning of the mail")
@pytest.mark.parametrize("seat", ["scriptless"], indirect=True)
def test_two_days_of_an_office(
    seat: Page, other_seat: Page, opened: Opener, product: Product, own: OwnServer, office: OfficeModel
) -> None:
    account = sign_in(seat, product, office).follow(office.accountant, AccountPage)
    chosen = account.choose_mails(translate(NEWS_CHOICES[NewsChoice.DAILY]))
    listed = chosen.follow("Mandates & services > CARO", ActivationListPage)
    address = order_from_file(listed, own)
    product.work(office)
    page = seat.context.new_page()
    page.goto(address)
    BulkOrderPage(page).tells(MANY, MANY)

    holder = OrderedFor(REFERENCES[-1], HOLDER, spoken())
    product.age_until(product.place_order(office, holder), "link_end")
    own.clock.advance(days=1)
    product.work(office)
    dossier = read_news(page, product, office, holder.reference)
    dossier.request(holder.reference).stands(translate(LABELS[StatusLabel.EXPIRED]))

    colleague = f"lea@{office.domain}"
    people = dossier.follow("Colleagues", PeoplePage)
    people.invite(colleague, "Léa Renard", translate(ROLE_RIGHTS[Role.READER]))
    product.work(office)
    mail = MailPage(other_seat, product.mailbox(office, colleague)[-1])
    look_around(mail.press("Accept the invitation", InvitationPage).accept(), product)

    stranger, elsewhere = opened(DESK), product.office()
    sign_in(stranger, product, elsewhere)
    for known in (address, f"{product.product_url}/portal/dossiers/{office.dossier(CODE)}"):
        answer = stranger.goto(known)
        assert answer
        assert answer.status == 404
        NothingHerePage(stranger)
        assert HOLDER not in stranger.content()
