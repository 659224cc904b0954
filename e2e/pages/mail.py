"""A mail as it is read on a phone: its HTML part is shown, and its links can be tapped."""

import re
from collections.abc import Sequence

from playwright.sync_api import Page, expect

from e2e.api_models import MailModel
from e2e.pages.base_page import Next
from e2e.touch import touch
from e2e.words import say


class MailPage:
    """One mail out of a mailbox, opened."""

    def __init__(self, page: Page, mail: MailModel) -> None:
        self.page = page
        self.mail = mail
        self.language = mail.language
        # On a page of ours the mail would be shown under that page's policy.
        page.goto("about:blank")
        page.set_content(mail.html)
        expect(page.get_by_role("heading", level=1)).to_have_text(self.subject)

    @property
    def subject(self) -> str:
        """What the list of mails shows."""
        return self.mail.subject

    @property
    def text(self) -> str:
        """The part for programs that show no HTML."""
        return self.mail.text

    @property
    def addresses(self) -> Sequence[str]:
        """Where the links lead, from the top, each once."""
        found = [link.get_attribute("href") or "" for link in self.page.get_by_role("link").all()]
        return list(dict.fromkeys(found))

    @property
    def addresses_in_text(self) -> Sequence[str]:
        """Every address that stands in the text part, each once."""
        return list(dict.fromkeys(re.findall(r"https?://\S+", self.text)))

    def press(self, button: str, then: type[Next]) -> Next:
        """Tap the button with these words and return the page that opens."""
        touch(self.page.get_by_role("link", name=say(button, self.language), exact=True))
        return then(self.page, self.language)
