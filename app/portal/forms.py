"""The fields of an order, as they are typed and shown again."""

from collections.abc import Mapping
from textwrap import wrap

from flask import abort, request
from flask_babel.speaklater import LazyString

from app.domain.banks import APP_BANKS, BANKS
from app.domain.cards import looks_like_card_number
from app.domain.order_rules import ActionRefused, InvalidOrder, OrderProblem, OrderRequest
from app.i18n import _l
from app.portal.sign_in_guard import current_accountant, office_services
from app.services.orders import OrderOptions

FIELDS = ("bank", "client_reference", "address", "language")
#: Asked of those alone whose bank activates in its own app.
IBAN = "iban"

#: The banks that carry CARO, by name.
CARRIED = tuple(bank.name for bank in BANKS.values())

SENTENCES: Mapping[OrderProblem, LazyString] = {
    OrderProblem.BANK_NOT_OFFERED: _l(
        "Choose one of the banks with which this dossier has an active CODA mandate."
    ),
    OrderProblem.REFERENCE_MISSING: _l(
        "Enter the client reference: the ten digits on the credit card statement."
    ),
    OrderProblem.BAD_REFERENCE: _l(
        "A client reference has ten digits and begins with 6 or 7. Check it on the credit card statement."
    ),
    OrderProblem.ADDRESS_MISSING: _l("Enter the cardholder's email address."),
    OrderProblem.BAD_ADDRESS: _l("Enter one full email address, for example name@example.be."),
    OrderProblem.BAD_LANGUAGE: _l("Choose the cardholder's language."),
    OrderProblem.IBAN_MISSING: _l("Enter the IBAN of the account that the card belongs to."),
    OrderProblem.BAD_IBAN: _l("This is not an IBAN: its length or its check digits are wrong. Check it."),
    OrderProblem.IBAN_OF_OTHER_BANK: _l("This is not the IBAN of a KBC or CBC account. Check it."),
    OrderProblem.ALREADY_ORDERED: _l("There is already a request for this client reference."),
}

#: The field at which a problem is told that the whole order has.
_AT: Mapping[OrderProblem, str] = {
    OrderProblem.BANK_NOT_OFFERED: "bank",
    OrderProblem.ALREADY_ORDERED: "client_reference",
}


def find_order_options(dossier_id: int) -> OrderOptions:
    """Return what the visitor can order for a dossier; another office's does not exist."""
    try:
        return office_services().orders.read_order_options(dossier_id)
    except ActionRefused:
        abort(404)


def bank_choices(offer: OrderOptions) -> dict[str, str]:
    """Return the banks that can be chosen: their keys, each with its name."""
    return {bank.key: bank.name for bank in offer.banks}


def selected_bank(offer: OrderOptions) -> str:
    """Return the bank that the address names; where there is only one, nobody has to choose it."""
    only = offer.banks[0].key if len(offer.banks) == 1 else ""
    return request.args.get("bank") or only


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that this bank's form has, as they were typed."""
    names = (*FIELDS, IBAN) if form.get("bank") in APP_BANKS else FIELDS
    return {name: form.get(name, "") for name in names}


def hide_card_numbers(fields: Mapping[str, str]) -> dict[str, str]:
    """Return what is shown again of what was typed: everything but a card number."""
    return {name: "" if looks_like_card_number(text) else text for name, text in fields.items()}


def account_choices(offer: OrderOptions) -> list[str]:
    """Return the dossier's accounts that serve a bank's app, in groups as statements print them."""
    return [format_iban(account.iban) for account in offer.accounts if account.bank in APP_BANKS]


def format_iban(iban: str) -> str:
    """Show an IBAN in groups of four."""
    return " ".join(wrap(iban, 4))


def to_order_request(offer: OrderOptions, fields: Mapping[str, str]) -> OrderRequest:
    """Return the order that the visitor wishes to place; who orders is whom the cardholder may ask."""
    who = current_accountant()
    return OrderRequest(dossier_id=offer.dossier_id, accountant=who.email, actor=who.actor, **fields)


def errors(refused: ActionRefused) -> dict[str, list[str]]:
    """Return the sentences to show, by field."""
    if isinstance(refused, InvalidOrder):
        return {name: [str(SENTENCES[problem])] for name, problem in refused.faults.items()}
    return {_AT[refused.problem]: [str(SENTENCES[refused.problem])]}
