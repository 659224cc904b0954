"""One thing for many requests: what will be done, the last look, and what became of each."""

from playwright.sync_api import Locator

from app.domain.identifiers import group_digits
from e2e.pages.base_page import Next
from e2e.pages.portal.portal_page import PortalPage
from e2e.touch import touch


class BulkActionPage(PortalPage):
    """Says what will be done, or what was done; all of its pages bear the name of the action."""

    def confirm(self, count: int, then: type[Next]) -> Next:
        """Press the button, which says with how many requests it will be done."""
        return self._press_button(self.say(self.heading), count, then)

    def button(self, count: int) -> Locator:
        """The button that does it."""
        return self.page.get_by_role("button", name=f"{self.say(self.heading)} ({count})", exact=True)

    def row_of(self, reference: str) -> Locator:
        """The row of a client reference."""
        return self.page.get_by_role("row").filter(has_text=group_digits(reference))

    def tells(self, done: int, total: int) -> None:
        """Expect it to be told with how many requests it was done."""
        self.announces("Done: %(done)s of %(total)s.", done=done, total=total)

    def _press_button(self, name: str, count: int, then: type[Next]) -> Next:
        touch(self.page.get_by_role("button", name=f"{name} ({count})", exact=True))
        return then(self.page, self.language)


class BulkResendPage(BulkActionPage):
    """The invitation again."""

    heading = "Resend the invitations"


class BulkRemindPage(BulkActionPage):
    """The next reminder now."""

    heading = "Send reminders"


class BulkLanguagePage(BulkActionPage):
    """Another language."""

    heading = "Change the language"


class BulkCancelPage(BulkActionPage):
    """The requests are withdrawn."""

    heading = "Cancel the requests"


class BulkLastLookPage(BulkCancelPage):
    """The last look before many requests are cancelled."""

    def heading_shown(self) -> Locator:
        """The heading, which names the action once more."""
        name = self.say("Last look: %(action)s", action=self.say(self.heading))
        return self.page.get_by_role("heading", level=1, name=name, exact=True)

    def confirm_again(self, count: int, then: type[Next]) -> Next:
        """Press the button of the last look."""
        return self._press_button(self.say("Yes: %(action)s", action=self.say(self.heading)), count, then)
