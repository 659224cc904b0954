"The a bank that asks its cardholders itself: no link and no card, an answer only. app"

from playwright.sync_api import Page, expect

from e2e.pages.base_page import BasePage


class BankAppPage(BasePage):
    """What waits for one client reference in the app of KBC or CBC, and what was answered."""

    heading = "Your requests"

    @classmethod
    def open(
        cls, page: Page, bank_url: str, reference: str, bank: str = "kbc", language: str = ""
    ) -> "BankAppPage":
        """Take the phone and open the app."""
        page.goto(f"{bank_url}/bank-app/{bank}/{reference}")
        return cls(page, language)

    def confirm(self) -> "BankAppPage":
        """Confirm the request that waits, and read that it was."""
        return self._answer("Confirm", "You have confirmed this request.")

    def refuse(self) -> "BankAppPage":
        """Refuse the request that waits, and read that it was."""
        return self._answer("Refuse", "You have refused this request.")

    def asks_for(self, office: str, reference: str) -> "BankAppPage":
        """Expect one request to wait: by this office, for this client reference as pages show it."""
        waiting = self.page.locator("#waiting")
        expect(waiting.get_by_role("listitem")).to_have_count(1)
        for detail in ("CODABOX CARO", office, reference):
            expect(waiting.get_by_text(detail, exact=True)).to_be_visible()
        return self

    def asks_nothing(self) -> "BankAppPage":
        """Expect that nothing waits for an answer."""
        self.shows("No request is waiting for your answer. A new one can take a moment to arrive.")
        return self

    def _answer(self, button: str, answer: str) -> "BankAppPage":
        after = self.press(button, BankAppPage)
        after.shows(answer)
        return after.asks_nothing()
