"""How it stands: pending, failed, active."""

from datetime import datetime

from app.clock import BRUSSELS, brussels_day
from app.domain.failures import ChecklistItem, FailureMessage
from e2e.expecting import expect
from e2e.pages.base_page import BasePage
from e2e.pages.wizard import CardPage
from e2e.words import message, under


class FailurePage(BasePage):
    """The message, the checklist where there is one, and the way to try again."""

    heading = "What to do now"
    level = 2

    def reads(self, which: FailureMessage, reference: str) -> "FailurePage":
        """Expect the message, letter for letter."""
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_have_text(message(which, self.language, reference))
        assert heading.inner_text() == message(which, self.language, reference)
        second = under(which, self.language)
        if second is not None:
            assert self.page.locator(".under").inner_text() == second
        return self

    @property
    def items(self) -> list[ChecklistItem]:
        """What to check, from the top."""
        found = self.page.locator("[data-item]")
        return [ChecklistItem(item.get_attribute("data-item") or "") for item in found.all()]

    def shows_when_to_try_again(self, opens_at: datetime, now: datetime) -> None:
        """Expect the time until which it is best to wait, with the day where that is not today's."""
        at, day = f"{opens_at.astimezone(BRUSSELS):%H:%M}", brussels_day(opens_at)
        if day == brussels_day(now):
            self.shows("It is best to wait until %(time)s.", time=at)
        else:
            tomorrow = self.say("until %(time)s tomorrow", time=at)
            self.shows("It is best to wait %(end)s.", end=tomorrow)

    def try_again(self) -> CardPage:
        """Go back to the card."""
        return self.follow("Try again", CardPage)


class PendingPage(BasePage):
    """The bank has not answered yet."""

    heading = "We are waiting for your bank"

    def start_over(self) -> CardPage:
        """Give the attempt up and begin again with the card."""
        return self.press("Start over", CardPage)


class SuccessPage(BasePage):
    """The service is active."""

    heading = "Your service is active"
