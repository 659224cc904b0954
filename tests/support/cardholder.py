"""A cardholder with a browser, in the words of the pages; every page is linted on the way."""

import re
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

CARD = {"card_number": "4000 0243 2959 6391", "expiry": "05/29", "security_code": "123"}
TICKED = {"reference_confirmed": "yes", "terms_accepted": "yes"}
#: What the welcome page says of itself, so that the consent names what was read.
SHOWN = ("terms_version", "terms_language", "labels_sha256")


class CardholderClient:
    """Somebody who got a link by mail and reads English."""

    def __init__(self, client: FlaskClient, link: str) -> None:
        self.client = client
        self.path = urlsplit(link).path
        self.page: TestResponse
        client.set_cookie("language", "en")

    def follow(self, answer: TestResponse) -> TestResponse:
        """Go where a redirect leads, however often, and keep the page."""
        while answer.status_code == 303:
            answer = self.client.get(answer.location)
        self.page = answer
        return answer

    def open_link(self) -> TestResponse:
        """Click the link in the mail."""
        answer = self.client.get(self.path)
        if answer.status_code == 303:
            self.home = answer.location.rpartition("/")[0]
        return self.follow(answer)

    def visit(self, page: str) -> TestResponse:
        """Type the address of a wizard page."""
        return self.follow(self.client.get(f"{self.home}/{page}"))

    def send(self, page: str, **fields: str) -> TestResponse:
        """Send a form of the page that is open, without following the answer."""
        return self.client.post(f"{self.home}/{page}", data={"csrf_token": self.token(), **fields})

    def accept(self) -> TestResponse:
        """Tick both boxes and go on."""
        shown = {name: self.value(name) for name in SHOWN}
        return self.follow(self.send("welcome", **TICKED, **shown))

    def type_card(self, **changes: str) -> TestResponse:
        """Fill the card page in and send it."""
        return self.follow(self.send("card", **{**CARD, **changes}))

    def reach_card(self) -> TestResponse:
        """Go from the mail to the card page."""
        self.open_link()
        return self.accept()

    def reach_bank(self) -> TestResponse:
        """Go from the mail to the page that hands over to the bank."""
        self.reach_card()
        return self.type_card()

    def come_back(self, cres: str = "") -> TestResponse:
        """Return from the bank as its page posts it, with the handle that went there."""
        fields = {"cres": cres, "threeDSSessionData": self.value("threeDSSessionData")}
        return self.client.post("/3ds/return", data=fields)

    def token(self) -> str:
        """Return the CSRF token of the open page, or of the session where the page has no form."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page.text)
        return found[1] if found else ""

    def value(self, name: str) -> str:
        """Return what a hidden field of the open page holds."""
        return str(self.soup().select_one(f"[name={name}]")["value"])  # type: ignore[index]

    def soup(self) -> BeautifulSoup:
        """Return the open page, parsed."""
        return BeautifulSoup(self.page.text, "html.parser")

    def heading(self) -> str:
        """Return the heading of the open page."""
        return self.words("h1")

    def words(self, selector: str = "main") -> str:
        """Return what a part of the open page says."""
        found = self.soup().select_one(selector)
        assert found is not None, f"{selector} is not on the page"
        return " ".join(found.get_text(" ", strip=True).split())
