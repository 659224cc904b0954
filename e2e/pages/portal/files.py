"""Files that an office hands in: an order for many, and the page that says what became of it."""

from playwright.sync_api import FilePayload

from e2e.pages.portal.portal_page import PortalPage
from e2e.touch import touch


class BulkOrderFormPage(PortalPage):
    """Asks for a file of orders."""

    heading = "Order for several dossiers"

    def hand_in(self, raw: bytes) -> "BulkOrderCheckPage":
        """Choose a file and have it checked."""
        file = FilePayload(name="orders.csv", mimeType="text/csv", buffer=raw)
        self.page.get_by_label(self.say("File"), exact=True).set_input_files(file)
        return self.press("Check the rows", BulkOrderCheckPage)


class BulkOrderCheckPage(PortalPage):
    """Says what is wrong with each row."""

    heading = "Check the rows"

    def correct(self, line: int, column: str, value: str) -> None:
        """Write another value into a field of a line, or choose it."""
        row = self.page.get_by_role("group", name=self.say("Line %(line)s", line=line))
        field = row.get_by_label(self.say(column), exact=True)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)

    def save(self) -> "BulkOrderCheckPage":
        """Have the rows checked again."""
        return self.press("Save and check again", BulkOrderCheckPage)

    def order(self, count: int) -> "BulkOrderPage":
        """Order the rows that are ready."""
        touch(
            self.page.get_by_role(
                "button", name=self.say("Order %(number)s requests", number=count), exact=True
            )
        )
        return BulkOrderPage(self.page, self.language)


class BulkOrderPage(PortalPage):
    """Says what became of each row."""

    heading = "Order for several dossiers"

    def tells(self, done: int, total: int) -> None:
        """Expect it to be told how many were ordered."""
        self.announces("Ordered: %(done)s of %(total)s.", done=done, total=total)
