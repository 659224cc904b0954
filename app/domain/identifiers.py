"""What names a statement, an account or a person: client reference, IBAN, e-mail address, search key."""

import re
from enum import StrEnum, auto
from urllib.parse import unquote

from app.domain.banks import APP_BANKS, Bank
from app.domain.typed_text import bare_number, fold_text, plain_text

#: The first is a 6 or a 7; no checksum is documented, so none is invented.
_REFERENCE = re.compile(r"[67][0-9]{9}")
REFERENCE_DIGITS = 10
_BELGIAN_IBAN = 16


def parse_client_reference(text: str) -> str | None:
    """Return the ten bare digits of a typed reference; None where it is none."""
    bare = bare_number(text)
    return bare if _REFERENCE.fullmatch(bare) else None


def group_digits(reference: str) -> str:
    """Show a reference in groups as statements print it; the exact messages keep it bare."""
    return f"{reference[:4]} {reference[4:7]} {reference[7:]}"


def group_digits_unbroken(reference: str) -> str:
    """Show a reference in groups that no narrow screen tears apart."""
    return group_digits(reference).replace(" ", "\u00a0")


def shorten_reference(uuid: str) -> str:
    """Show the beginning of a long reference in two groups, short enough to be read out."""
    return f"{uuid[:4]}\u00a0{uuid[4:8]}".upper()


class IbanFault(StrEnum):
    """Why a text is no IBAN."""

    OLD_NUMBER = auto()
    LETTER = auto()
    LENGTH = auto()
    OTHER = auto()


def bare_account(text: str) -> str:
    """Return the letters and digits of an IBAN, without a label in front and a bank's name behind."""
    bare = re.sub(r"[\W_]", "", plain_text(text)).upper()
    # The country's two letters are the last before the first digit.
    labelled = re.search(r"[A-Z]{2}[0-9]", bare)
    return bare[labelled.start() :] if labelled else bare


def parse_iban(text: str) -> str | None:
    """Return the compact IBAN, its checksum checked; None where it is none."""
    # Only here, as below: few processes read an account, and its tables take a while to load.
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    bare = bare_account(text)
    for candidate in (bare, bare.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")):
        try:
            return str(IBAN(candidate).compact)
        except SchwiftyException:
            continue
    return None


def iban_fault(bare: str) -> IbanFault:
    """Tell the likeliest fault of a bare text that is no IBAN."""
    if re.fullmatch(r"(?!BE)[A-Z]*[0-9]{12}", bare):
        return IbanFault.OLD_NUMBER
    if re.match(r"BE[0-9]*[A-Z]", bare):
        return IbanFault.LETTER
    return IbanFault.LENGTH if bare.startswith("BE") and len(bare) != _BELGIAN_IBAN else IbanFault.OTHER


def bare_address(text: str) -> str:
    """Return an e-mail address without the name, the label or the signs in which it was pasted."""
    plain = plain_text(text)
    linked = "mailto:" in plain.lower()
    plain = re.sub("(?i)<mailto:", "<", plain)
    named = _NAMED_ADDRESS.fullmatch(plain)
    # A name may repeat the address, but not be another one.
    if named and ("@" not in named["name"] or named["address"] in named["name"]):
        plain = named["address"]
    address = re.sub(r"^[^@]*:", "", plain)
    if linked:
        address = unquote(address.partition("?")[0])
    address = re.sub(r" ?\([^()@]*\)$", "", address).strip(" '\"<>()[].,;:?!/")
    return re.sub(r" ?@ ?", "@", address)


_NAMED_ADDRESS = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>[\s.,;]*")


def may_be_held_at(bank: Bank, iban: str) -> bool:
    """Tell whether an account may be at a bank; True where nobody knows whose bank code it is."""
    bic = _find_bic(iban)
    return bic is None or bic in bank.bics


def is_bank_app_account(iban: str) -> bool:
    """Tell whether the account is at a bank whose own app activates."""
    bic = _find_bic(iban)
    return any(bic in bank.bics for bank in APP_BANKS.values())


def _find_bic(iban: str) -> str | None:
    from schwifty import IBAN

    bic = IBAN(iban).bic
    return None if bic is None else str(bic)[:8]


LONGEST_KEY = 120


def search_key(text: str) -> str:
    """Return a text as it is sorted and searched."""
    return fold_text(text)[:LONGEST_KEY]


#: The letters of names under .be: none of them looks like another, as letters of other scripts do.
_DOMAIN_NAME = re.compile("[a-z0-9ß-öø-ÿœ-]+")


def readable_address(address: str) -> str:
    """Show an address as people write it: with the accents of its domain, where no letter misleads."""
    local, at, domain = address.rpartition("@")
    return local + at + ".".join(map(_readable_label, domain.split(".")))


def _readable_label(label: str) -> str:
    kept = label.removeprefix("xn--")
    try:
        name = kept.encode().decode("punycode") if kept != label else label
    except UnicodeError:
        return label
    is_same = _DOMAIN_NAME.fullmatch(name) and name.encode("punycode").decode() == kept
    return name if is_same else label


def mask_address(address: str) -> str:
    """Show enough of an address to recognise it, and too little to write to it."""
    name, _, domain = readable_address(address).rpartition("@")
    return f"{name[:1]}•••@{domain}"
