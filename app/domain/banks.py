"""The banks that carry CARO, as data: everything about a bank stands in its row."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.history import MailKind
from app.domain.typed_text import fold_keyword


class ActivationRoute(StrEnum):
    """How the cardholder activates: by our link and the card, or in the bank's own app."""

    LINK = "link"
    BANK_APP = "bank_app"


#: What invites the cardholder on each route.
INVITATIONS: Mapping[ActivationRoute, MailKind] = {
    ActivationRoute.LINK: MailKind.INVITATION,
    ActivationRoute.BANK_APP: MailKind.INSTRUCTIONS,
}
INVITATION_KINDS = frozenset(INVITATIONS.values())


class RefusalStyle(StrEnum):
    """How a bank words its refusals on the page where one signs."""

    PLAIN = "plain"
    VAGUE = "vague"
    CODE = "code"


@dataclass(frozen=True, kw_only=True)
class Bank:
    """One bank: its key in rows and files, its name on pages, and how its cardholders activate.

    `bics` are the first eight characters of the BICs of its accounts (ISO 9362), `sample_iban` an account
    number at this bank that belongs to nobody.
    """

    key: str
    name: str
    route: ActivationRoute
    bics: frozenset[str]
    sample_iban: str
    refusal_style: RefusalStyle

    @property
    def invitation_kind(self) -> MailKind:
        """The mail that invites this bank's cardholders: with our link, or the steps in its app."""
        return INVITATIONS[self.route]


_ROWS = (
    Bank(
        key="argenta",
        name="Argenta",
        route=ActivationRoute.LINK,
        bics=frozenset({"ARSPBE22"}),
        sample_iban="BE33973000001246",
        refusal_style=RefusalStyle.PLAIN,
    ),
    Bank(
        key="bank_van_breda",
        name="Bank Van Breda",
        route=ActivationRoute.LINK,
        bics=frozenset({"ABERBE22", "JVBABE22"}),
        sample_iban="BE55645000000944",
        refusal_style=RefusalStyle.CODE,
    ),
    Bank(
        key="belfius",
        name="Belfius",
        route=ActivationRoute.LINK,
        bics=frozenset({"GKCCBEBB"}),
        sample_iban="BE35063000000237",
        refusal_style=RefusalStyle.VAGUE,
    ),
    Bank(
        key="bnp_paribas_fortis",
        name="BNP Paribas Fortis",
        route=ActivationRoute.LINK,
        bics=frozenset({"GEBABEBB"}),
        sample_iban="BE26142000000429",
        refusal_style=RefusalStyle.CODE,
    ),
    Bank(
        key="crelan",
        name="Crelan",
        route=ActivationRoute.LINK,
        bics=frozenset({"NICABEBB", "AXABBE22"}),  # it took over the accounts of AXA
        sample_iban="BE05103000000775",
        refusal_style=RefusalStyle.PLAIN,
    ),
    Bank(
        key="fintro",
        name="Fintro",
        route=ActivationRoute.LINK,
        bics=frozenset({"GEBABEBB"}),  # a brand of BNP Paribas Fortis
        sample_iban="BE18145000000665",
        refusal_style=RefusalStyle.VAGUE,
    ),
    # One group: an account of either serves either.
    Bank(
        key="kbc",
        name="KBC",
        route=ActivationRoute.BANK_APP,
        bics=frozenset({"KREDBEBB", "CREGBEBB"}),
        sample_iban="BE19734000000312",
        refusal_style=RefusalStyle.PLAIN,
    ),
    Bank(
        key="cbc",
        name="CBC",
        route=ActivationRoute.BANK_APP,
        bics=frozenset({"KREDBEBB", "CREGBEBB"}),
        sample_iban="BE26193000000829",
        refusal_style=RefusalStyle.PLAIN,
    ),
)
BANKS: Mapping[str, Bank] = {bank.key: bank for bank in _ROWS}

#: The bank that stands for all of its route: in previews, demonstrations and tests.
SAMPLE_BANKS: Mapping[ActivationRoute, str] = {
    ActivationRoute.LINK: "belfius",
    ActivationRoute.BANK_APP: "kbc",
}

#: The banks whose cardholders activate in the bank's own app.
APP_BANKS: Mapping[str, Bank] = {
    key: bank for key, bank in BANKS.items() if bank.route is ActivationRoute.BANK_APP
}


def find_bank(text: str) -> Bank | None:
    """Find a bank by its key or its name, however it is typed; None where it is not carried."""
    name = fold_keyword(text)
    return next((b for b in BANKS.values() if name in map(fold_keyword, (b.key, b.name))), None)
