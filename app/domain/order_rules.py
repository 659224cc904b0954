"""What an accountant fills in, the rule of each field, and why an action is refused."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from app.domain.banks import APP_BANKS, BANKS, ActivationRoute, Bank
from app.domain.identifiers import (
    REFERENCE_DIGITS,
    IbanFault,
    bare_account,
    bare_address,
    iban_fault,
    is_bank_app_account,
    parse_client_reference,
    parse_iban,
)
from app.domain.typed_text import bare_number, has_letters, language_of


class OrderProblem(StrEnum):
    """What is wrong with an accountant's order or action; each has a sentence wherever it is shown."""

    NO_DOSSIER = "no_dossier"
    NO_MANDATE = "no_mandate"
    BANK_NOT_OFFERED = "bank_not_offered"
    REFERENCE_MISSING = "reference_missing"
    BAD_REFERENCE = "bad_reference"
    REFERENCE_LETTER = "reference_letter"
    REFERENCE_SHORT = "reference_short"
    REFERENCE_LONG = "reference_long"
    ADDRESS_MISSING = "address_missing"
    BAD_ADDRESS = "bad_address"
    ADDRESS_ACCENT = "address_accent"
    ADDRESS_COMMA = "address_comma"
    ADDRESS_SPACE = "address_space"
    SEVERAL_ADDRESSES = "several_addresses"
    BAD_LANGUAGE = "bad_language"
    IBAN_MISSING = "iban_missing"
    IBAN_NOT_NEEDED = "iban_not_needed"
    BAD_IBAN = "bad_iban"
    IBAN_LETTER = "iban_letter"
    IBAN_LENGTH = "iban_length"
    OLD_ACCOUNT_NUMBER = "old_account_number"
    IBAN_OF_OTHER_BANK = "iban_of_other_bank"
    ALREADY_ORDERED = "already_ordered"
    UNKNOWN_ACTIVATION = "unknown_activation"
    NOT_IN_THIS_STATE = "not_in_this_state"
    NO_LINK = "no_link"
    NO_ADDRESS = "no_address"
    CHANGED_MEANWHILE = "changed_meanwhile"
    SENT_TOO_OFTEN = "sent_too_often"
    NO_REMINDER_LEFT = "no_reminder_left"
    REMINDED_TOO_SOON = "reminded_too_soon"
    CORRECTED_TOO_OFTEN = "corrected_too_often"
    OFFICE_CORRECTED_TOO_OFTEN = "office_corrected_too_often"
    NOT_ALLOWED = "not_allowed"


class ActionRefused(Exception):
    """The order or action is refused and nothing has changed.

    `existing` points to the open request; `opens_at` is when it may be tried again.
    """

    def __init__(
        self, problem: OrderProblem, existing: str | None = None, opens_at: datetime | None = None
    ) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.existing = existing
        self.opens_at = opens_at


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """What an accountant fills in; the IBAN only for a bank that activates in its own app.

    The dossier is named by its id, or by office and code as on a command line.
    """

    dossier_id: int | None = None
    office: str | None = None
    dossier_code: str | None = None
    bank: str
    client_reference: str
    address: str
    language: str
    iban: str | None = None
    accountant: str | None = None
    actor: str = "cli"


class InvalidOrder(ActionRefused):
    """Fields that break their rules, each with its problem; the first stands for all of them."""

    def __init__(self, faults: Mapping[str, OrderProblem]) -> None:
        super().__init__(next(iter(faults.values())))
        self.faults = faults


def validate_order(order: OrderRequest, languages: Container[str]) -> OrderRequest:
    """Return the order with its fields as they are kept; raise InvalidOrder with all that is wrong."""
    bank = BANKS.get(order.bank)
    if bank is None:
        raise ActionRefused(OrderProblem.BANK_NOT_OFFERED)
    kept: dict[str, str | None] = {}
    faults: dict[str, OrderProblem] = {}
    for name, rule in _RULES.items():
        try:
            kept[name] = rule(order, bank, languages)
        except ActionRefused as refused:
            faults[name] = refused.problem
    if faults:
        raise InvalidOrder(faults)
    return replace(order, **kept)  # type: ignore[arg-type]


