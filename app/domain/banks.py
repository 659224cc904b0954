"""The banks that carry CARO, as data: everything about a bank stands in its row."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from app.domain.history import MailKind
from app.domain.typed_text import fold_keyword, plain_text


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

    PLAIN = auto()
    VAGUE = auto()
    CODE = auto()


@dataclass(frozen=True)
class Bank:
    """One bank: its key in rows and files, its name on pages, and how its cardholders activate.

    `bics` are the first eight characters of the BICs of its accounts (ISO 9362), `sample_iban` an account
    number at this bank that belongs to nobody, `aliases` what else it is called, folded as keywords are.
    """

    key: str
    name: str
    route: ActivationRoute
    bics: frozenset[str]
    sample_iban: str
    refusal_style: RefusalStyle
    aliases: frozenset[str] = frozenset()

    @property
    def invitation_kind(self) -> MailKind:
        """The mail that invites this bank's cardholders: with our link, or the steps in its app."""
        return INVITATIONS[self.route]


def _set(*texts: str) -> frozenset[str]:
    return frozenset(texts)


_LINK, _APP = ActivationRoute.LINK, ActivationRoute.BANK_APP
_PLAIN, _VAGUE, _CODE = RefusalStyle.PLAIN, RefusalStyle.VAGUE, RefusalStyle.CODE
_ROWS = (
    Bank("argenta", "Argenta", _LINK, _set("ARSPBE22"), "BE33973000001246", _PLAIN),
    Bank(
        "bank_van_breda",
        "Bank Van Breda",
        _LINK,
        _set("ABERBE22", "JVBABE22"),
        "BE55645000000944",
        _CODE,
        _set("j van breda", "j van breda c"),
    ),
    Bank("belfius", "Belfius", _LINK, _set("GKCCBEBB"), "BE35063000000237", _VAGUE),
    Bank(
        "bnp_paribas_fortis",
        "BNP Paribas Fortis",
        _LINK,
        _set("GEBABEBB"),
        "BE26142000000429",
        _CODE,
        _set("bnp", "bnp fortis", "bnp paribas", "bnppf", "fortis"),
    ),
    # It took over the accounts of AXA.
    Bank(
        "crelan",
        "Crelan",
        _LINK,
        _set("NICABEBB", "AXABBE22"),
        "BE05103000000775",
        _PLAIN,
        _set("axa", "crelan axa"),
    ),
    # A brand of BNP Paribas Fortis.
    Bank("fintro", "Fintro", _LINK, _set("GEBABEBB"), "BE18145000000665", _VAGUE),
    # One group: an account of either serves either.
    Bank("kbc", "KBC", _APP, _set("KREDBEBB", "CREGBEBB"), "BE19734000000312", _PLAIN, _set("kbc cbc")),
    Bank("cbc", "CBC", _APP, _set("KREDBEBB", "CREGBEBB"), "BE26193000000829", _PLAIN, _set("cregbebb")),
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


#: Words of a bank's name that people add or leave out.
_OPTIONAL_WORDS = frozenset(
    {"ag", "bank", "banque", "belgie", "belgien", "belgique", "belgium", "nv", "sa", "spaarbank"}
)


def _bare_name(text: str) -> str:
    return " ".join(word for word in fold_keyword(text).split() if word not in _OPTIONAL_WORDS)


_NAMES: Mapping[str, frozenset[str]] = {
    bank.key: bank.aliases | {_bare_name(bank.key), _bare_name(bank.name)} for bank in BANKS.values()
}


def find_bank(text: str) -> Bank | None:
    """Find a bank by its key, a name of it or its BIC, however it is typed; None where it is not carried."""
    code = plain_text(text).replace(" ", "").upper()
    bic = code[:8] if len(code) in (8, 11) else ""
    named = {_bare_name(text), bic.lower()} - {""}
    by_name = (bank for bank in BANKS.values() if named & _NAMES[bank.key])
    return next(by_name, next((bank for bank in BANKS.values() if bic in bank.bics), None))
