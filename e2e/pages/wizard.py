"""The cardholder's own pages: welcome and card."""

from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

from e2e.pages.base_page import BasePage, Next
from e2e.product import PlacedActivation
from e2e.words import say

REFERENCE_LABEL = "I confirm that the client reference %(reference)s is mine."
TERMS_LABEL = "I have read the conditions and I accept them."


class WelcomePage(BasePage):
    """Step 1: the reference is confirmed and the conditions are accepted."""

    heading = "Welcome"

    @classmethod
    def open(cls, page: Page, order: PlacedActivation) -> "WelcomePage":
        """Open the mailed link."""
        page.goto(order.link)
        return cls(page, order.language)

    def tick_reference(self, order: PlacedActivation) -> "WelcomePage":
        """Confirm that the reference is mine."""
        self.page.get_by_label(self.say(REFERENCE_LABEL, reference=order.grouped_reference)).check()
        return self

    def tick_terms(self) -> "WelcomePage":
        """Accept the conditions."""
        self.page.get_by_label(self.say(TERMS_LABEL)).check()
        return self

    def accept(self, order: PlacedActivation) -> "CardPage":
        """Tick both boxes and go on."""
        return self.tick_reference(order).tick_terms().press("Next", CardPage)


class NotMinePage(BasePage):
    """What to do with a reference that is somebody else's."""

    heading = "Is this request not for you?"


class CardPage(BasePage):
    """Step 2: the card is typed."""

    heading = "Your credit card"

    @classmethod
    def open(cls, page: Page, order: PlacedActivation) -> "CardPage":
        """Open the mailed link once the conditions are accepted."""
        page.goto(order.link)
        return cls(page, order.language)

    def fill(self, number: str, expiry: str, code: str = "123") -> "CardPage":
        """Type a card, field by field."""
        for label, text in (("Card number", number), ("Expiry date", expiry), ("Security code", code)):
            self.field(label).fill(text)
        return self

    def submit(self, number: str, expiry: str, then: type[Next], code: str = "123") -> Next:
        """Type a card and send it to the bank."""
        return self.fill(number, expiry, code).press("Continue to my bank", then)

    def field(self, label: str) -> Locator:
        """The field with this label."""
        return self.page.get_by_role("textbox", name=self.say(label), exact=True)

    def complains(self, label: str, sentence: str) -> None:
        """Expect a field to be wrong, with this sentence beside it and in the summary above."""
        field = self.field(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        name = field.get_attribute("id")
        expect(self.page.locator(f"#{name}-problem")).to_contain_text(sentence)
        expect(self.page.get_by_role("alert").get_by_role("link", name=sentence)).to_be_visible()
        heading = say("Error: %(title)s", self.language) % {"title": self.say(self.heading)}
        expect(self.page).to_have_title(f"{heading} – CARO")

    @property
    def typed(self) -> Mapping[str, str]:
        """What stands in the fields."""
        labels = ("Card number", "Expiry date", "Security code")
        return {label: self.field(label).input_value() for label in labels}
