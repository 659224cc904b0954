"""The way to the bank, and the bank's own pages with the toy reader beside them."""

import re
from urllib.parse import parse_qsl, urlsplit

import urllib3
from playwright.sync_api import Page

from e2e.expecting import expect
from e2e.pages.base_page import BasePage, Next
from e2e.touch import touch
from e2e.words import spoken

PIN = "1234"
WRONG_PIN = "9999"
EIGHT_DIGITS = re.compile(r"[0-9]{4} [0-9]{4}")


class HandoffPage(BasePage):
    """The step between: with script it goes on by itself, without it has a button."""

    heading = "Going to your bank"


class CardReader:
    """The card reader in the cardholder's hand, which works without the page that shows one."""

    def __init__(self, challenge_url: str) -> None:
        self._url = challenge_url.partition("?")[0] + "/reader"

    def respond(self, challenge: str, pin: str, key: str) -> str:
        """Press a key, type the challenge and the PIN, read the response, right or wrong."""
        typed = {"mode": key, "challenge": challenge, "pin": pin}
        shown = urllib3.request("POST", self._url, fields=typed, redirect=False)
        return dict(parse_qsl(urlsplit(shown.headers["Location"]).query))["response"]


class ToyReader:
    """The same reader as the bank's page shows it."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language or spoken()

    def respond(self, challenge: str) -> str:
        """Press a key, type the challenge and the PIN, read the response."""
        reader = self.page.locator("#reader")
        reader.get_by_label("M2", exact=True).check()
        reader.locator("#reader-challenge").fill(challenge)
        reader.locator("#reader-pin").fill(PIN)
        touch(reader.get_by_role("button"))
        display = reader.locator("#reader-response")
        expect(display).to_have_text(EIGHT_DIGITS)
        return display.inner_text()


class SigningPage(BasePage):
    """The bank asks for a signature with the card reader."""

    heading = "Sign with your card reader"

    @property
    def challenge(self) -> str:
        """The eight digits to sign, new for every try."""
        return self.page.locator("#challenge").inner_text()

    @property
    def reader(self) -> ToyReader:
        """The reader that the page shows."""
        return ToyReader(self.page, self.language)

    def sign(self, then: type[Next], pin: str = PIN, key: str = "M2") -> Next:
        """Let the reader answer the challenge and confirm its response."""
        return self.confirm(CardReader(self.page.url).respond(self.challenge, pin, key), then)

    def sign_on_page(self, then: type[Next]) -> Next:
        """Let the reader that the page shows answer the challenge, and confirm its response."""
        return self.confirm(self.reader.respond(self.challenge), then)

    def confirm(self, response: str, then: type[Next]) -> Next:
        """Type a response and confirm it."""
        self.page.locator("#response").fill(response)
        return self.press("Confirm", then)

    def sign_wrongly(self, tries_left: str) -> "SigningPage":
        """Sign with a wrong PIN and read how many tries are left."""
        again = self.sign(SigningPage, pin=WRONG_PIN)
        expect(self.page.get_by_role("alert")).to_have_text(self.say(tries_left))
        return again

    def block_pin(self) -> "BankEndingPage":
        """Sign with a wrong PIN three times."""
        second = self.sign_wrongly("The response is wrong. You have two tries left, with the new challenge.")
        third = second.sign_wrongly("The response is wrong. You have one try left, with the new challenge.")
        return third.sign(BankEndingPage, pin=WRONG_PIN)

    def cancel(self, then: type[Next]) -> Next:
        """Cancel at the bank."""
        return self.press("Cancel", then)


class BankEndingPage(BasePage):
    """The bank's last page: how it ended, in the bank's own words."""

    def __init__(self, page: Page, language: str = "") -> None:
        self.page = page
        self.language = language or spoken()
        expect(page.get_by_text("SIMULATION")).to_be_visible()
        expect(page.locator("#reader")).to_have_count(0)

    def says(self, msgid: str) -> "BankEndingPage":
        """Expect the bank's words."""
        self.shows(msgid)
        return self

    def go_back(self, then: type[Next]) -> Next:
        """Return to the merchant."""
        return self.press("Return to the merchant", then)


class AtYourBankPage(BasePage):
    """What a cardholder can do at the bank or at the terminal, for one client reference."""

    heading = "At the bank or at a terminal"

    @classmethod
    def open(cls, page: Page, bank_url: str, reference: str, office: str) -> "AtYourBankPage":
        """Go to the bank, as the cardholder whom an office has asked."""
        page.goto(f"{bank_url}/holder/{reference}/{office}")
        return cls(page)

    def do(self, button: str, done: str) -> "AtYourBankPage":
        """Have something done, and read that it was."""
        after = self.press(button, AtYourBankPage)
        after.shows(done)
        return after
