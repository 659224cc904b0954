"""The accountant's door: a link is asked for, arrives by mail, and works once."""

from playwright.sync_api import Page, expect

from e2e.pages.portal.activation_list import ActivationListPage
from e2e.pages.portal.portal_page import PortalPage


class SignInPage(PortalPage):
    """Where everybody arrives who is not signed in."""

    heading = "Sign in"

    def __init__(self, page: Page, language: str = "") -> None:
        super().__init__(page, language)
        expect(self.field("Email address")).to_be_visible()

    @classmethod
    def open(cls, page: Page, product_url: str, language: str = "") -> "SignInPage":
        """Type the portal's address."""
        page.goto(f"{product_url}/portal/")
        return cls(page, language)

    def ask(self, address: str) -> "LinkSentPage":
        """Ask for a link."""
        self.field("Email address").fill(address)
        return self.press("Send me a link", LinkSentPage)

    def ask_in_vain(self, address: str) -> "SignInPage":
        """Ask with something that is no address."""
        self.field("Email address").fill(address)
        return self.press("Send me a link", SignInPage)


class LinkSentPage(PortalPage):
    """What to do next, the same for everybody."""

    heading = "Check your email"


class SignInLinkPage(PortalPage):
    """The page of the mailed link: a button that uses it."""

    heading = "Sign in"

    def enter(self) -> ActivationListPage:
        """Use the link."""
        return self.press("Sign in", ActivationListPage)


class UsedLinkPage(PortalPage):
    """The page of a link that was used, or is too old."""

    heading = "This link can no longer be used"
