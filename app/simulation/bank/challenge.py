"""The bank's door for browsers: the signing page, the toy reader beside it, the way back."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.banks import BANKS
from app.domain.identifiers import group_digits
from app.i18n import _, set_locale
from app.simulation.bank.endings import BankEnding, ending_text, find_ending, return_fields
from app.simulation.bank.erro import Erro
from app.simulation.bank.handoff import read_challenge_request
from app.simulation.bank.issuer import ResponseOutcome
from app.simulation.bank.languages import choose_language
from app.simulation.bank.reader import (
    ReaderMode,
    group_in_fours,
    parse_eight_digits,
    parse_pin,
    reader_response,
)
from app.simulation.bank.transaction import BankTransaction, transaction_result
from app.simulation.bank.wiring import bank_components
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
    found = bank_components().issuer.receive_browser(read_challenge_request(request.form))
    return redirect(url_for("acs.show_challenge", transaction=found.acs), 303)


@acs.get("/<transaction>")
def show_challenge(transaction: str) -> str:
    """Show the signing page while there is something to sign, then how it ended."""
    found = _transaction_or_404(transaction)
    result = transaction_result(found, bank_components().issuer.clock())
    if result is None:
        return _signing_page(found, display=_read_display())
    ending = find_ending(found, result)
    return render_template(
        "simulator/ending.html",
        bank=BANKS[found.bank],
        words=ending_text(found, ending),
        fields=None if ending is BankEnding.NO_RETURN else return_fields(found, ending),
        return_url=found.return_url,
    )


@acs.post("/<transaction>")
def submit_response(transaction: str) -> Response | tuple[str, int]:
    """Take the response, or the wish to cancel."""
    found = _transaction_or_404(transaction)
    if request.form.get("action") == "cancel":
        bank_components().issuer.cancel_challenge(found.acs)
        return redirect(url_for("acs.show_challenge", transaction=found.acs), 303)
    typed = parse_eight_digits(request.form.get("response", ""))
    if typed is None and transaction_result(found, bank_components().issuer.clock()) is None:
        return _signing_page(found, problem=_("Type the eight digits that your card reader shows.")), 400
    if bank_components().issuer.judge_response(found.acs, typed or "") is ResponseOutcome.ENDED:
        _return_twice(found.acs)
    return redirect(url_for("acs.show_challenge", transaction=found.acs), 303)


@acs.post("/<transaction>/reader")
def compute_response(transaction: str) -> Response:
    """Let the toy reader compute; what it displays travels in the address, so that Back works."""
    found = _transaction_or_404(transaction)
    shown = {name: value for name, value in asdict(_computed_display(found)).items() if value}
    return redirect(url_for("acs.show_challenge", transaction=found.acs, _anchor="reader", **shown), 303)


@acs.errorhandler(Erro)
def show_protocol_error(error: Erro) -> tuple[str, int]:
    """Say on a page that the browser brought something that the bank cannot read."""
    choose_language()
    page = render_template("simulator/error.html", code=error.code.value, detail=error.detail)
    return page, error.http


def _transaction_or_404(transaction: str) -> BankTransaction:
    found = bank_components().issuer.find_transaction(acs=transaction)
    if found is None or found.arrived_at is None:
        abort(404)
    set_locale(found.language)
    return found


def _signing_page(found: BankTransaction, **shown: Any) -> str:
    return render_template(
        "simulator/sign.html",
        bank=BANKS[found.bank],
        transaction=found,
        reference=group_digits(found.client_reference),
        challenge=group_in_fours(found.challenge),
        modes=tuple(ReaderMode),
        **{"display": ReaderDisplay(), "problem": ""} | shown,
    )


def _computed_display(found: BankTransaction) -> ReaderDisplay:
    mode = request.form.get("mode", "")
    typed = request.form.get("challenge", "")[:_LONGEST_CHALLENGE]
    challenge, pin = parse_eight_digits(typed), parse_pin(request.form.get("pin", ""))
    if mode not in tuple(ReaderMode) or challenge is None or pin is None:
        return ReaderDisplay(mode, typed, incomplete="yes")
    return ReaderDisplay(mode, typed, reader_response(found.secret, ReaderMode(mode), challenge, pin))


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
    found = _transaction_or_404(transaction)
    result = transaction_result(found, bank_components().issuer.clock())
    if found.return_fault is not ReturnFault.DUPLICATE_RETURN or result is None:
        return
    ending = find_ending(found, result)
    if ending is BankEnding.SIGNED:
        bank_components().post_return(found.return_url, return_fields(found, ending))
