"""A new CARO request: the bank, the fields, a look at everything."""

from playwright.sync_api import Locator, Page, expect

from app.i18n import LANGUAGES
from e2e.pages.base_page import Next
from e2e.pages.portal.dossier import DossierPage
from e2e.pages.portal.portal_page import PortalPage
from e2e.product import OrderedFor
from e2e.touch import touch
from e2e.words import say


class OrderBankPage(PortalPage):
    """Which bank issued the card."""

    heading = "New CARO request"

    def __init__(self, page: Page, language: str = "") -> None:
        super().__init__(page, language)
        asked = page.get_by_role("group", name=self.say("Which bank issued the credit card?"))
        expect(asked).to_be_visible()

    def choose(self, bank: str) -> "OrderPage":
        """Choose a bank by its name."""
        self.page.get_by_role("radio", name=bank, exact=True).check()
        return self.press("Continue", OrderPage)


class OrderPage(PortalPage):
    """What this bank's order needs."""

    heading = "New CARO request"

    def __init__(self, page: Page, language: str = "") -> None:
        super().__init__(page, language)
        expect(self.reference).to_be_visible()

    @property
    def reference(self) -> Locator:
        """The field for the client reference."""
        return self.field("Client reference")

    @property
    def address(self) -> Locator:
        """The field for the cardholder's address."""
        return self.field("Cardholder's email address")

    def fill(self, holder: OrderedFor) -> "OrderPage":
        """Type what is known of a cardholder."""
        self.reference.fill(holder.reference)
        self.address.fill(holder.address)
        self.page.get_by_role("radio", name=LANGUAGES[holder.language], exact=True).check()
        return self

    def go_on(self, then: type[Next]) -> Next:
        """Go on to the last look."""
        return self.press("Continue", then)


class NothingToOrderPage(PortalPage):
    """Why nothing can be ordered for this dossier."""

    heading = "No active CODA mandate"
    level = 2


class ReviewPage(PortalPage):
    """Everything as it will be kept, and the mail as it will leave."""

    heading = "Check the request"

    @property
    def invitation(self) -> Locator:
        """The mail that will leave."""
        return self.page.get_by_role("region", name=self.say("The invitation that will be sent"), exact=True)

    @property
    def announcement(self) -> str:
        """The text that warns the cardholder, opened for that."""
        touch(self.page.get_by_text(self.say("The email that announces the invitation"), exact=True))
        return self.field("Text").input_value()

    def order(self) -> DossierPage:
        """Place the order."""
        return self.press("Order", DossierPage)

    def change(self) -> OrderPage:
        """Go back to the fields."""
        return self.press("Change", OrderPage)


class AnnouncementPage(PortalPage):
    """The mail that announces the invitation, in every language."""

    heading = "Tell the cardholder"

    def fill(self, bank: str, reference: str) -> "AnnouncementPage":
        """Have the mail filled in."""
        self.page.get_by_role("radio", name=bank, exact=True).check()
        self.field("Client reference").fill(reference)
        return self.press("Prepare the email", AnnouncementPage)

    def written_in(self, language: str) -> str:
        """The text in the language of the page, which is open."""
        return self.page.get_by_role("textbox", name=say("Text", language), exact=True).first.input_value()
