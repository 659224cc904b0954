"""Everything that cardholders may see, looked at before they see it."""

from collections.abc import Iterable

from playwright.sync_api import Page, expect

from app.i18n import LANGUAGES
from e2e.pages.base_page import Next
from e2e.pages.portal.portal_page import PortalPage
from e2e.touch import touch
from e2e.words import say


class PreviewPage(PortalPage):
    """Where looking around begins: for whom, and what there is to see."""

    heading = "Preview"

    def choose(self, language: str) -> "PreviewPage":
        """Look at the pages as they read in a language."""
        chosen = self.page.get_by_label(self.say("Cardholder's language"))
        chosen.select_option(label=LANGUAGES[language])
        return self.press("List the pages", PreviewPage)

    def look(self, name: str, then: type[Next], language: str) -> Next:
        """Look at the page with this name, in the language that was chosen."""
        touch(self.page.get_by_role("link", name=name, exact=True))
        expect_marked(self.page, language)
        return then(self.page, language)

    def begin(self, then: type[Next], language: str) -> Next:
        """Begin with the first page."""
        touch(self.page.get_by_role("button", name=self.say("Start with the first page")))
        expect_marked(self.page, language)
        return then(self.page, language)

    @property
    def scenes(self) -> Iterable[tuple[str, str]]:
        """Every page that can be looked at: its name and its address."""
        links = self.page.get_by_role("main").get_by_role("region").get_by_role("link").all()
        return [(link.inner_text(), link.get_attribute("href") or "") for link in links]


class DrawnBankPage(PortalPage):
    """A drawing of the page of the bank, where the outcome is chosen."""

    heading = "The bank's page"


class MessagesPage(PortalPage):
    """All messages at a glance."""

    heading = "Messages"


def expect_marked(page: Page, language: str) -> None:
    """Expect a page to say that it is a preview, and that nothing happens."""
    bar = page.get_by_role("complementary", name=say("Preview", language), exact=True)
    expect(bar).to_contain_text(say("Preview – nothing happens", language))


def back_to_portal(page: Page, language: str) -> PreviewPage:
    """Leave a page that was looked at in a language."""
    touch(page.get_by_role("link", name=say("Back to the portal", language), exact=True))
    return PreviewPage(page)
