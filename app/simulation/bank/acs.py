"""The signing page (access control server): the challenge, the toy card reader, the way back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.domain.bank_results import BankResult, TransactionStatus
from app.domain.banks import BANKS, RefusalStyle
from app.domain.identifiers import group_digits
from app.i18n import _, _l, set_locale
from app.simulation.bank.cardholders import (
    ReaderMode,
    group_in_fours,
    parse_eight_digits,
    parse_pin,
    reader_response,
)
from app.simulation.bank.components import bank_components, choose_language
from app.simulation.bank.issuer import ResponseOutcome
from app.simulation.bank.protocol import Erro, encoded_response, read_challenge_request
from app.simulation.bank.transactions import BankTransaction, transaction_result
from app.simulation.scenarios import ReturnFault

acs = Blueprint("acs", __name__, url_prefix="/acs")

_LONGEST_CHALLENGE = 12


@dataclass(frozen=True)
class ReaderDisplay:
    """What the toy reader shows; the PIN is never shown again."""

    mode: str = ""
    challenge: str = ""
    response: str = ""
    incomplete: str = ""


@acs.post("/challenge")
def receive_challenge() -> Response:
    """Receive a browser with its CReq; a second or late one is shown where the transaction stands."""
    stored = bank_components().issuer.receive_browser(read_challenge_request(request.form))
    return redirect(url_for("acs.show_challenge", transaction=stored.acs), 303)


@acs.get("/<transaction>")
def show_challenge(transaction: str) -> str:
    """Show the signing page while there is something to sign, then how it ended."""
    stored = _transaction_or_404(transaction)
    result = transaction_result(stored, bank_components().issuer.clock())
    if result is None:
        return _signing_page(stored, display=_read_display())
    ending = find_ending(stored, result)
    return render_template(
        "simulator/ending.html",
        bank=BANKS[stored.bank],
        words=ending_text(stored, ending),
        fields=None if ending is BankEnding.NO_RETURN else return_fields(stored, ending),
        return_url=stored.return_url,
    )


@acs.post("/<transaction>")
def submit_response(transaction: str) -> Response | tuple[str, int]:
    """Take the response, or that the cardholder cancels."""
    stored = _transaction_or_404(transaction)
    if request.form.get("action") == "cancel":
        bank_components().issuer.cancel_challenge(stored.acs)
        return redirect(url_for("acs.show_challenge", transaction=stored.acs), 303)
    typed = parse_eight_digits(request.form.get("response", ""))
    if typed is None and transaction_result(stored, bank_components().issuer.clock()) is None:
        return _signing_page(stored, problem=_("Type the eight digits that your card reader shows.")), 400
    if bank_components().issuer.judge_response(stored.acs, typed or "") is ResponseOutcome.ENDED:
        _return_twice(stored.acs)
    return redirect(url_for("acs.show_challenge", transaction=stored.acs), 303)


@acs.post("/<transaction>/reader")
def compute_response(transaction: str) -> Response:
    """Let the toy reader compute; what it displays travels in the address, so that Back works."""
    stored = _transaction_or_404(transaction)
    shown = {name: value for name, value in asdict(_computed_display(stored)).items() if value}
    return redirect(url_for("acs.show_challenge", transaction=stored.acs, _anchor="reader", **shown), 303)


@acs.errorhandler(Erro)
def show_protocol_error(error: Erro) -> tuple[str, int]:
    """Say on a page that the browser brought something that the bank cannot read."""
    choose_language()
    page = render_template("simulator/error.html", code=error.code.value, detail=error.detail)
    return page, error.http


def _transaction_or_404(transaction: str) -> BankTransaction:
    stored = bank_components().issuer.find_transaction(acs=transaction)
    if stored is None or stored.arrived_at is None:
        abort(404)
    set_locale(stored.language)
    return stored


def _signing_page(stored: BankTransaction, **words: Any) -> str:
    return render_template(
        "simulator/sign.html",
        bank=BANKS[stored.bank],
        transaction=stored,
        reference=group_digits(stored.client_reference),
        challenge=group_in_fours(stored.challenge),
        modes=tuple(ReaderMode),
        **{"display": ReaderDisplay(), "problem": ""} | words,
    )


def _computed_display(stored: BankTransaction) -> ReaderDisplay:
    mode = request.form.get("mode", "")
    typed = request.form.get("challenge", "")[:_LONGEST_CHALLENGE]
    challenge, pin = parse_eight_digits(typed), parse_pin(request.form.get("pin", ""))
    if mode not in tuple(ReaderMode) or challenge is None or pin is None:
        return ReaderDisplay(mode, typed, incomplete="yes")
    return ReaderDisplay(mode, typed, reader_response(stored.secret, ReaderMode(mode), challenge, pin))


def _read_display() -> ReaderDisplay:
    """Read back what the toy reader shows, believing nothing but its shape."""
    digits = parse_eight_digits(request.args.get("response", ""))
    return ReaderDisplay(
        mode=request.args.get("mode", ""),
        challenge=request.args.get("challenge", "")[:_LONGEST_CHALLENGE],
        response=group_in_fours(digits) if digits else "",
        incomplete=request.args.get("incomplete", ""),
    )


def _return_twice(transaction: str) -> None:
    stored = _transaction_or_404(transaction)
    result = transaction_result(stored, bank_components().issuer.clock())
    if stored.return_fault is not ReturnFault.DUPLICATE_RETURN or result is None:
        return
    ending = find_ending(stored, result)
    if ending is BankEnding.SIGNED:
        bank_components().post_return(stored.return_url, return_fields(stored, ending))


class BankEnding(StrEnum):
    """The last page at the bank."""

    SIGNED = "signed"
    NO_RETURN = "no_return"
    REFUSED = "refused"
    PIN_BLOCKED = "pin_blocked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LATE = "late"


@dataclass(frozen=True)
class EndingText:
    """What the page says, and whether it goes back to the merchant by itself."""

    heading: LazyString
    text: LazyString | None = None
    goes_by_itself: bool = False


_STYLED: Mapping[RefusalStyle, EndingText] = {
    RefusalStyle.PLAIN: EndingText(_l("The bank has refused your request"), _l("No reason was given.")),
    RefusalStyle.VAGUE: EndingText(_l("Transaction refused")),
    RefusalStyle.CODE: EndingText(_l("Error 57-R")),
}

WORDS: Mapping[BankEnding, EndingText] = {
    BankEnding.SIGNED: EndingText(
        _l("You have signed"), _l("You are going back to the merchant."), goes_by_itself=True
    ),
    BankEnding.NO_RETURN: EndingText(_l("You have signed"), _l("You can close this page.")),
    BankEnding.PIN_BLOCKED: EndingText(
        _l("Your signature was refused"),
        _l("The PIN of this card is blocked after three wrong tries. Ask your bank to unblock it."),
    ),
    BankEnding.CANCELLED: EndingText(
        _l("You have cancelled"), _l("You are going back to the merchant."), goes_by_itself=True
    ),
    BankEnding.EXPIRED: EndingText(
        _l("This page has expired"), _l("You had ten minutes to sign. Nothing was signed.")
    ),
    BankEnding.LATE: EndingText(
        _l("This page has expired"),
        _l("The bank waits 30 seconds for your browser, and that time is over. Nothing was signed."),
    ),
}

_CANCELS: Mapping[str, BankEnding] = {
    "01": BankEnding.CANCELLED,
    "04": BankEnding.EXPIRED,
    "05": BankEnding.LATE,
}

#: Letters that are in no base64 alphabet.
GARBLED = "%%% not a message %%%"


def find_ending(transaction: BankTransaction, result: BankResult) -> BankEnding:
    """Return the last page of a transaction that has come to this result."""
    if result.cancel is not None:
        return _CANCELS[result.cancel]
    if result.reason == "19":
        return BankEnding.PIN_BLOCKED
    if transaction.return_fault is ReturnFault.NO_RETURN:
        return BankEnding.NO_RETURN
    signed = (
        result.status is TransactionStatus.AUTHENTICATED
        or transaction.return_fault is ReturnFault.FORGED_CRES
    )
    return BankEnding.SIGNED if signed else BankEnding.REFUSED


def ending_text(transaction: BankTransaction, ending: BankEnding) -> EndingText:
    """Return what the page says: a refusal is worded as this bank words it."""
    if ending is not BankEnding.REFUSED:
        return WORDS[ending]
    style = BANKS[transaction.bank].refusal_style
    words = _STYLED[style]
    cause = transaction.scenario_row.bank_says if style is RefusalStyle.PLAIN else None
    return EndingText(words.heading, cause or words.text)


def return_fields(transaction: BankTransaction, ending: BankEnding) -> Mapping[str, str]:
    """Return the form that the browser carries back to the merchant."""
    signed = ending is BankEnding.SIGNED
    answer = encoded_response(transaction.id, transaction.acs, signed)
    garbled = signed and transaction.return_fault is ReturnFault.GARBLED_CRES
    return {"cres": GARBLED if garbled else answer, "threeDSSessionData": transaction.session_data}
