"""A colleague who may only read comes in by invitation, sees no address, and orders nothing."""

import re

from playwright.sync_api import Page, expect

from app.domain.roles import Role
from app.portal.people_wording import ROLE_RIGHTS
from e2e.api_models import OfficeModel
from e2e.pages import MailPage
from e2e.pages.portal import BeyondRolePage, InvitationPage, NothingHerePage, PeoplePage
from e2e.portal_walks import sign_in
from e2e.product import CODE, Product
from e2e.words import said


def test_invited_reader_sees_the_list_and_no_address_and_cannot_order(
    seat: Page, other_seat: Page, product: Product, office: OfficeModel
) -> None:
    placed = product.order(office=office)
    address = f"lea@{office.domain}"
    sign_in(seat, product, office).follow("Colleagues", PeoplePage).invite(
        address, "Léa Renard", said(ROLE_RIGHTS[Role.READER])
    )
    product.work(office)
    mail = MailPage(other_seat, product.mailbox(office, address)[-1])

    listed = mail.press("Accept the invitation", InvitationPage).accept()
    expect(listed.row(CODE)).to_be_visible()
    expect(other_seat.get_by_role("checkbox")).to_have_count(0)
    dossier = listed.manage(CODE)
    dossier.request(placed.reference).says(dossier.say("not shown in your role"))
    assert placed.address not in other_seat.content()
    expect(other_seat.get_by_role("link", name=dossier.say("New CARO request"))).to_have_count(0)
    other_seat.goto(f"{re.sub(r'[?#].*', '', other_seat.url)}/order")
    BeyondRolePage(other_seat)


def test_colleague_of_another_office_gets_nothing(
    seat: Page, other_seat: Page, product: Product, office: OfficeModel
) -> None:
    placed = product.order(office=office)
    sign_in(seat, product, office).manage(CODE)
    address, elsewhere = seat.url, product.office()
    sign_in(other_seat, product, elsewhere, elsewhere.accountant)

    other_seat.goto(address)
    NothingHerePage(other_seat)
    assert placed.address not in other_seat.content()
