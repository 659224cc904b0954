"""The banks that carry CARO, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.history import MailKind


class Route(StrEnum):
    """How the cardholder activates: by our link and the card, or in the bank's own app."""

    LINK = "link"
    BANK_APP = "bank_app"


#: What invites the cardholder on each route.
INVITATIONS: Mapping[Route, MailKind] = {
    Route.LINK: MailKind.INVITATION,
    Route.BANK_APP: MailKind.INSTRUCTIONS,
}


@dataclass(frozen=True)
class Bank:
    """One bank: its key in rows and files, its name on pages, the way it activates."""

    key: str
    name: str
    route: Route = Route.LINK

    @property
    def invitation(self) -> MailKind:
        """The mail that invites this bank's cardholders: with our link, or the steps in its app."""
        return INVITATIONS[self.route]


BANKS: Mapping[str, Bank] = {
    bank.key: bank
    for bank in (
        Bank("argenta", "Argenta"),
        Bank("bank_van_breda", "Bank Van Breda"),
        Bank("belfius", "Belfius"),
        Bank("bnp_paribas_fortis", "BNP Paribas Fortis"),
        Bank("crelan", "Crelan"),
        Bank("fintro", "Fintro"),
        Bank("kbc", "KBC", Route.BANK_APP),
        Bank("cbc", "CBC", Route.BANK_APP),
    )
}

#: The banks whose cardholders activate in the bank's own app.
APP_BANKS = tuple(bank.key for bank in BANKS.values() if bank.route is Route.BANK_APP)


def bank_named(text: str) -> Bank | None:
    """Find a bank by its key or its name, whatever the case; None where it is not carried."""
    wanted = text.strip().casefold()
    return next((b for b in BANKS.values() if wanted in (b.key, b.name.casefold())), None)
