"""The card form is empty whenever it is shown again, and whoever is typing is not disturbed."""

import pytest
from playwright.sync_api import Page, Route, expect

from app.simulation.scenarios import SCENARIOS
from e2e.pages import CardPage, FailurePage, SigningPage
from e2e.product import PlacedActivation, Product
from e2e.walks import GOOD_CARD, submit, to_card

pytestmark = pytest.mark.terms_accepted

(WRONG_CARD,) = SCENARIOS["wrong_card"].cards
MISTYPED = "4242424242424241"
EMPTY = {"Card number": "", "Expiry date": "", "Security code": ""}

#: Safari fills the fields in again, over https, before any script of the page runs.
FILLS_IN_AGAIN = """if (performance.getEntriesByType("navigation")[0].type === "back_forward") {
  document.addEventListener("readystatechange", () => {
    for (const field of document.querySelectorAll("main form [type=text]")) field.value = "123";
    window.filledInAgain = true;
  }, {once: true});
}"""
KEPT_WHOLE = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
#: What the button says before, after each of two clicks, and once a kept page is shown again.
PRESSED_TWICE_THEN_BACK = f"""() => {{
  const button = document.querySelector("main form button.main");
  const seen = () => [button.textContent, button.getAttribute("aria-disabled")];
  const press = () => (button.click(), seen());
  return [seen(), press(), press(), ({KEPT_WHOLE}, seen())];
}}"""


def test_back_finds_an_empty_form_though_the_browser_has_filled_it_in(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    page.add_init_script(FILLS_IN_AGAIN)
    shown = submit(page, product, order, WRONG_CARD, FailurePage).back(CardPage).wait_for_scripts()
    assert page.evaluate("window.filledInAgain")
    assert shown.typed == EMPTY


def test_back_without_script_finds_an_empty_form(
    scriptless: Page, product: Product, order: PlacedActivation
) -> None:
    assert submit(scriptless, product, order, WRONG_CARD, FailurePage).back(CardPage).typed == EMPTY


def test_button_says_that_the_bank_is_asked_and_rests_again_after_back(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    card = to_card(page, order).wait_for_scripts().fill(GOOD_CARD, product.expiry())
    idle, busy = card.say("Continue to my bank"), card.say("We are contacting your bank")
    assert page.evaluate(PRESSED_TWICE_THEN_BACK) == [
        [idle, None],
        [busy, "true"],
        [busy, "true"],
        [idle, None],
    ]
    SigningPage(page)
    assert len(product.evidence(order).attempts) == 1


def test_page_that_the_browser_has_kept_shows_what_the_server_sent(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    card = to_card(page, order).submit(MISTYPED, product.expiry(), CardPage).wait_for_scripts()
    card.fill(GOOD_CARD, product.expiry(24))
    page.evaluate(KEPT_WHOLE)
    assert card.typed == {**EMPTY, "Expiry date": product.expiry()}
    expect(page.locator(".kind")).to_be_empty()


@pytest.mark.parametrize(
    ("opening", "typing"),
    [("link => location.assign(link)", False), ("() => location.reload()", True)],
    ids=["first visit, all typed", "reload, still typing"],
)
def test_card_typed_before_the_script_has_arrived_is_kept(
    page: Page, other_phone: Page, product: Product, order: PlacedActivation, opening: str, typing: bool
) -> None:
    to_card(page, order)
    other_phone.goto(order.link)
    held: list[Route] = []
    other_phone.route("**/js/*.js*", lambda route: held.append(route))
    with other_phone.expect_request("**/js/card.js*"):
        other_phone.evaluate(opening, order.link)
    card = CardPage(other_phone).fill(GOOD_CARD, product.expiry())
    typed = card.typed
    if not typing:
        card.heading_shown().click()
    for script in held:
        script.continue_()
    expect(other_phone.locator(".kind")).to_be_attached()
    assert card.wait_for_scripts().typed == typed
