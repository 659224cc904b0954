"""The accountant's pages: one class a page, each action leads to the next page."""

from e2e.pages.portal.actions import (
    CancelRequestPage,
    CopiedLinkPage,
    CorrectAddressPage,
    EndServicePage,
    RelaunchPage,
    ReplaceLinkPage,
)
from e2e.pages.portal.activation_list import ActivationListPage
from e2e.pages.portal.bulk_actions import (
    BulkCancelPage,
    BulkLanguagePage,
    BulkLastLookPage,
    BulkRemindPage,
    BulkResendPage,
)
from e2e.pages.portal.dossier import ActivationSection, DossierPage
from e2e.pages.portal.files import BulkOrderCheckPage, BulkOrderFormPage, BulkOrderPage
from e2e.pages.portal.order import AnnouncementPage, NothingToOrderPage, OrderBankPage, OrderPage, ReviewPage
from e2e.pages.portal.people import AccountPage, BeyondRolePage, InvitationPage, NothingHerePage, PeoplePage
from e2e.pages.portal.portal_page import PortalPage
from e2e.pages.portal.preview import DrawnBankPage, MessagesPage, PreviewPage
from e2e.pages.portal.sign_in import LinkSentPage, SignInLinkPage, SignInPage, UsedLinkPage
from e2e.pages.portal.toolkit import ToolkitPage

__all__ = [
    "AccountPage",
    "ActivationListPage",
    "ActivationSection",
    "AnnouncementPage",
    "BeyondRolePage",
    "BulkCancelPage",
    "BulkLanguagePage",
    "BulkLastLookPage",
    "BulkOrderCheckPage",
    "BulkOrderFormPage",
    "BulkOrderPage",
    "BulkRemindPage",
    "BulkResendPage",
    "CancelRequestPage",
    "CopiedLinkPage",
    "CorrectAddressPage",
    "DossierPage",
    "DrawnBankPage",
    "EndServicePage",
    "InvitationPage",
    "LinkSentPage",
    "MessagesPage",
    "NothingHerePage",
    "NothingToOrderPage",
    "OrderBankPage",
    "OrderPage",
    "PeoplePage",
    "PortalPage",
    "PreviewPage",
    "RelaunchPage",
    "ReplaceLinkPage",
    "ReviewPage",
    "SignInLinkPage",
    "SignInPage",
    "ToolkitPage",
    "UsedLinkPage",
]
