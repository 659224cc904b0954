"""The mails of one office, as their recipients received them."""

from collections.abc import Sequence

from sqlalchemy import select

from app.models import Accountant, Activation, SignInLink
from app.simulation.testing.ground import SandboxContext, UnknownSandboxItem
from app.simulation.testing.mailbox import SentMail


class Mails(SandboxContext):
    """Reading the office's mails; those of another office do not exist."""

    def list_mails(self, activation: str | None = None, address: str | None = None) -> Sequence[SentMail]:
        """Return the mails of the office, of one request, or to one address, oldest first."""
        subjects = self._mail_subjects()
        if activation is not None:
            subjects &= {activation}
        found = self.mailbox.find_mails(subjects)
        return [mail for mail in found if address in (None, "", mail.parsed_message["To"])]

    def find_mail(self, mail_id: str) -> SentMail:
        """Return one mail; raise UnknownSandboxItem."""
        found = next((mail for mail in self.list_mails() if mail.id == mail_id), None)
        if found is None:
            raise UnknownSandboxItem(mail_id)
        return found

    def _mail_subjects(self) -> set[str]:
        requests = select(Activation.public_id).where(Activation.office_id == self.office_id)
        links = select(SignInLink.public_id).join(Accountant).where(Accountant.office_id == self.office_id)
        with self.database.read_connection() as connection:
            return {*connection.execute(requests).scalars(), *connection.execute(links).scalars()}
