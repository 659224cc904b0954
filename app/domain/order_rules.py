"""What an accountant fills in, the rule of each field, and why an action is refused."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.identifiers import is_bank_app_account, parse_client_reference, parse_iban


class OrderProblem(StrEnum):
    """What is wrong with an accountant's wish; each has a sentence wherever it is shown."""

    NO_DOSSIER = "no_dossier"
    NO_MANDATE = "no_mandate"
    BANK_NOT_OFFERED = "bank_not_offered"
    REFERENCE_MISSING = "reference_missing"
    BAD_REFERENCE = "bad_reference"
    ADDRESS_MISSING = "address_missing"
    BAD_ADDRESS = "bad_address"
    BAD_LANGUAGE = "bad_language"
    IBAN_MISSING = "iban_missing"
    IBAN_NOT_NEEDED = "iban_not_needed"
    BAD_IBAN = "bad_iban"
    IBAN_OF_OTHER_BANK = "iban_of_other_bank"
    ALREADY_ORDERED = "already_ordered"
    UNKNOWN_ACTIVATION = "unknown_activation"
    NOT_IN_THIS_STATE = "not_in_this_state"
    NO_LINK = "no_link"
    NO_ADDRESS = "no_address"
    CHANGED_MEANWHILE = "changed_meanwhile"
    SENT_TOO_OFTEN = "sent_too_often"


class ActionRefused(Exception):
    """The wish cannot be granted and nothing has changed.

    `existing` points to the open request; `opens_at` is when the same wish may be granted.
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


def parse_order_reference(text: str) -> str:
    """Return the ten bare digits; raise ActionRefused where it is no client reference."""
    if not text.strip():
        raise ActionRefused(OrderProblem.REFERENCE_MISSING)
    reference = parse_client_reference(text)
    if reference is None:
        raise ActionRefused(OrderProblem.BAD_REFERENCE)
    return reference


def parse_email_address(text: str) -> str:
    """Return the one address as any relay takes it; raise ActionRefused for any other text."""
    if not text.strip():
        raise ActionRefused(OrderProblem.ADDRESS_MISSING)
    try:
        checked = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise ActionRefused(OrderProblem.BAD_ADDRESS) from None
    return checked.ascii_email or checked.normalized


def parse_language(text: str, languages: Container[str]) -> str:
    """Return the language; raise ActionRefused where it is not one of ours."""
    if text not in languages:
        raise ActionRefused(OrderProblem.BAD_LANGUAGE)
    return text


def parse_card_account(text: str) -> str:
    """Return the IBAN of a KBC or CBC account; raise ActionRefused for any other text."""
    if not text:
        raise ActionRefused(OrderProblem.IBAN_MISSING)
    iban = parse_iban(text)
    if iban is None:
        raise ActionRefused(OrderProblem.BAD_IBAN)
    if not is_bank_app_account(iban):
        raise ActionRefused(OrderProblem.IBAN_OF_OTHER_BANK)
    return iban


def _parse_account(text: str | None, bank: Bank) -> str | None:
    if bank.route is ActivationRoute.BANK_APP:
        return parse_card_account(text or "")
    if text:
        raise ActionRefused(OrderProblem.IBAN_NOT_NEEDED)
    return None


#: In the order in which a form asks for them.
_RULES: Mapping[str, Callable[[OrderRequest, Bank, Container[str]], str | None]] = {
    "client_reference": lambda order, bank, languages: parse_order_reference(order.client_reference),
    "iban": lambda order, bank, languages: _parse_account(order.iban, bank),
    "address": lambda order, bank, languages: parse_email_address(order.address),
    "language": lambda order, bank, languages: parse_language(order.language, languages),
}
