"""An accountant acts on a request: each step says what it brings about, and is done once."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.clock import BRUSSELS
from app.domain.states import LinkCondition, StatusLabel
from app.portal.dossiers.actions import RULES
from app.services.invitations import ActivationAction
from app.wording import LABELS, NUMBERS
from e2e.api_models import OfficeModel
from e2e.devices import with_and_without_script
from e2e.expectations import expect_address_erased
from e2e.pages import LinkClosedPage, SigningPage, SuccessPage, WelcomePage
from e2e.pages.portal import (
    ActivationSection,
    CancelRequestPage,
    CorrectAddressPage,
    DossierPage,
    EndServicePage,
    RelaunchPage,
    ReplaceLinkPage,
)
from e2e.pages.portal.actions import ActionPage
from e2e.portal_walks import manage, sign_in
from e2e.product import CODE, PlacedActivation, Product
from e2e.walks import GOOD_CARD, to_card
from e2e.words import long_date, translate

CHANGED = (
    "This request has changed since you opened the page, so nothing was done. This page now shows the "
    "request as it is."
)
TOO_OFTEN = (
    "Since the order, %(count)s invitations were sent to this address within 24 hours. You can send the next "
    "one from %(day)s at %(time)s."
)
NOT_AN_ADDRESS = "Enter one full email address, for example name@example.be."
ADDRESS = "Cardholder's email address"


@pytest.fixture
def invited(product: Product, office: OfficeModel) -> PlacedActivation:
    """A request of the accountant's own office, whose link has arrived."""
    return product.order(office=office)


@pytest.fixture
def sheet(seat: Page, product: Product, office: OfficeModel, invited: PlacedActivation) -> ActivationSection:
    """The request as the signed-in accountant manages it."""
    return manage(seat, product, office).request(invited.reference)


def expect_done(
    product: Product,
    dossier: DossierPage,
    order: PlacedActivation,
    action: ActivationAction,
    label: StatusLabel,
) -> ActivationSection:
    """Expect it to be announced, and the request to stand where it led."""
    done = RULES[action].done
    assert done is not None
    expect(dossier.page.get_by_role("status").filter(has_text=translate(done))).to_be_visible()
    product.work(order.office)
    return dossier.request(order.reference).stands(translate(LABELS[label]))


def expect_announced_effects(asked: ActionPage, action: ActivationAction) -> None:
    """Expect the page to say what follows, before anything has happened."""
    assert RULES[action].effects
    for effect in RULES[action].effects:
        expect(asked.page.get_by_role("listitem").filter(has_text=translate(effect))).to_be_visible()


def open_newest_link(phone: Page, order: PlacedActivation, product: Product) -> None:
    newest = product.evidence(order).link
    assert newest not in (None, order.link)
    phone.goto(str(newest))


@with_and_without_script
def test_invitation_is_sent_again(
    product: Product, invited: PlacedActivation, sheet: ActivationSection
) -> None:
    again = sheet.go("Resend the invitation", DossierPage)
    expect_done(product, again, invited, ActivationAction.RESEND, StatusLabel.INVITATION_SENT)
    assert [invited.link in mail.text for mail in product.mails(invited)] == [True, True]


@pytest.mark.own_server("a worker that runs would send the mail in between")
def test_resend_pressed_three_times_sends_one_mail_and_shuts_nothing(
    product: Product, invited: PlacedActivation, sheet: ActivationSection
) -> None:
    for _ in range(3):
        dossier = sheet.go("Resend the invitation", DossierPage)
        sheet = dossier.request(invited.reference)
    dossier.announces("An email to the cardholder is already waiting to be sent, so no other one is sent.")
    form = sheet.go("Correct the address", CorrectAddressPage)
    right = f"vrai.{invited.address}"
    expect_done(
        product,
        form.fill(right).do(DossierPage),
        invited,
        ActivationAction.ADDRESS,
        StatusLabel.INVITATION_SENT,
    )
    assert (len(product.mails(invited)), len(product.mailbox(invited.office, right))) == (1, 1)


def test_mistyped_address_is_corrected_on_the_day_of_three_resends(
    seat: Page, product: Product, office: OfficeModel, invited: PlacedActivation
) -> None:
    sheet = manage(seat, product, office).request(invited.reference)
    for _ in range(product.caps.sends_a_day):
        dossier = sheet.go("Resend the invitation", DossierPage)
        product.work(office)
        product.pass_time(invited, minutes=1)
        sheet = dossier.reload(DossierPage).request(invited.reference)
    left = (mail.sent_at for mail in product.evidence(invited).mails if mail.round == 2)
    opens_at = (min(at for at in left if at) + timedelta(days=1)).astimezone(BRUSSELS)
    sent, day = translate(NUMBERS[product.caps.sends_a_day]), long_date(opens_at.date())
    sheet.says(dossier.say(TOO_OFTEN, count=sent, day=day, time=f"{opens_at:%H:%M}"))
    expect(sheet.offers("Resend the invitation")).to_have_count(0)
    expect(sheet.offers("Replace the link")).to_have_count(1)
    right = f"vrai.{invited.address}"
    dossier = sheet.go("Correct the address", CorrectAddressPage).fill(right).do(DossierPage)
    expect_done(product, dossier, invited, ActivationAction.ADDRESS, StatusLabel.INVITATION_SENT)
    expect(dossier.request(invited.reference).offers("Resend the invitation")).to_have_count(1)
    assert len(product.mailbox(office, right)) == 1


