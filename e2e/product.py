"""The world of one test: a server, wherever it runs, reached through its pages and its QA API alone."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import trustme

from app.domain.identifiers import group_digits
from e2e.api import Api, Command
from e2e.api_models import ActivationEvidence, MailModel, OfficeModel
from e2e.own_server import OwnServer, own_server
from e2e.words import spoken

#: The dossier that is managed, as every office of the tests has it.
CODE, NAME = "ÉTOILE", "Brasserie de l'Étoile"
#: A dossier for which nothing can be ordered: its only mandate is archived.
CLOSED_CODE = "FERMÉ"


@dataclass(frozen=True)
class OrderedFor:
    """A cardholder whom nobody has asked yet."""

    reference: str
    address: str
    language: str

    @property
    def grouped_reference(self) -> str:
        """The client reference as pages show it."""
        return group_digits(self.reference)


@dataclass(frozen=True)
class PlacedActivation(OrderedFor):
    """What a test starts from: one request of its own, whose mail the cardholder received."""

    office: OfficeModel
    public_id: str
    link: str
    accepted: bool


class Product:
    """Where the product and its bank are, what a test may make there, and what it may know."""

    def __init__(
        self, product_url: str, own: OwnServer | None = None, authority: trustme.CA | None = None
    ) -> None:
        self.product_url = product_url.rstrip("/")
        self.own = own
        self._api = Api(self.product_url, authority=authority)
        server = self._api.server()
        self.bank_url, self.caps = server.bank_url.rstrip("/"), server.caps

    def now(self) -> datetime:
        """Return the server's own time."""
        return self._api.server().now

    def office(self, language: str = "") -> OfficeModel:
        """Open an office that nobody else has, with a dossier and nothing ordered."""
        return self._api.open_office(language or spoken())

    def new_cardholder(self, office: OfficeModel, language: str = "", reference: str = "") -> OrderedFor:
        """Think of a cardholder whom nobody else has, and whose mail this office's tester may read."""
        number = secrets.randbelow(10**9)
        address = f"titulaire{number:09d}@{office.domain}"
        return OrderedFor(reference or f"6{number:09d}", address, language or spoken())

    def order(
        self,
        language: str = "",
        bank: str = "belfius",
        reference: str = "",
        office: OfficeModel | None = None,
        *,
        accepted: bool = False,
    ) -> PlacedActivation:
        """Order the service for a cardholder of its own and deliver the invitation.

        Where the conditions are accepted, the link opens the card page.
        """
        office = office or self.office()
        holder = self.new_cardholder(office, language, reference)
        scenario = {"scenario": "success"} if accepted else {}
        made = self._api.of(office).order(bank=bank, **vars(holder), **scenario)
        return _placed(office, holder, made, accepted=accepted)

    def order_many(self, office: OfficeModel, count: int) -> Sequence[PlacedActivation]:
        """Order so often, for a cardholder each, and deliver the invitations."""
        return [self.order(office=office) for _ in range(count)]

    def start_scenario(self, scenario: str, language: str = "") -> PlacedActivation:
        """Have a request made that stands where a scenario begins."""
        office = self.office()
        holder = self.new_cardholder(office, language)
        return _placed(office, holder, self._api.of(office).order(scenario=scenario, **vars(holder)))

    def place_order(self, office: OfficeModel, holder: OrderedFor) -> PlacedActivation:
        """Deliver the invitation of the request that an accountant has just placed, and return it."""
        lines = self._api.of(office).activations()
        (public_id,) = (line.public_id for line in lines if line.reference == holder.reference)
        return _placed(office, holder, self._api.of(office).perform("work", public_id))

    def sign_in_link(self, office: OfficeModel, address: str) -> str:
        """Return a link that signs in somebody of an office, as a mail would bring it."""
        return self._api.of(office).sign_in_link("colleague" if address == office.colleague else "accountant")

    def work(self, office: OfficeModel) -> None:
        """Have everything done that is due for an office, its sign-in mails included."""
        self._api.of(office).work()

    def pass_time(self, order: PlacedActivation, **by: float) -> None:
        """Let time go by for one request, then have done what has become due for it."""
        self._of(order, "age", **by)

    def only_pass_time(self, order: PlacedActivation, **by: float) -> None:
        """Let time go by for one request before anybody looks at it."""
        self._of(order, "age", **by, work=False)

    def age_until(self, order: PlacedActivation, moment: str) -> None:
        """Let time go by for one request until what it waits for, then have done what is due."""
        self._of(order, "age", to=moment)

    def resend(self, order: PlacedActivation) -> None:
        """Send the same invitation again."""
        self._of(order, "resend")

    def replace(self, order: PlacedActivation) -> None:
        """Send a new link."""
        self._of(order, "replace")

    def cancel(self, order: PlacedActivation) -> None:
        """Withdraw the request."""
        self._of(order, "cancel")

    def stop(self, order: PlacedActivation) -> None:
        """Stop the active service."""
        self._of(order, "revoke")

    def evidence(self, order: PlacedActivation) -> ActivationEvidence:
        """Return what stands behind the pages of one request at this moment."""
        return self._api.of(order.office).activation(order.public_id)

    def mails(self, order: PlacedActivation) -> Sequence[MailModel]:
        """Return the mails that the cardholder received, oldest first."""
        return self.mailbox(order.office, order.address)

    def notices(self, order: PlacedActivation) -> Sequence[MailModel]:
        """Return the mails that the accountant received about one request, oldest first."""
        mails = self.mailbox(order.office, order.office.accountant)
        return [mail for mail in mails if order.grouped_reference in mail.subject]

    def mailbox(self, office: OfficeModel, address: str = "") -> Sequence[MailModel]:
        """Return all mails of an office, or those to one address of it, oldest first."""
        to = {"to": address} if address else {}
        return self._api.of(office).mails(**to)

    def requests(self, office: OfficeModel) -> Sequence[str]:
        """Return the references that were ordered for, newest first."""
        return [line.reference for line in self._api.of(office).activations()]

    def expiry(self, months: int = 12) -> str:
        """Write an expiry date so many months from now, as cards print it."""
        now = self.now()
        count = now.year * 12 + now.month - 1 + months
        return f"{count % 12 + 1:02d}/{count // 12 % 100:02d}"

    def _of(self, order: PlacedActivation, command: Command, **how: object) -> None:
        self._api.of(order.office).perform(command, order.public_id, **how)


def _placed(
    office: OfficeModel, holder: OrderedFor, made: ActivationEvidence, *, accepted: bool = False
) -> PlacedActivation:
    link = made.link or ""
    return PlacedActivation(
        **vars(holder), office=office, public_id=made.public_id, link=link, accepted=accepted
    )


@contextmanager
def own_product(folder: Path, authority: trustme.CA | None = None, **settings: object) -> Iterator[Product]:
    """Run a world of one's own, over TLS or with other settings where they are given."""
    with own_server(folder, authority, **settings) as own:
        yield Product(own.product_url, own, authority)
