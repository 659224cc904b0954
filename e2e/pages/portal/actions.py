"""What an accountant does with a request: each page says what it brings about before it is done."""

from typing import TypeVar

from playwright.sync_api import Locator

from e2e.pages.base_page import Next
from e2e.pages.portal.dossier import DossierPage
from e2e.pages.portal.portal_page import PortalPage

Again = TypeVar("Again", bound="ActionPage")


class ActionPage(PortalPage):
    """A page that asks once more."""

    def do(self, then: type[Next]) -> Next:
        """Do it."""
        return self.press(self.heading, then)

    def leave(self) -> DossierPage:
        """Go back, nothing changed."""
        return self.follow("Go back without changing anything", DossierPage)


class _AddressActionPage(ActionPage):
    """A page that asks for an address."""

    @property
    def address(self) -> Locator:
        """The field for the address."""
        return self.field("Cardholder's email address")

    def fill(self: Again, address: str) -> Again:
        """Type the address."""
        self.field("Cardholder's email address").fill(address)
        return self


class CorrectAddressPage(_AddressActionPage):
    """A new invitation goes to another address."""

    heading = "Correct the address"


class RelaunchPage(_AddressActionPage):
    """A request that has ended is opened again."""

    heading = "Relaunch"


class ReplaceLinkPage(ActionPage):
    """A new link, and the old one dies."""

    heading = "Replace the link"


class CancelRequestPage(ActionPage):
    """The request is withdrawn."""

    heading = "Cancel the request"


class EndServicePage(ActionPage):
    """No more statements come."""

    heading = "Stop the service"


class CopiedLinkPage(PortalPage):
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
