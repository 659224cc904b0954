"""Mandats & services > CARO: the list."""

from playwright.sync_api import Download, Locator

from app.domain.identifiers import group_digits
from e2e.pages.base_page import Next
from e2e.pages.portal.dossier import DossierPage
from e2e.pages.portal.portal_page import PortalPage
from e2e.touch import touch

#: The fields that narrow and sort the list.
FIELDS = {
    "state": "Status",
    "bank": "Bank",
    "language": "Cardholder's language",
    "cause": "Cause of a problem",
    "order": "Sort by",
}


class ActivationListPage(PortalPage):
    """One row for each dossier and reference."""

    heading = "Mandates & services > CARO"

    def search(self, text: str) -> "ActivationListPage":
        """Look for a piece of a code, a name or a reference."""
        self.page.get_by_role("searchbox").fill(text)
        return self.press("Search", ActivationListPage)

    def refine(self, **choices: str) -> "ActivationListPage":
        """Unfold filters and order, choose in the fields of these names, and look."""
        folded = self.page.get_by_role("group").filter(has_text=self.say("Filter and sort"))
        if folded.get_attribute("open") is None:
            touch(folded.get_by_text(self.say("Filter and sort")))
        for label, choice in choices.items():
            folded.get_by_label(self.say(FIELDS[label]), exact=True).select_option(label=choice)
        return self.press("Show", ActivationListPage)

    def show_only(self, label: str) -> "ActivationListPage":
        """Show the rows of one state."""
        return self.refine(state=label)

    def sort_by(self, heading: str) -> "ActivationListPage":
        """Press the heading of a column."""
        touch(self.heading_of(heading).get_by_role("link"))
        return ActivationListPage(self.page, self.language)

    def heading_of(self, heading: str) -> Locator:
        """The heading of a column."""
        return self.page.get_by_role("columnheader", name=self.say(heading))

    @property
    def rows(self) -> Locator:
        """All rows, in their order, without the headings."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader"))

    def counts(self, rows: str, total: str) -> None:
        """Expect it to be told which rows are shown, of how many."""
        self.announces("%(rows)s of %(total)s", rows=rows, total=total)

    def row(self, text: str) -> Locator:
        """The row that tells this."""
        return self.page.get_by_role("row").filter(has_text=text)

    def row_of(self, reference: str) -> Locator:
        """The row of a client reference."""
        return self.row(group_digits(reference))

    def select(self, *references: str) -> "ActivationListPage":
        """Tick the boxes of these client references; all on the page where none is named."""
        boxes = [self.row_of(reference).get_by_role("checkbox") for reference in references]
        for box in boxes or self.rows.get_by_role("checkbox").all():
            box.check()
        return self

    def select_all(self) -> "ActivationListPage":
        """Tick the box that means all on the page; the page's script offers it."""
        self.page.get_by_label(self.say("Select all on this page")).check()
        return self

    def do_with_selected(self, action: str, then: type[Next]) -> Next:
        """Choose what to do with what is ticked, and go on."""
        self.page.get_by_label(self.say("With the selected requests")).select_option(label=self.say(action))
        return self.press("Continue", then)

    def export(self, link: str) -> Download:
        """Follow the link of a file, and return what is kept of it."""
        with self.page.expect_download() as kept:
            touch(self.page.get_by_role("link", name=self.say(link), exact=True))
        return kept.value

    def manage(self, code: str) -> DossierPage:
        """Manage the dossier with this code."""
        name = self.say("Manage %(dossier)s", dossier=code)
        touch(self.page.get_by_role("link", name=name, exact=True).first)
        return DossierPage(self.page, self.language)
