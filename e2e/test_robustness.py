"""Back, reload, double clicks, two tabs, another device, a lost cookie: all harmless."""

from playwright.sync_api import Page, expect

from app.domain.states import ActivationState, LinkCondition
from app.simulation.scenarios import SCENARIOS
from e2e.expectations import expect_active
from e2e.pages import (
    BankEndingPage,
    CardPage,
    FailurePage,
    HandoffPage,
    LinkClosedPage,
    NotMinePage,
    PendingPage,
    SigningPage,
    SuccessPage,
    WelcomePage,
)
from e2e.product import PlacedActivation, Product
from e2e.touch import touch
from e2e.walks import GOOD_CARD, submit, to_bank, to_card
from e2e.words import say

FIRST_CONFIRM = "First confirm your client reference and accept the conditions."
CONFIRMED = "You have already confirmed your client reference and accepted the conditions."
IN_PROGRESS = "An activation is in progress at your bank, so we show you where it stands."
ALREADY_ACTIVE = "This service is already active, so there is nothing more to enter."
FOREIGN_FORM = "This form was sent from another website"
#: Where nobody lives: a page there is made up by the browser that opens it.
ELSEWHERE = "http://elsewhere.example/"
#: What extensions do that hide where a browser has been.
HIDE_ORIGIN = """document.addEventListener("DOMContentLoaded", () => document.head.append(
  Object.assign(document.createElement("meta"), {name: "referrer", content: "no-referrer"})))"""
WRONG_CARD = SCENARIOS["wrong_card"].cards[0]


def step(product: Product, order: PlacedActivation, name: str) -> str:
    return f"{product.product_url}/activation/{order.public_id}/{name}"


def test_back_always_finds_the_open_step(page: Page, product: Product, order: PlacedActivation) -> None:
    card = to_card(page, order).back(CardPage)
    card.shows(CONFIRMED)
    shown = card.submit(WRONG_CARD, product.expiry(), FailurePage).back(CardPage)
    assert shown.typed == {"Card number": "", "Expiry date": "", "Security code": ""}
    pending = shown.submit(GOOD_CARD, product.expiry(), SigningPage).back(PendingPage)
    active = pending.follow("Continue to my bank", SigningPage).sign(SuccessPage)
    active.back(SuccessPage)
    expect_active_after_two(product, order)


def expect_active_after_two(product: Product, order: PlacedActivation) -> None:
    evidence = product.evidence(order)
    assert (evidence.state, len(evidence.attempts), evidence.confirmations) == (ActivationState.ACTIVE, 2, 1)


