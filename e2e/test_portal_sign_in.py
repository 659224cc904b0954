"""An accountant comes in by a link in the mailbox, and nothing is left behind after leaving."""

import pytest
from playwright.sync_api import Page, expect

from app.portal.forms import INVALID_SIGN_IN_ADDRESS
from e2e.api_models import OfficeModel
from e2e.devices import everywhere
from e2e.own_server import OwnServer
from e2e.pages import MailPage
from e2e.pages.portal import (
    ActivationListPage,
    OrderBankPage,
    ReviewPage,
    SignInLinkPage,
    SignInPage,
    UsedLinkPage,
)
from e2e.portal_walks import BANK, manage, sign_in, to_fields
from e2e.product import CODE, Product
from e2e.words import translate


@everywhere
def test_link_in_the_mailbox_leads_to_the_list(seat: Page, product: Product, office: OfficeModel) -> None:
    SignInPage.open(seat, product.product_url).ask(office.accountant)
    product.work(office)
    (mail,) = product.mailbox(office, office.accountant)
    shown = MailPage(seat, mail)
    (link,) = shown.addresses
    assert shown.addresses_in_text == [link]
    listed = shown.press("Sign in", SignInLinkPage).enter()
    expect(listed.row(CODE)).to_be_visible()
    expect(seat.get_by_role("banner")).to_contain_text(office.accountant)
    seat.goto(link)
    ActivationListPage(seat).press("Sign out", SignInPage)
    seat.goto(link)
    UsedLinkPage(seat).follow("Ask for a new link", SignInPage)


@everywhere
def test_nothing_of_the_office_is_seen_after_leaving(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    left = sign_in(seat, product, office).press("Sign out", SignInPage)
    shown = left.back(SignInPage)
    for secret in (office.name, office.accountant, CODE):
        assert secret not in shown.text
        assert secret not in seat.content()


@everywhere
def test_old_cookie_is_dead_in_any_browser(
    seat: Page, other_seat: Page, product: Product, office: OfficeModel
) -> None:
    listed = sign_in(seat, product, office)
    cookies = [dict(cookie) for cookie in seat.context.cookies()]
    other_seat.context.add_cookies(cookies)  # type: ignore[arg-type]
    address = seat.url
    other_seat.goto(address)
    ActivationListPage(other_seat)
    listed.press("Sign out", SignInPage)
    other_seat.goto(address)
    SignInPage(other_seat)


@pytest.mark.own_server("moves the clock of everybody's sessions")
def test_session_ends_after_half_an_hour_of_silence(
    seat: Page, product: Product, own: OwnServer, office: OfficeModel
) -> None:
    listed = sign_in(seat, product, office)
    own.clock.advance(minutes=29)
    listed.reload(ActivationListPage)
    own.clock.advance(minutes=31)
    listed.reload(SignInPage)


@pytest.mark.own_server("moves the clock of everybody's sessions")
def test_session_lost_in_the_order_form_leads_back_to_it_in_another_browser(
    seat: Page, other_seat: Page, product: Product, own: OwnServer, office: OfficeModel
) -> None:
    form = to_fields(manage(seat, product, office))
    holder = product.new_cardholder(office)
    own.clock.advance(minutes=31)
    asked = form.fill(holder).go_on(SignInPage)
    asked.announces("Your session has ended, so what you sent was not saved. Sign in again to continue.")
    asked.ask(office.accountant)
    product.work(office)
    link = MailPage(other_seat, product.mailbox(office, office.accountant)[-1])
    back = link.press("Sign in", SignInLinkPage).press("Sign in", OrderBankPage)
    review = back.choose(BANK).fill(holder).go_on(ReviewPage)
    review.order().announces("CARO is ordered, and the invitation is on its way.")


@everywhere
def test_what_is_no_address_is_told_at_the_field(seat: Page, product: Product, office: OfficeModel) -> None:
    asked = SignInPage.open(seat, product.product_url).ask_in_vain(office.accountant.replace("@", " "))
    asked.complains("Email address", translate(INVALID_SIGN_IN_ADDRESS))
    expect(asked.field("Email address")).to_have_value(office.accountant.replace("@", " "))
    asked.ask(office.accountant)


def test_stranger_is_answered_like_everybody_and_gets_no_mail(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    nobody = f"nobody@{office.domain}"
    SignInPage.open(seat, product.product_url).ask(nobody)
    product.work(office)
    assert product.mailbox(office, nobody) == []