def usual_iban(bank: str, ibans: Sequence[str]) -> str:
    """Return the account that a bank's own app is told: the dossier's only one at this bank, else none."""
    return ibans[0] if bank in APP_BANKS and len(ibans) == 1 else ""


def parse_order_reference(text: str) -> str:
    """Return the ten bare digits; raise ActionRefused where it is no client reference."""
    bare = bare_number(text)
    if not bare:
        raise ActionRefused(OrderProblem.REFERENCE_MISSING)
    reference = parse_client_reference(text)
    if reference is None:
        raise ActionRefused(_reference_problem(bare))
    return reference


def _reference_problem(bare: str) -> OrderProblem:
    if has_letters(bare):
        return OrderProblem.REFERENCE_LETTER
    if not bare.isdecimal() or len(bare) == REFERENCE_DIGITS:
        return OrderProblem.BAD_REFERENCE
    return OrderProblem.REFERENCE_SHORT if len(bare) < REFERENCE_DIGITS else OrderProblem.REFERENCE_LONG


def parse_email_address(text: str) -> str:
    """Return the one address as any relay takes it; raise ActionRefused for any other text."""
    address = bare_address(text)
    if not address:
        raise ActionRefused(OrderProblem.ADDRESS_MISSING)
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise ActionRefused(_address_problem(address)) from None
    return checked.ascii_email or checked.normalized


def _address_problem(address: str) -> OrderProblem:
    """Return the likeliest cause: the first of these that is true."""
    local, at, _domain = address.partition("@")
    causes = {
        OrderProblem.BAD_ADDRESS: not at,
        OrderProblem.SEVERAL_ADDRESSES: address.count("@") > 1,
        OrderProblem.ADDRESS_SPACE: " " in address,
        OrderProblem.ADDRESS_COMMA: "," in address,
        OrderProblem.ADDRESS_ACCENT: not local.isascii(),
    }
    return next((problem for problem, found in causes.items() if found), OrderProblem.BAD_ADDRESS)


def parse_language(text: str, languages: Container[str]) -> str:
    """Return the language; raise ActionRefused where it is not one of ours."""
    language = language_of(text)
    if language not in languages:
        raise ActionRefused(OrderProblem.BAD_LANGUAGE)
    return language


def parse_account(text: str) -> str:
    """Return the IBAN of any account; raise ActionRefused for any other text."""
    bare = bare_account(text)
    if not bare:
        raise ActionRefused(OrderProblem.IBAN_MISSING)
    iban = parse_iban(text)
    if iban is None:
        raise ActionRefused(_IBAN_PROBLEMS[iban_fault(bare)])
    return iban


#: What each fault of an IBAN is to an accountant.
_IBAN_PROBLEMS: Mapping[IbanFault, OrderProblem] = {
    IbanFault.OLD_NUMBER: OrderProblem.OLD_ACCOUNT_NUMBER,
    IbanFault.LETTER: OrderProblem.IBAN_LETTER,
    IbanFault.LENGTH: OrderProblem.IBAN_LENGTH,
    IbanFault.OTHER: OrderProblem.BAD_IBAN,
}


def parse_card_account(text: str) -> str:
    """Return the IBAN of an account at a bank with an app; raise ActionRefused for any other text."""
    iban = parse_account(text)
    if not is_bank_app_account(iban):
        raise ActionRefused(OrderProblem.IBAN_OF_OTHER_BANK)
    return iban


def _parse_account(text: str | None, bank: Bank) -> str | None:
    if bank.route is ActivationRoute.BANK_APP:
        return parse_card_account(text or "")
    if text and bare_account(text):
        raise ActionRefused(OrderProblem.IBAN_NOT_NEEDED)
    return None


#: In the order in which a form asks for them.
_RULES: Mapping[str, Callable[[OrderRequest, Bank, Container[str]], str | None]] = {
    "client_reference": lambda order, bank, languages: parse_order_reference(order.client_reference),
    "iban": lambda order, bank, languages: _parse_account(order.iban, bank),
    "address": lambda order, bank, languages: parse_email_address(order.address),
    "language": lambda order, bank, languages: parse_language(order.language, languages),
}
#: What a form asks of an order: what is reviewed is ordered, and two orders that agree in all of it are one.
ORDER_FIELDS = ("bank", *_RULES)
