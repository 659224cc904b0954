"""Colleagues: who is there, who is asked in, and the way in for who is; and one's own account."""

from e2e.pages.portal.activation_list import ActivationListPage
from e2e.pages.portal.portal_page import PortalPage


class PeoplePage(PortalPage):
    """Everybody of the office."""

    heading = "Colleagues"

    def invite(self, address: str, name: str, right: str) -> "PeoplePage":
        """Ask a colleague in, who may do so much."""
        self.field("Email address of your colleague").fill(address)
        self.field("Name").fill(name)
        self.page.get_by_role("radio", name=right).check()
        return self.press("Send the invitation", PeoplePage)


class InvitationPage(PortalPage):
    """The page of the mailed invitation: a button that accepts it."""

    heading = "Invitation to the CARO portal"

    def accept(self) -> ActivationListPage:
        """Accept it."""
        return self.press("Accept the invitation", ActivationListPage)


class BeyondRolePage(PortalPage):
    """What somebody reads who may not do this."""

    heading = "Your role does not allow this"


class NothingHerePage(PortalPage):
    """What somebody reads of what is another office's."""

    heading = "This page does not exist"


class AccountPage(PortalPage):
    """One's own sessions, and which mails one wants."""

    heading = "My account"

    def choose_mails(self, choice: str) -> "AccountPage":
        """Choose which mails to have."""
        self.page.get_by_role("radio", name=choice, exact=True).check()
        return self.press("Save", AccountPage)
