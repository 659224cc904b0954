"""The mails of one office, as their recipients received them."""

from collections.abc import Sequence

from sqlalchemy import select

from app.models import Accountant, Activation, SignInLink
from app.rehearsal.ground import Ground, Unknown
from app.rehearsal.mailbox import Posted


class Mails(Ground):
    """Reading the office's mails; those of another office do not exist."""

    def mails(self, activation: str | None = None, address: str | None = None) -> Sequence[Posted]:
        """Return the mails of the office, of one request, or to one address, oldest first."""
        subjects = self._subjects()
        if activation is not None:
            subjects &= {activation}
        found = self.mailbox.about(subjects)
        return [mail for mail in found if address in (None, "", mail.message["To"])]

    def mail(self, mail_id: str) -> Posted:
        """Return one mail; raise Unknown."""
        found = next((mail for mail in self.mails() if mail.id == mail_id), None)
        if found is None:
            raise Unknown(mail_id)
        return found

    def _subjects(self) -> set[str]:
        requests = select(Activation.public_id).where(Activation.office_id == self.office_id)
        links = select(SignInLink.public_id).join(Accountant).where(Accountant.office_id == self.office_id)
        with self.database.connection() as connection:
            return {*connection.execute(requests).scalars(), *connection.execute(links).scalars()}