@with_and_without_script
def test_corrected_address_receives_the_only_link_that_works(
    page: Page, product: Product, invited: PlacedActivation, sheet: ActivationSection
) -> None:
    form = sheet.go("Correct the address", CorrectAddressPage)
    expect_announced_effects(form, ActivationAction.ADDRESS)
    wrong = form.fill("titulaire@").do(CorrectAddressPage)
    wrong.complains(ADDRESS, wrong.say(NOT_AN_ADDRESS))
    expect(wrong.address).to_have_value("titulaire@")
    right = f"vrai.{invited.address}"
    dossier = wrong.fill(right).do(DossierPage)
    expect_done(product, dossier, invited, ActivationAction.ADDRESS, StatusLabel.INVITATION_SENT)
    assert (len(product.mails(invited)), len(product.mailbox(invited.office, right))) == (1, 1)
    page.goto(invited.link)
    LinkClosedPage(page, LinkCondition.REPLACED)
    open_newest_link(page, invited, product)
    WelcomePage(page)


def test_replaced_link_closes_the_old_one(
    page: Page, product: Product, invited: PlacedActivation, sheet: ActivationSection
) -> None:
    asked = sheet.go("Replace the link", ReplaceLinkPage)
    expect_announced_effects(asked, ActivationAction.REPLACE)
    expect_done(
        product, asked.do(DossierPage), invited, ActivationAction.REPLACE, StatusLabel.INVITATION_SENT
    )
    assert len(product.mails(invited)) == 2
    page.goto(invited.link)
    LinkClosedPage(page, LinkCondition.REPLACED)
    open_newest_link(page, invited, product)
    WelcomePage(page)


@with_and_without_script
def test_cancelled_request_is_relaunched(
    page: Page, product: Product, invited: PlacedActivation, sheet: ActivationSection
) -> None:
    asked = sheet.go("Cancel the request", CancelRequestPage)
    expect_announced_effects(asked, ActivationAction.CANCEL)
    sheet = asked.leave().request(invited.reference).stands(translate(LABELS[StatusLabel.INVITATION_SENT]))
    dossier = sheet.go("Cancel the request", CancelRequestPage).do(DossierPage)
    sheet = expect_done(product, dossier, invited, ActivationAction.CANCEL, StatusLabel.CANCELLED)
    expect_address_erased(product, invited)
    page.goto(invited.link)
    LinkClosedPage(page, LinkCondition.WITHDRAWN)
    form = sheet.go("Relaunch", RelaunchPage)
    expect_announced_effects(form, ActivationAction.RELAUNCH)
    dossier = form.fill(invited.address).do(DossierPage)
    expect_done(product, dossier, invited, ActivationAction.RELAUNCH, StatusLabel.INVITATION_SENT)
    assert len(product.mails(invited)) == 2
    open_newest_link(page, invited, product)
    WelcomePage(page)


def test_expired_request_is_relaunched(
    seat: Page, page: Page, product: Product, office: OfficeModel, invited: PlacedActivation
) -> None:
    product.age_until(invited, "link_end")
    sheet = manage(seat, product, office).request(invited.reference)
    sheet.stands(translate(LABELS[StatusLabel.EXPIRED]))
    dossier = sheet.go("Relaunch", RelaunchPage).fill(invited.address).do(DossierPage)
    expect_done(product, dossier, invited, ActivationAction.RELAUNCH, StatusLabel.INVITATION_SENT)
    page.goto(invited.link)
    LinkClosedPage(page, LinkCondition.REPLACED)


def test_active_service_is_ended(
    seat: Page, page: Page, product: Product, office: OfficeModel, invited: PlacedActivation
) -> None:
    to_card(page, invited).submit(GOOD_CARD, product.expiry(), SigningPage).sign(SuccessPage)
    sheet = manage(seat, product, office).request(invited.reference)
    asked = sheet.stands(translate(LABELS[StatusLabel.ACTIVE])).go("Stop the service", EndServicePage)
    expect_announced_effects(asked, ActivationAction.REVOKE)
    sheet = expect_done(
        product, asked.do(DossierPage), invited, ActivationAction.REVOKE, StatusLabel.CANCELLED
    )
    expect(sheet.offers("Stop the service")).to_have_count(0)
    page.goto(invited.link)
    LinkClosedPage(page, LinkCondition.STOPPED)


@with_and_without_script
def test_second_of_two_accountants_loses_nothing(
    other_seat: Page,
    product: Product,
    office: OfficeModel,
    invited: PlacedActivation,
    sheet: ActivationSection,
) -> None:
    form = sheet.go("Correct the address", CorrectAddressPage)
    colleague = sign_in(other_seat, product, office, office.colleague).manage(CODE)
    first = colleague.request(invited.reference).go("Resend the invitation", DossierPage)
    expect_done(product, first, invited, ActivationAction.RESEND, StatusLabel.INVITATION_SENT)
    right = f"vrai.{invited.address}"
    late = form.fill(right).do(CorrectAddressPage)
    late.alerts(late.say(CHANGED))
    expect(late.address).to_have_value(right)
    product.work(office)
    assert product.mailbox(office, right) == []
    expect_done(product, late.do(DossierPage), invited, ActivationAction.ADDRESS, StatusLabel.INVITATION_SENT)
    assert len(product.mailbox(office, right)) == 1


def test_ended_meanwhile_is_told_and_nothing_is_sent(
    other_seat: Page,
    product: Product,
    office: OfficeModel,
    invited: PlacedActivation,
    sheet: ActivationSection,
) -> None:
    asked = sheet.go("Replace the link", ReplaceLinkPage)
    colleague = sign_in(other_seat, product, office, office.colleague).manage(CODE)
    colleague.request(invited.reference).go("Cancel the request", CancelRequestPage).do(DossierPage)
    late = asked.do(DossierPage)
    late.alerts(late.say(CHANGED))
    late.request(invited.reference).stands(translate(LABELS[StatusLabel.CANCELLED]))
    product.work(office)
    assert len(product.mails(invited)) == 1
