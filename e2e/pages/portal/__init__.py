"""The accountant's pages: one class a page, each action leads to the next page."""

from e2e.pages.portal.deeds import (
    CancelRequestPage,
    CopiedLinkPage,
    CorrectAddressPage,
    EndServicePage,
    RelaunchPage,
    ReplaceLinkPage,
)
from e2e.pages.portal.desk import DeskPage
from e2e.pages.portal.door import LinkSentPage, SignInLinkPage, SignInPage, UsedLinkPage
from e2e.pages.portal.dossier import DossierPage, RequestSheet
from e2e.pages.portal.listing import ListPage
from e2e.pages.portal.order import BankPage, NothingToOrderPage, OrderPage, ReviewPage, WarningPage
from e2e.pages.portal.preview import DrawnBankPage, MessagesPage, PreviewPage
from e2e.pages.portal.toolkit import ToolkitPage

__all__ = [
    "BankPage",
    "CancelRequestPage",
    "CopiedLinkPage",
    "CorrectAddressPage",
    "DeskPage",
    "DossierPage",
    "DrawnBankPage",
    "EndServicePage",
    "LinkSentPage",
    "ListPage",
    "MessagesPage",
    "NothingToOrderPage",
    "OrderPage",
    "PreviewPage",
    "RelaunchPage",
    "ReplaceLinkPage",
    "RequestSheet",
    "ReviewPage",
    "SignInLinkPage",
    "SignInPage",
    "ToolkitPage",
    "UsedLinkPage",
    "WarningPage",
]
