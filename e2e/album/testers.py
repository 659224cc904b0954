"""The testers' pages, beside a bank that really answers: they look into it."""

from collections.abc import Iterator

from playwright.sync_api import Page

from e2e.api import Api
from e2e.own_server import OwnServer

#: A failure at the bank, a link that is closed, a bank with an app of its own, and one that is done.
_SHOWN = ("wrong_pin", "link_locked", "kbc_refused", "success")


def testers(page: Page, own: OwnServer) -> Iterator[str]:
    """Open an office, look something up, and look at a request, its mails and its refusals."""
    there = f"{own.product_url}/qa"
    page.goto(there)
    yield "nobody's office"
    page.locator("main form button").first.click()
    page.wait_for_selector("#key")
    yield "an empty office"
    key = page.locator("#key").input_value()
    for name, path in (
        ("every message", "scenarios"),
        ("messages that were looked for", "scenarios?q=3220"),
        ("no such message", "scenarios?q=zzzz"),
        ("the API", "api"),
        ("no mails", "mails"),
    ):
        page.goto(f"{there}/{path}")
        yield name
    yield from _requests(page, there, Api(own.product_url, key))
    page.goto(there)
    yield "an office with requests"


def _requests(page: Page, there: str, api: Api) -> Iterator[str]:
    made = {key: api.order(scenario=key, reach="page").public_id for key in _SHOWN}
    for key, public_id in made.items():
        page.goto(f"{there}/requests/{public_id}?scenario={key}")
        yield f"request of {key}"
    page.goto(f"{there}/requests/{made['success']}")
    page.locator(f"form[action$='/{made['success']}/age'] button").last.click()
    page.wait_for_selector("[role=status]")
    yield "request to which nothing was done"
    page.goto(f"{there}/mails")
    yield "mails"
    page.locator("main a[href*='/mails/']").first.click()
    page.wait_for_selector("iframe")
    yield "one mail"
