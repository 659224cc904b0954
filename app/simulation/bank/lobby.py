"""The bank's other doors: what this server is, what a cardholder can do at the bank, the style sheet."""

from flask import Blueprint, Response, abort, redirect, render_template, request, send_from_directory, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.banks import BANKS, ActivationRoute
from app.domain.identifiers import group_digits, parse_client_reference
from app.simulation.bank.holders import RecoveryStep
from app.simulation.bank.languages import add_language_links
from app.simulation.bank.settings import ROOT
from app.simulation.bank.wiring import bank_components
from app.simulation.scenarios import PIN, SCENARIOS, SECURITY_CODE, ScenarioSection, group_card_number

lobby = Blueprint("lobby", __name__)
add_language_links(lobby)

_STATIC = ("css/site.css", "css/bank.css", "js/bank.js")


@lobby.get("/")
def show_index() -> str:
    """Say what this server is, and list the test cards."""
    return render_template(
        "simulator/index.html",
        sections={
            s: [row for row in SCENARIOS.values() if row.section is s and row.cards] for s in ScenarioSection
        },
        apps=[bank for bank in BANKS.values() if bank.route is ActivationRoute.BANK_APP],
        grouped_card=group_card_number,
        pin=PIN,
        code=SECURITY_CODE,
    )


@lobby.post("/")
def find_cardholder() -> BaseResponse:
    """Open the cardholder's page of a typed client reference."""
    reference = parse_client_reference(request.form.get("reference", ""))
    if reference is None:
        return redirect(url_for("lobby.show_index"), 303)
    return redirect(url_for("lobby.show_cardholder", reference=reference), 303)


@lobby.get("/holder/<reference>")
def show_cardholder(reference: str) -> str:
    """Show what a cardholder can do at the bank or at the terminal."""
    known = bank_components().issuer.read_cardholder(_checked(reference))
    return render_template(
        "simulator/holder.html",
        holder=known,
        reference=group_digits(reference),
        waiting=known.unblocked_from is not None and bank_components().issuer.clock() < known.unblocked_from,
    )


@lobby.post("/holder/<reference>")
def record_recovery_step(reference: str) -> BaseResponse:
    """Do one of these things; 400 where it is none of them."""
    step = request.form.get("step", "")
    if step not in tuple(RecoveryStep):
        abort(400)
    bank_components().issuer.record_step(_checked(reference), RecoveryStep(step))
    return redirect(url_for("lobby.show_cardholder", reference=reference), 303)


@lobby.get("/design")
def show_design() -> str:
    """Show the components of the design system in the bank's skin."""
    return render_template("simulator/design.html")


@lobby.get("/static/<path:name>")
def serve_static(name: str) -> Response:
    """Serve the files of the bank's pages, and no other."""
    if name not in _STATIC:
        abort(404)
    return send_from_directory(ROOT / "static", name)


def _checked(reference: str) -> str:
    if parse_client_reference(reference) != reference:
        abort(404)
    return reference
