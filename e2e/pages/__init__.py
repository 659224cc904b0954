"""The pages as a person sees them: one class a page, each action leads to the next page."""

from e2e.pages.bank import AtYourBankPage, BankEndingPage, HandoffPage, SigningPage, ToyReader
from e2e.pages.bank_app import BankAppPage
from e2e.pages.closed import LinkClosedPage, MessageRepeatedPage, MessageSentPage
from e2e.pages.mail import MailPage
from e2e.pages.outcomes import FailurePage, PendingPage, SuccessPage
from e2e.pages.site import AppBanksPage, HomePage, HowToActivatePage
from e2e.pages.wizard import CardPage, NotMinePage, WelcomePage

__all__ = [
    "AppBanksPage",
    "AtYourBankPage",
    "BankAppPage",
    "BankEndingPage",
    "CardPage",
    "FailurePage",
    "HandoffPage",
    "HomePage",
    "HowToActivatePage",
    "LinkClosedPage",
    "MailPage",
    "MessageRepeatedPage",
    "MessageSentPage",
    "NotMinePage",
    "PendingPage",
    "SigningPage",
    "SuccessPage",
    "ToyReader",
    "WelcomePage",
]