def test_back_after_errors_never_meets_a_form_to_send_again(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    card = WelcomePage.open(page, order).tick_terms().press("Next", WelcomePage).accept(order)
    card = card.submit(GOOD_CARD, product.expiry(-1), CardPage).submit("4111", product.expiry(), CardPage)
    signing = card.submit(GOOD_CARD, product.expiry(), SigningPage)
    pending = signing.back(PendingPage)
    pending.back(PendingPage)
    pending.follow("Continue to my bank", SigningPage).sign(SuccessPage).back(SuccessPage)
    assert product.evidence(order).state is ActivationState.ACTIVE


def test_another_language_keeps_what_is_ticked(page: Page, product: Product, order: PlacedActivation) -> None:
    WelcomePage.open(page, order).tick_terms().speak("nl", "Nederlands")
    boxes = page.get_by_role("checkbox")
    assert [box.is_checked() for box in boxes.all()] == [False, True]
    assert product.evidence(order).state is ActivationState.INVITED


def test_reload_repeats_nothing(page: Page, product: Product, order: PlacedActivation) -> None:
    welcome = WelcomePage.open(page, order).reload(WelcomePage)
    card = welcome.accept(order).reload(CardPage)
    card = card.submit(GOOD_CARD, product.expiry(-1), CardPage).reload(CardPage)
    assert not product.evidence(order).attempts
    card = card.submit(WRONG_CARD, product.expiry(), FailurePage).reload(FailurePage).try_again()
    signing = card.submit(GOOD_CARD, product.expiry(), SigningPage).reload(SigningPage)
    signing.sign(SuccessPage).reload(SuccessPage)
    expect_active_after_two(product, order)
    assert len(product.evidence(order).consents) == 1


def test_double_click_tries_card_once(page: Page, product: Product, order: PlacedActivation) -> None:
    card = to_card(page, order).fill(GOOD_CARD, product.expiry())
    page.get_by_role("button", name=card.say("Continue to my bank")).dblclick()
    expect_active(product, order, SigningPage(page).sign(SuccessPage), GOOD_CARD)
    assert len(product.evidence(order).attempts) == 1


def test_double_click_without_script_as_well(
    scriptless: Page, product: Product, order: PlacedActivation
) -> None:
    card = to_card(scriptless, order).fill(GOOD_CARD, product.expiry())
    scriptless.get_by_role("button", name=card.say("Continue to my bank")).dblclick()
    signing = HandoffPage(scriptless).press("Go to my bank", SigningPage)
    signing.sign(BankEndingPage).go_back(SuccessPage)
    assert len(product.evidence(order).attempts) == 1


def test_double_click_accepts_terms_once(page: Page, product: Product, order: PlacedActivation) -> None:
    welcome = WelcomePage.open(page, order).tick_reference(order).tick_terms()
    page.get_by_role("button", name=welcome.say("Next")).dblclick()
    CardPage(page)
    assert len(product.evidence(order).consents) == 1


def test_two_tabs_share_one_attempt(page: Page, product: Product, order: PlacedActivation) -> None:
    first = to_card(page, order)
    tab = page.context.new_page()
    tab.goto(order.link)
    second = CardPage(tab)
    signing = first.submit(GOOD_CARD, product.expiry(), SigningPage)
    same = second.submit(GOOD_CARD, product.expiry(), SigningPage)
    assert same.challenge == signing.challenge
    expect_active(product, order, same.sign(SuccessPage), GOOD_CARD)
    # The first tab signs what is signed already, and learns it.
    signing.confirm("0000 0000", SuccessPage)
    assert product.evidence(order).confirmations == 1


def test_link_in_odd_dress_opens_like_any(page: Page, product: Product, order: PlacedActivation) -> None:
    middle = len(order.link) - 20
    # A browser drops the line end of what is pasted, and sends the equals sign in front of it.
    for pasted in (f"{order.link}.", f"{order.link}>", f"{order.link[:middle]}=\r\n{order.link[middle:]}"):
        page.goto(pasted)
        welcome = WelcomePage(page)
        expect(page).to_have_url(step(product, order, "welcome"))
    welcome.accept(order)


def test_second_device_goes_on(
    page: Page, other_phone: Page, product: Product, order: PlacedActivation
) -> None:
    to_card(page, order)
    other_phone.goto(order.link)
    signing = CardPage(other_phone).submit(GOOD_CARD, product.expiry(), SigningPage)
    pending = first_phone_waits(page)
    active = signing.sign(SuccessPage)
    # The first phone sees it by itself, within a few looks.
    expect(pending.heading_shown()).to_be_hidden()
    SuccessPage(page)
    expect_active(product, order, active, GOOD_CARD)


def first_phone_waits(page: Page) -> PendingPage:
    page.reload()
    pending = PendingPage(page)
    pending.shows(IN_PROGRESS)
    return pending


def test_who_waits_outlasts_an_answer_that_is_none(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    page.clock.install()
    pending = to_bank(page, product, order, GOOD_CARD).back(PendingPage)
    page.route("**/result", lambda route: route.fulfill(status=429, body="<main data-state=slowed></main>"))
    for _ in range(2):
        with page.expect_response("**/result"):
            page.clock.run_for(5000)
    expect(pending.heading_shown()).to_be_visible()


def test_starting_over_asks_bank_first(
    page: Page, other_phone: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = SCENARIOS["no_return"].cards
    to_bank(page, product, order, number).sign(BankEndingPage).says("You have signed")
    other_phone.goto(order.link)
    active = PendingPage(other_phone).press("Start over", SuccessPage)
    expect_active(product, order, active, number)


def test_starting_over_then_first_tab_cancels(
    page: Page, other_phone: Page, product: Product, order: PlacedActivation
) -> None:
    signing = to_bank(page, product, order)
    other_phone.goto(order.link)
    card = PendingPage(other_phone).start_over()
    second = card.submit(GOOD_CARD, product.expiry(), SigningPage)
    # What the given-up attempt says now reaches the record, not the open attempt.
    signing.cancel(PendingPage)
    assert product.evidence(order).state is ActivationState.AWAITING_BANK
    second.sign(SuccessPage)
    outcomes = [attempt.outcome for attempt in product.evidence(order).attempts]
    assert outcomes == ["superseded", "succeeded"]


def test_wrong_step_leads_on_with_reason(page: Page, product: Product, order: PlacedActivation) -> None:
    welcome = WelcomePage.open(page, order)
    for name in ("card", "bank", "result"):
        page.goto(step(product, order, name))
        welcome = WelcomePage(page)
    welcome.shows(FIRST_CONFIRM)
    card = welcome.accept(order)
    page.goto(step(product, order, "welcome"))
    CardPage(page).shows(CONFIRMED)
    signing = card.submit(GOOD_CARD, product.expiry(), SigningPage)
    bank_page = page.url
    page.goto(step(product, order, "card"))
    PendingPage(page).shows(IN_PROGRESS)
    page.goto(bank_page)
    signing.sign(SuccessPage)
    page.goto(step(product, order, "card"))
    SuccessPage(page).shows(ALREADY_ACTIVE)


def test_strange_reference_leads_away_safely(page: Page, product: Product, order: PlacedActivation) -> None:
    not_mine = WelcomePage.open(page, order).follow("This is not my reference", NotMinePage)
    not_mine.follow("The request is right after all: go back", WelcomePage)
    assert product.evidence(order).state is ActivationState.INVITED


def test_lost_cookie_comes_back_with_link(page: Page, product: Product, order: PlacedActivation) -> None:
    to_card(page, order).fill(GOOD_CARD, product.expiry())
    page.context.clear_cookies(name="link")
    page.reload()
    LinkClosedPage(page, LinkCondition.MISSING)
    page.goto(order.link)
    signing = CardPage(page).submit(GOOD_CARD, product.expiry(), SigningPage)
    page.context.clear_cookies()
    page.locator("#response").fill(signing.reader.respond(signing.challenge))
    touch(page.get_by_role("button", name=signing.say("Confirm")))
    # The return needs no cookie: the service is active all the same, and the page says so.
    expect(page.get_by_role("heading", name=say("CARO is active"), exact=True)).to_be_visible()
    assert product.evidence(order).state is ActivationState.ACTIVE
    assert order.office.name not in page.content()
    assert order.grouped_reference not in page.content()


def test_two_links_in_one_browser(page: Page, product: Product, order: PlacedActivation) -> None:
    other = product.order()
    first = to_card(page, order)
    tab = page.context.new_page()
    second = to_card(tab, other)
    first.submit(GOOD_CARD, product.expiry(), SigningPage).sign(SuccessPage)
    second.submit(WRONG_CARD, product.expiry(), FailurePage)
    assert product.evidence(order).state is ActivationState.ACTIVE
    assert product.evidence(other).state is ActivationState.TERMS_ACCEPTED


def test_return_carries_and_sets_no_cookie(page: Page, product: Product, order: PlacedActivation) -> None:
    # A chosen language is a cookie too, and a session holds the form's token.
    signing = submit(page, product, order, GOOD_CARD, SigningPage)
    assert {cookie["name"] for cookie in page.context.cookies()} >= {"link", "session"}
    with page.expect_response("**/3ds/return") as answered:
        signing.sign(SuccessPage)
    sent, received = answered.value.request.all_headers(), answered.value.all_headers()
    assert answered.value.status == 303
    assert "cookie" not in sent
    assert "set-cookie" not in received


def test_referrer_to_bank_holds_no_path(page: Page, product: Product, order: PlacedActivation) -> None:
    with page.expect_request(f"{product.bank_url}/acs/challenge") as asked:
        signing = to_bank(page, product, order)
    referer = asked.value.all_headers().get("referer", "")
    assert referer in ("", f"{product.product_url}/")
    assert not page.context.cookies(product.bank_url)
    with page.expect_request("**/3ds/return") as returned:
        signing.sign(SuccessPage)
    assert returned.value.all_headers().get("referer", "") in ("", f"{product.bank_url}/")


def test_unknown_return_is_a_neutral_page(page: Page, product: Product) -> None:
    answer = page.request.post(f"{product.product_url}/3ds/return", form={"cres": "e30"})
    assert answer.ok
    page.goto(f"{product.product_url}/3ds/return?cres=e30")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_browser_that_hides_where_forms_come_from_activates(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    page.add_init_script(HIDE_ORIGIN)
    card = to_card(page, order)
    with page.expect_request("**/card") as sent:
        signing = card.submit(GOOD_CARD, product.expiry(), SigningPage)
    headers = sent.value.all_headers()
    assert (headers["origin"], headers.get("referer")) == ("null", None)
    signing.sign(SuccessPage)
    assert product.evidence(order).state is ActivationState.ACTIVE


def test_form_of_another_website_changes_nothing(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    WelcomePage.open(page, order)
    form = f'<form method="post" action="{step(product, order, "welcome")}"><button>Go</button></form>'
    page.route(ELSEWHERE, lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto(ELSEWHERE)
    with page.expect_navigation() as answered:
        touch(page.get_by_role("button"))
    assert answered.value.status == 403
    expect(page.get_by_role("heading", name=say(FOREIGN_FORM), exact=True)).to_be_visible()
    assert product.evidence(order).state is ActivationState.INVITED
