"""The bank's door for browsers: the signing page, the toy reader beside it, the way back."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.banks import BANKS
from app.domain.references import group_digits
from app.i18n import _, use_locale
from app.simulator.endings import Ending, ending_of, return_fields, words_for
from app.simulator.erro import Erro
from app.simulator.handoff import read_challenge_request
from app.simulator.issuer import Answer
from app.simulator.languages import speak
from app.simulator.reader import Mode, eight_digits, four_digits, in_fours, response
from app.simulator.scenarios import ReturnFault
from app.simulator.transaction import Transaction, outcome
from app.simulator.wiring import parts

acs = Blueprint("acs", __name__, url_prefix="/acs")

_LONGEST_CHALLENGE = 12


@dataclass(frozen=True)
class Display:
    """What the toy reader shows; the PIN is never shown again."""

    mode: str = ""
    challenge: str = ""
    response: str = ""
    incomplete: str = ""


@acs.post("/challenge")
def arrive() -> Response:
    """Receive a browser with its CReq; a second or late one is shown where the transaction stands."""
    found = parts().issuer.arrive(read_challenge_request(request.form))
    return redirect(url_for("acs.show", transaction=found.acs), 303)


@acs.get("/<transaction>")
def show(transaction: str) -> str:
    """Show the signing page while there is something to sign, then how it ended."""
    found = _found(transaction)
    result = outcome(found, parts().issuer.clock())
    if result is None:
        return _signing_page(found, display=_displayed())
    ending = ending_of(found, result)
    return render_template(
        "simulator/ending.html",
        bank=BANKS[found.bank],
        words=words_for(found, ending),
        fields=None if ending is Ending.NO_RETURN else return_fields(found, ending),
        return_url=found.return_url,
    )


@acs.post("/<transaction>")
def sign(transaction: str) -> Response | tuple[str, int]:
    """Take the response, or the wish to cancel."""
    found = _found(transaction)
    if request.form.get("action") == "cancel":
        parts().issuer.cancel(found.acs)
        return redirect(url_for("acs.show", transaction=found.acs), 303)
    typed = eight_digits(request.form.get("response", ""))
    if typed is None and outcome(found, parts().issuer.clock()) is None:
        return _signing_page(found, problem=_("Type the eight digits that your card reader shows.")), 400
    if parts().issuer.sign(found.acs, typed or "") is Answer.ENDED:
        _return_twice(found.acs)
    return redirect(url_for("acs.show", transaction=found.acs), 303)


@acs.post("/<transaction>/reader")
def read(transaction: str) -> Response:
    """Let the toy reader compute; what it displays travels in the address, so that Back works."""
    found = _found(transaction)
    shown = {name: value for name, value in asdict(_computed(found)).items() if value}
    return redirect(url_for("acs.show", transaction=found.acs, _anchor="reader", **shown), 303)


@acs.errorhandler(Erro)
def refuse(error: Erro) -> tuple[str, int]:
    """Say on a page that the browser brought something that the bank cannot read."""
    speak()
    page = render_template("simulator/error.html", code=error.code.value, detail=error.detail)
    return page, error.http


def _found(transaction: str) -> Transaction:
    found = parts().issuer.transaction(acs=transaction)
    if found is None or found.arrived_at is None:
        abort(404)
    use_locale(found.language)
    return found


def _signing_page(found: Transaction, **shown: Any) -> str:
    return render_template(
        "simulator/sign.html",
        bank=BANKS[found.bank],
        transaction=found,
        reference=group_digits(found.client_reference),
        challenge=in_fours(found.challenge),
        modes=tuple(Mode),
        **{"display": Display(), "problem": ""} | shown,
    )


def _computed(found: Transaction) -> Display:
    mode = request.form.get("mode", "")
    typed = request.form.get("challenge", "")[:_LONGEST_CHALLENGE]
    challenge, pin = eight_digits(typed), four_digits(request.form.get("pin", ""))
    if mode not in tuple(Mode) or challenge is None or pin is None:
        return Display(mode, typed, incomplete="yes")
    return Display(mode, typed, response(found.secret, Mode(mode), challenge, pin))


def _displayed() -> Display:
    """Read back what the toy reader shows, believing nothing but its shape."""
    digits = eight_digits(request.args.get("response", ""))
    return Display(
        mode=request.args.get("mode", ""),
        challenge=request.args.get("challenge", "")[:_LONGEST_CHALLENGE],
        response=in_fours(digits) if digits else "",
        incomplete=request.args.get("incomplete", ""),
    )


def _return_twice(transaction: str) -> None:
    found = _found(transaction)
    result = outcome(found, parts().issuer.clock())
    if found.quirk is not ReturnFault.DUPLICATE_RETURN or result is None:
        return
    ending = ending_of(found, result)
    if ending is Ending.SIGNED:
        parts().post_return(found.return_url, return_fields(found, ending))
