"""What an accountant fills in, and the rule of each field: all wrong ones are told at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from email_validator import EmailNotValidError, validate_email

from app.activations.refusals import ActionRefused, OrderProblem
from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.identifiers import is_bank_app_account, parse_client_reference, parse_iban
from app.i18n import LANGUAGES


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


def validate_order(order: OrderRequest) -> OrderRequest:
    """Return the order with its fields as they are kept; raise InvalidOrder with all that is wrong."""
    bank = BANKS.get(order.bank)
    if bank is None:
        raise ActionRefused(OrderProblem.BANK_NOT_OFFERED)
    kept: dict[str, str | None] = {}
    faults: dict[str, OrderProblem] = {}
    for name, rule in _RULES.items():
        try:
            kept[name] = rule(order, bank)
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


def _parse_language(text: str) -> str:
    if text not in LANGUAGES:
        raise ActionRefused(OrderProblem.BAD_LANGUAGE)
    return text


def _parse_iban(text: str | None, bank: Bank) -> str | None:
    if bank.route is ActivationRoute.LINK:
        if text:
            raise ActionRefused(OrderProblem.IBAN_NOT_NEEDED)
        return None
    if not text:
        raise ActionRefused(OrderProblem.IBAN_MISSING)
    iban = parse_iban(text)
    if iban is None:
        raise ActionRefused(OrderProblem.BAD_IBAN)
    if not is_bank_app_account(iban):
        raise ActionRefused(OrderProblem.IBAN_OF_OTHER_BANK)
    return iban


#: In the order in which a form asks for them.
_RULES: Mapping[str, Callable[[OrderRequest, Bank], str | None]] = {
    "client_reference": lambda order, bank: parse_order_reference(order.client_reference),
    "iban": lambda order, bank: _parse_iban(order.iban, bank),
    "address": lambda order, bank: parse_email_address(order.address),
    "language": lambda order, bank: _parse_language(order.language),
}
