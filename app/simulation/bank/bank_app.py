"""The app of a bank that asks its cardholders itself: what waits for an answer, and what was answered."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.bank_results import AppDecision
from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.identifiers import group_digits, parse_client_reference
from app.i18n import _
from app.simulation.bank.app_requests import current_app_requests
from app.simulation.bank.languages import add_language_links

bank_app = Blueprint("bank_app", __name__, url_prefix="/bank-app/<bank>")
add_language_links(bank_app)

_ANSWERS = (AppDecision.CONFIRMED, AppDecision.REFUSED)


@bank_app.get("")
def show_app_sign_in(bank: str) -> str:
    """Ask whose app this is: a client reference stands for signing in."""
    return render_template("simulator/app.html", bank=_bank_or_404(bank), typed="", problem="")


@bank_app.post("")
def find_app_requests(bank: str) -> Response | tuple[str, int]:
    """Open the app of a typed client reference."""
    found, typed = _bank_or_404(bank), request.form.get("reference", "")
    reference = parse_client_reference(typed)
    if reference is None:
        problem = _("Enter the ten digits of the client reference. The first is a 6 or a 7.")
        return render_template("simulator/app.html", bank=found, typed=typed, problem=problem), 400
    return redirect(url_for("bank_app.show_app_requests", bank=bank, reference=reference), 303)


@bank_app.get("/<reference>")
def show_app_requests(bank: str, reference: str) -> str:
    """Show what waits for an answer, and what was answered."""
    found, holder = _bank_or_404(bank), _reference_or_404(reference)
    shown = current_app_requests().list_requests(bank, holder)
    return render_template(
        "simulator/app_requests.html",
        bank=found,
        holder=holder,
        reference=group_digits(holder),
        waiting=[asked for asked in shown if asked.decision == AppDecision.PENDING],
        answered=[asked for asked in shown if asked.decision != AppDecision.PENDING],
    )


@bank_app.post("/<reference>")
def answer_app_request(bank: str, reference: str) -> Response:
    """Take an answer, the first one only; 400 where it is none."""
    decision = request.form.get("decision", "")
    if decision not in _ANSWERS:
        abort(400)
    key = request.form.get("request", "")
    current_app_requests().answer_request(
        _bank_or_404(bank).key, _reference_or_404(reference), key, AppDecision(decision)
    )
    return redirect(url_for("bank_app.show_app_requests", bank=bank, reference=reference), 303)


def _bank_or_404(key: str) -> Bank:
    bank = BANKS.get(key)
    if bank is None or bank.route is not ActivationRoute.BANK_APP:
        abort(404)
    return bank


def _reference_or_404(reference: str) -> str:
    if parse_client_reference(reference) != reference:
        abort(404)
    return reference
