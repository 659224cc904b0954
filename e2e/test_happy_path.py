"""A cardholder reads the mail and has the service active two minutes later."""

from playwright.sync_api import Page

from app.domain.activation import State
from app.domain.labels import Label
from e2e.pages import SigningPage, SuccessPage, WelcomePage
from e2e.world import Order, World

GOOD_CARD = "4000024329596391"


def test_french_phone_from_mail_to_active(page: Page, world: World, order: Order) -> None:
    card = WelcomePage.open(page, order).accept(order)
    signing = card.submit(GOOD_CARD, world.expiry(), SigningPage)
    signing.sign(SuccessPage)
    evidence = world.evidence(order)
    assert evidence.state is State.ACTIVE
    assert evidence.label is Label.ACTIVE
