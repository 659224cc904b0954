"""The pages of a link that does not open the wizard."""

from collections.abc import Mapping

from playwright.sync_api import Page

from app.domain.states import LinkCondition
from e2e.expecting import expect
from e2e.pages.base_page import BasePage, Next
from e2e.touch import touch
from e2e.words import say, spoken

TITLES: Mapping[LinkCondition, str] = {
    LinkCondition.ALTERED: "This link is incomplete or was changed",
    LinkCondition.UNKNOWN: "We do not know this link",
    LinkCondition.MISSING: "Open the link in your email",
    LinkCondition.ACTIVE: "This service is already active",
    LinkCondition.WITHDRAWN: "This request was cancelled",
    LinkCondition.STOPPED: "This service was stopped",
    LinkCondition.REPLACED: "A newer link exists",
    LinkCondition.EXPIRED: "This link has expired",
    LinkCondition.LOCKED: "The page for your card details is closed for now",
}


class LinkClosedPage:
    """One page for each condition; it says why, and whom to ask."""

    def __init__(self, page: Page, condition: LinkCondition, language: str = "") -> None:
        self.page = page
        self.language = language or spoken()
        title = say(TITLES[condition], language)
        expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()

    def says(self, msgid: str, **params: object) -> None:
        """Expect a sentence on the page."""
        expect(self.page.get_by_text(say(msgid, self.language, **params)).first).to_be_visible()

    def tell_office(self, label: str, then: type[Next]) -> Next:
        """Press the button that sends the office this message, and return the page that follows."""
        touch(self.page.get_by_role("button", name=say(label, self.language), exact=True))
        return then(self.page, self.language)


class MessageSentPage(BasePage):
    """What is read once the office was sent a message."""

    heading = "Your message was sent"


class MessageRepeatedPage(BasePage):
    """What is read where the office has that message already."""

    heading = "Your accounting office already has this message"
