"""Boîte à outils: what an accountant says on the phone."""

from playwright.sync_api import expect

from e2e.pages.portal.portal_page import PortalPage


class ToolkitPage(PortalPage):
    """The whole help page."""

    heading = "CARO information toolkit"

    def speaks_of(self, cause: str) -> None:
        """Expect to have been led to one cause."""
        expect(self.page.get_by_role("heading", name=cause, exact=True)).to_be_in_viewport()
