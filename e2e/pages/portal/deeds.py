"""What an accountant does with a request: each page says what it brings about before it is done."""

from typing import TypeVar

from playwright.sync_api import Locator

from e2e.pages.portal.desk import DeskPage
from e2e.pages.portal.dossier import DossierPage
from e2e.pages.screen import Next

Again = TypeVar("Again", bound="DeedPage")


class DeedPage(DeskPage):
    """A page that asks once more."""

    def do(self, then: type[Next]) -> Next:
        """Do it."""
        return self.press(self.heading, then)

    def leave(self) -> DossierPage:
        """Go back, nothing changed."""
        return self.follow("Go back without changing anything", DossierPage)


class _AddressPage(DeedPage):
    """A page that asks for an address."""

    @property
    def address(self) -> Locator:
        """The field for the address."""
        return self.field("Cardholder's email address")

    def fill(self: Again, address: str) -> Again:
        """Type the address."""
        self.field("Cardholder's email address").fill(address)
        return self


class CorrectAddressPage(_AddressPage):
    """A new invitation goes to another address."""

    heading = "Correct the address"


class RelaunchPage(_AddressPage):
    """A request that has ended is opened again."""

    heading = "Relaunch"


class ReplaceLinkPage(DeedPage):
    """A new link, and the old one dies."""

    heading = "Replace the link"


class CancelRequestPage(DeedPage):
    """The request is withdrawn."""

    heading = "Cancel the request"


class EndServicePage(DeedPage):
    """No more statements come."""

    heading = "Stop the service"


class CopiedLinkPage(DeskPage):
    """The link, ready for the accountant's own mail."""

    heading = "Copy the activation link"

    @property
    def link(self) -> str:
        """The link as it is shown."""
        return self.field("Activation link").input_value()

    @property
    def message(self) -> str:
        """The text that can go with it."""
        return self.field("Text with the link").input_value()
