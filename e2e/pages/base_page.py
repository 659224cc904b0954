"""What every page has: a heading that shows it is there, buttons to press, a language to read."""

from typing import ClassVar, TypeVar

from playwright.sync_api import Locator, Page

from e2e.expecting import expect
from e2e.touch import touch
from e2e.words import say, spoken

Next = TypeVar("Next", bound="BasePage")


class BasePage:
    """A page that is shown: making one waits until its heading is there."""

    heading: ClassVar[str]
    level: ClassVar[int] = 1

    def __init__(self, page: Page, language: str = "") -> None:
        self.page = page
        self.language = language or spoken()
        expect(self.heading_shown()).to_be_visible()

    def heading_shown(self) -> Locator:
        """The heading by which a person knows the page."""
        return self.page.get_by_role("heading", level=self.level, name=self.say(self.heading), exact=True)

    def wait_for_scripts(self: Next) -> Next:
        """Wait for the scripts of the page, which run after it is shown and miss what was typed before."""
        self.page.wait_for_load_state()
        return self

    def say(self, msgid: str, **params: object) -> str:
        """Return a sentence in the language of this page."""
        return say(msgid, self.language, **params)

    def press(self, button: str, then: type[Next]) -> Next:
        """Press the button with these words and return the page that follows."""
        touch(self.page.get_by_role("button", name=self.say(button), exact=True))
        return then(self.page, self.language)

    def follow(self, link: str, then: type[Next]) -> Next:
        """Follow the link with these words and return the page that follows."""
        touch(self.page.get_by_role("link", name=self.say(link), exact=True))
        return then(self.page, self.language)

    def reload(self, then: type[Next]) -> Next:
        """Reload and return the page that is shown then."""
        self.page.reload()
        return then(self.page, self.language)

    def back(self, then: type[Next]) -> Next:
        """Go back and return the page that is shown then."""
        self.page.go_back()
        return then(self.page, self.language)

    def speak(self: Next, language: str, name: str) -> Next:
        """Choose another language from the menu: the same page, in other words."""
        touch(self.page.get_by_role("link", name=name, exact=True))
        return type(self)(self.page, language)

    def shows(self, msgid: str, **params: object) -> None:
        """Expect a sentence to be read on the page."""
        expect(self.page.get_by_text(self.say(msgid, **params)).first).to_be_visible()

    @property
    def text(self) -> str:
        """Everything that can be read on the page."""
        return self.page.locator("body").inner_text()
