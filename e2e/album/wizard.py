"""The cardholder's pages in every state: each failure, each wait, each thing left out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event as Signal

from playwright.sync_api import Page
from sqlalchemy import update

from app.domain.bank_results import BankResult, RegisterRefusal, TransactionStatus
from app.domain.failures import Failure
from app.domain.verdicts import BEFORE_BANK_PAGE
from app.models import Attempt
from e2e.album.album_server import AlbumServer
from tests.support.activation_factory import SIGNED

REFUSED = BankResult(TransactionStatus.REJECTED, reason="12")
#: The bank's page is open for half a minute.
TOO_LATE_FOR_THE_BANK = 40
#: So many refusals close the card page.
REFUSALS = 5
#: How long a played bank keeps silent if nobody looks.
PATIENCE = 30


def wizard(page: Page, stilled: Page, studio: AlbumServer) -> Iterator[tuple[str, Page]]:
    """Walk through the wizard; pages that would go on by themselves are shown on the stilled one."""
    yield from _welcome(page, studio)
    yield from _card(page, studio)
    yield from _on_the_way(stilled, studio)
    yield from _after_signing(page, studio)
    yield from _failures(page, studio)
    yield from _closed(page, studio)


def _welcome(page: Page, studio: AlbumServer) -> Iterator[tuple[str, Page]]:
    page.goto(studio.link(studio.activation_factory.create_invited()))
    yield "welcome", page
    unfold(page)
    yield "welcome, unfolded", page
    page.goto(f"{_home(page)}/not-mine")
    yield "not my reference", page
    page.go_back()
    send(page, "welcome")
    yield "welcome with two errors", page
    page.locator("[type=checkbox]").first.check()
    send(page, "welcome")
    yield "welcome with one error", page
    page.goto(f"{_home(page)}/welcome")
    page.locator("[name=terms_version]").evaluate("field => { field.value = '2020-01' }")
    for box in page.locator("[type=checkbox]").all():
        box.check()
    send(page, "welcome")
    yield "welcome, the conditions have changed", page


def _card(page: Page, studio: AlbumServer) -> Iterator[tuple[str, Page]]:
    page.goto(studio.link(studio.activation_factory.create_cardholder().public_id))
    yield "card", page
    send(page, "card")
    yield "card with nothing filled in", page
    page.locator("[name=card_number]").fill("4242 4242 4242 4241")
    page.locator("[name=expiry]").fill("01/20")
    page.locator("[name=security_code]").fill("1")
    send(page, "card")
    yield "card with three slips", page
    page.locator("[name=card_number]").fill("4000 0243 2959 6391")
    page.locator("[name=expiry]").fill("05/29")
    send(page, "card")
    yield "card with one slip", page
    page.goto(f"{_home(page)}/welcome")
    yield "card, led here from welcome", page


def _on_the_way(stilled: Page, studio: AlbumServer) -> Iterator[tuple[str, Page]]:
    stilled.goto(studio.link(studio.activation_factory.create_cardholder().public_id))
    with _silent_bank(stilled, studio):
        stilled.goto(f"{_home(stilled)}/bank")
        yield "reaching the bank", stilled
    stilled.goto(f"{_home(stilled)}/bank")
    yield "to the bank", stilled
    stilled.goto(f"{_home(stilled)}/result")
    yield "waiting, the bank's page is still open", stilled
    studio.clock.advance(seconds=TOO_LATE_FOR_THE_BANK)
    stilled.reload()
    yield "waiting for the bank", stilled
    stilled.goto(f"{_home(stilled)}/card")
    yield "waiting, led here from the card", stilled


@contextmanager
def _silent_bank(page: Page, studio: AlbumServer) -> Iterator[None]:
    """Let a card reach a bank that takes its time until we have looked."""
    asked, looked = Signal(), Signal()

    def keep_silent() -> None:
        asked.set()
        looked.wait(PATIENCE)

    studio.bank.during = keep_silent
    page.evaluate(_SEND_CARD)
    assert asked.wait(PATIENCE)
    try:
        yield
    finally:
        studio.bank.during = None
        looked.set()
        _until_answered(page)


#: What the form would send, without leaving the page.
_SEND_CARD = """() => {
  const form = document.querySelector("form[action$='/card']");
  const fields = new FormData(form);
  fields.set("card_number", "4000024329596391");
  fields.set("expiry", "05/29");
  fields.set("security_code", "123");
  fetch(form.action, {method: "POST", body: new URLSearchParams(fields), keepalive: true});
}"""


def _until_answered(page: Page) -> None:
    """Look again until the bank's answer is there."""
    home = _home(page)
    for _ in range(PATIENCE):
        page.goto(f"{home}/bank")
        if page.locator("main[data-state=handoff]").count():
            return
    raise AssertionError("The bank never answers.")


def _after_signing(page: Page, studio: AlbumServer) -> Iterator[tuple[str, Page]]:
    holder = studio.activation_factory.create_cardholder()
    page.goto(studio.link(holder.public_id))
    home = _home(page)
    holder.submit()
    studio.bank.decides(SIGNED)
    studio.services.attempt_results.check_open_attempt(holder.activation)
    page.goto(f"{home}/result")
    yield "active", page
    page.goto(f"{home}/card")
    yield "active, led here from the card", page
    page.goto(studio.at("/3ds/return"))
    yield "back from the bank, unrecognised", page


def _failures(page: Page, studio: AlbumServer) -> Iterator[tuple[str, Page]]:
    holder = studio.activation_factory.create_cardholder()
    page.goto(studio.link(holder.public_id))
    home = _home(page)
    holder.submit()
    studio.bank.decides(REFUSED)
    studio.services.attempt_results.check_open_attempt(holder.activation)
    for failure in Failure:
        with studio.services.database.transaction() as session:
            latest = Attempt.transaction == studio.bank.transaction
            shown = None if failure in BEFORE_BANK_PAGE else Attempt.started_at
            session.execute(update(Attempt).where(latest).values(failure=failure, challenged_at=shown))
        page.goto(f"{home}/result")
        yield f"failure {failure}", page


def _closed(page: Page, studio: AlbumServer) -> Iterator[tuple[str, Page]]:
    holder = studio.activation_factory.create_cardholder()
    page.goto(studio.link(holder.public_id))
    home = _home(page)
    studio.bank.answer = RegisterRefusal.NOT_LINKED
    for _ in range(REFUSALS):
        holder.submit()
    studio.bank.answer = None
    page.goto(f"{home}/result")
    yield "failure, one too many within a day", page
    page.goto(f"{home}/card")
    yield "link locked", page


def unfold(page: Page) -> None:
    """Open all that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def send(page: Page, action: str) -> None:
    """Send the first form with this address, as it is filled in, and wait for the page that answers."""
    press(page, f"form[action$='/{action}'] button")


def press(page: Page, button: str) -> None:
    """Press the first of these buttons and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(button).first.click()


def _home(page: Page) -> str:
    return page.url.rpartition("/")[0]


def without_script_of_ours(pages: Sequence[Page]) -> None:
    """Keep pages from going on by themselves, while axe can still run on them."""
    for page in pages:
        page.route("**/js/*.js*", lambda route: route.abort())
