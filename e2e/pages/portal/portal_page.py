"""What every page of the portal has: news that is announced, fields that complain, the way out."""

import re

from playwright.sync_api import Locator, expect

from e2e.pages.base_page import BasePage
from e2e.touch import touch
from e2e.words import say


class PortalPage(BasePage):
    """A page behind the accountant's door, or in front of it."""

    def announces(self, msgid: str, **params: object) -> None:
        """Expect a sentence to be announced."""
        notice = self.page.get_by_role("status").filter(has_text=self.say(msgid, **params))
        expect(notice.first).to_be_visible()

    def alerts(self, sentence: str) -> None:
        """Expect a sentence to be told before everything else."""
        expect(self.page.get_by_role("alert")).to_contain_text(sentence)

    def field(self, label: str) -> Locator:
        """The field with this label."""
        return self.page.get_by_role("textbox", name=self.say(label), exact=True)

    def complains(self, label: str, sentence: str) -> None:
        """Expect a field to be wrong, with this sentence beside it and in the summary, which leads there."""
        field = self.field(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(re.escape(sentence)))
        touch(self.page.get_by_role("alert").get_by_role("link", name=sentence))
        expect(field).to_be_focused()
        heading = say("Error: %(title)s", self.language) % {"title": self.say(self.heading)}
        expect(self.page).to_have_title(f"{heading} – CARO")
