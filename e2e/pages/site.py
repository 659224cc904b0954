"""The public pages for those who have no link: home, and the way through the app of a bank."""

from playwright.sync_api import Locator, Page

from e2e.pages.base_page import BasePage
from e2e.touch import touch
from e2e.words import spoken


class AppBanksPage(BasePage):
    """The banks that ask in their own app."""

    heading = "How to activate CARO in your bank's app"

    def choose(self, bank: str) -> "HowToActivatePage":
        """Choose a bank by its name."""
        touch(self.page.get_by_role("main").get_by_role("link", name=bank, exact=True))
        return HowToActivatePage(self.page, bank, self.language)


class HowToActivatePage(BasePage):
    """The steps in the app of one bank."""

    heading = "How to activate CARO in the %(bank)s app"

    def __init__(self, page: Page, bank: str, language: str = "") -> None:
        self.bank = bank
        super().__init__(page, language)

    def heading_shown(self) -> Locator:
        """The heading, which names the bank."""
        title = self.say(self.heading, bank=self.bank)
        return self.page.get_by_role("heading", level=1, name=title, exact=True)


class HomePage(BasePage):
    """Where somebody arrives who typed the address by hand."""

    heading = "Your credit card statements, straight to your accounting office"

    @classmethod
    def open(cls, page: Page, product_url: str, language: str = "") -> "HomePage":
        """Type the address."""
        page.goto(f"{product_url}/?lang={language or spoken()}")
        return cls(page, language)
