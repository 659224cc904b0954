"""An accountant does one thing for many requests: it is shown first, done once, and told row by row."""

import pytest
from playwright.sync_api import Page, expect

from e2e.api_models import OfficeModel
from e2e.devices import with_and_without_script
from e2e.own_server import OwnServer
from e2e.pages import MailPage
from e2e.pages.portal import (
    ActivationListPage,
    BulkCancelPage,
    BulkLanguagePage,
    BulkLastLookPage,
    BulkRemindPage,
    BulkResendPage,
    SignInLinkPage,
    SignInPage,
)
from e2e.portal_walks import sign_in
from e2e.product import CODE, Product

MANY = 20


@pytest.mark.parametrize("seat", ["phone", "scriptless"], indirect=True)
def test_the_invitation_is_sent_again_to_twenty(seat: Page, product: Product, office: OfficeModel) -> None:
    orders = product.order_many(office, MANY)
    review = (
        sign_in(seat, product, office).select().do_with_selected("Resend the invitations", BulkResendPage)
    )
    expect(review.row_of(orders[0].reference)).to_be_visible()
    review.confirm(MANY, BulkResendPage).tells(MANY, MANY)
    product.work(office)
    assert {len(product.mails(order)) for order in orders} == {2}


def test_all_on_a_page_are_selected_at_once(seat: Page, product: Product, office: OfficeModel) -> None:
    product.order_many(office, 3)
    listed = sign_in(seat, product, office).select_all()
    review = listed.do_with_selected("Resend the invitations", BulkResendPage)
    expect(review.button(3)).to_be_visible()


def test_three_presses_in_two_seconds_send_one_mail(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    orders = product.order_many(office, 2)
    review = (
        sign_in(seat, product, office).select().do_with_selected("Resend the invitations", BulkResendPage)
    )
    review.button(2).evaluate(
        "button => { for (let press = 0; press < 3; press += 1) button.form.submit(); }"
    )
    BulkResendPage(seat).tells(2, 2)
    product.work(office)
    assert {len(product.mails(order)) for order in orders} == {2}


@with_and_without_script
def test_going_back_and_pressing_again_does_nothing_twice(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    orders = product.order_many(office, 2)
    review = (
        sign_in(seat, product, office).select().do_with_selected("Resend the invitations", BulkResendPage)
    )
    report = review.confirm(2, BulkResendPage)
    product.work(office)
    report.back(BulkResendPage).shows(
        "This cannot be done with any of the selected requests now: below is why."
    )
    assert {len(product.mails(order)) for order in orders} == {2}


@with_and_without_script
def test_back_from_a_dossier_keeps_no_tick_on_another_row(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    first, second, third = product.order_many(office, 3)
    for days, order in enumerate((third, second, first), 1):
        product.pass_time(order, days=days)
    listed = sign_in(seat, product, office).sort_by("Since").select(first.reference)
    listed.manage(CODE)
    product.cancel(first)
    seat.go_back()
    for order in (second, third):
        expect(ActivationListPage(seat).row_of(order.reference).get_by_role("checkbox")).not_to_be_checked()


@with_and_without_script
def test_who_has_not_answered_for_two_days_is_reminded(
    seat: Page, product: Product, office: OfficeModel
) -> None:
    waiting, fresh = product.order_many(office, 2)
    product.pass_time(waiting, days=2)
    review = sign_in(seat, product, office).select().do_with_selected("Send reminders", BulkRemindPage)
    too_soon = review.say("The last email was sent less than a day ago.")
    expect(review.row_of(fresh.reference)).to_contain_text(too_soon)
    review.confirm(1, BulkRemindPage).tells(1, 1)
    product.work(office)
    assert (len(product.mails(waiting)), len(product.mails(fresh))) == (2, 1)


@with_and_without_script
def test_cancelling_many_is_confirmed_twice(seat: Page, product: Product, office: OfficeModel) -> None:
    first, second, kept = product.order_many(office, 3)
    listed = sign_in(seat, product, office).select(first.reference, second.reference)
    asked = listed.do_with_selected("Cancel the requests", BulkCancelPage).confirm(2, BulkLastLookPage)
    assert product.evidence(first).state == "invited"
    asked.confirm_again(2, BulkCancelPage).tells(2, 2)
    states = [product.evidence(order).state for order in (first, second, kept)]
    assert states == ["cancelled", "cancelled", "invited"]


def test_the_language_of_many_is_changed(seat: Page, product: Product, office: OfficeModel) -> None:
    orders = [product.order("fr", office=office) for _ in range(2)]
    review = sign_in(seat, product, office).select().do_with_selected("Change the language", BulkLanguagePage)
    seat.get_by_label(review.say("Cardholder's language")).select_option(label="Deutsch")
    review.confirm(2, BulkLanguagePage).tells(2, 2)
    assert {product.evidence(order).language for order in orders} == {"de"}


@with_and_without_script
def test_nothing_selected_is_told_above_the_list(seat: Page, product: Product, office: OfficeModel) -> None:
    product.order_many(office, 1)
    listed = sign_in(seat, product, office)
    listed.do_with_selected("Cancel the requests", ActivationListPage).announces(
        "Select at least one request first."
    )


@pytest.mark.own_server("moves the clock of everybody's sessions")
def test_a_session_lost_in_the_middle_leads_back_to_the_list(
    seat: Page, other_seat: Page, product: Product, own: OwnServer, office: OfficeModel
) -> None:
    (order,) = product.order_many(office, 1)
    review = (
        sign_in(seat, product, office).select().do_with_selected("Resend the invitations", BulkResendPage)
    )
    own.clock.advance(minutes=31)
    asked = review.confirm(1, SignInPage)
    asked.announces("Your session has ended, so what you sent was not saved. Sign in again to continue.")
    asked.ask(office.accountant)
    product.work(office)
    link = MailPage(other_seat, product.mailbox(office, office.accountant)[-1])
    back = link.press("Sign in", SignInLinkPage).press("Sign in", ActivationListPage)
    again = back.select(order.reference).do_with_selected("Resend the invitations", BulkResendPage)
    again.confirm(1, BulkResendPage).tells(1, 1)
