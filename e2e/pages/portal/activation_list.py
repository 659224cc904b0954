"""Mandats & services > CARO: the list."""

from playwright.sync_api import Locator

from app.domain.identifiers import group_digits
from e2e.pages.portal.dossier import DossierPage
from e2e.pages.portal.portal_page import PortalPage
from e2e.touch import touch


class ActivationListPage(PortalPage):
    """One row for each dossier and reference."""

    heading = "Mandates & services > CARO"

    def search(self, text: str) -> "ActivationListPage":
        """Look for what begins like this."""
        self.page.get_by_role("searchbox").fill(text)
        return self.press("Search", ActivationListPage)

    def show_only(self, label: str) -> "ActivationListPage":
        """Show the rows of one state."""
        kinds = self.page.get_by_role("navigation", name=self.say("Show only"))
        touch(kinds.get_by_role("link", name=label))
        return ActivationListPage(self.page, self.language)

    def row(self, text: str) -> Locator:
        """The row that tells this."""
        return self.page.get_by_role("row").filter(has_text=text)

    def row_of(self, reference: str) -> Locator:
        """The row of a client reference."""
        return self.row(group_digits(reference))

    def manage(self, code: str) -> DossierPage:
        """Manage the dossier with this code."""
        name = self.say("Manage %(dossier)s", dossier=code)
        touch(self.page.get_by_role("link", name=name, exact=True).first)
        return DossierPage(self.page, self.language)
