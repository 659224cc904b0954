"""Gérer: one dossier and its requests."""

from playwright.sync_api import Locator, Page, expect

from app.domain.identifiers import group_digits
from e2e.pages.base_page import Next
from e2e.pages.portal.portal_page import PortalPage
from e2e.product import CODE, NAME
from e2e.touch import touch
from e2e.words import say, spoken


class DossierPage(PortalPage):
    """The dossier that the tests manage."""

    heading = "Dossier %(code)s, %(name)s"

    def heading_shown(self) -> Locator:
        """The heading, which names the dossier."""
        title = self.say(self.heading, code=CODE, name=NAME)
        return self.page.get_by_role("heading", level=1, name=title, exact=True)

    def request(self, reference: str) -> "ActivationSection":
        """What is told of one client reference."""
        return ActivationSection(self.page, reference, self.language)


class ActivationSection:
    """One request: where it stands, what can be done, what was tried."""

    def __init__(self, page: Page, reference: str, language: str = "") -> None:
        self.page = page
        self.language = language or spoken()
        heading = page.get_by_role("heading", level=2, name=group_digits(reference))
        self.region = page.get_by_role("region").filter(has=heading)
        expect(self.region).to_be_visible()
        self._unfold(heading)

    def stands(self, label: str) -> "ActivationSection":
        """Expect the word for where it stands."""
        expect(self.region.get_by_role("heading", level=2)).to_contain_text(label)
        return self

    def says(self, sentence: str) -> "ActivationSection":
        """Expect a sentence to be read."""
        expect(self.region).to_contain_text(sentence)
        return self

    def offers(self, action: str) -> Locator:
        """The way to do something, a button or a link with these words."""
        for words in ("Other actions", "What you can do"):
            self._unfold(self.page.get_by_text(say(words, self.language), exact=True))
        name = say(action, self.language)
        button = self.region.get_by_role("button", name=name, exact=True)
        return button.or_(self.region.get_by_role("link", name=name, exact=True))

    def _unfold(self, summary: Locator) -> None:
        """Open what is folded behind these words, where they are there."""
        group = self.region.get_by_role("group").filter(has=summary).last
        if group.count() and group.get_attribute("open") is None:
            touch(group.locator(summary))

    def go(self, action: str, then: type[Next]) -> Next:
        """Press what has these words and return the page that follows."""
        touch(self.offers(action))
        return then(self.page, self.language)
