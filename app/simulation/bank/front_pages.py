"""Pages beside the signing page: the front page, a cardholder at the bank or terminal, the bank's app."""

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, send_from_directory, url_for
from werkzeug.wrappers import Response

from app.domain.bank_results import AppDecision
from app.domain.banks import APP_BANKS, Bank
from app.domain.identifiers import group_digits, parse_client_reference
from app.i18n import _
from app.paths import STATIC
from app.simulation.bank.app_requests import AppRequest
from app.simulation.bank.cardholders import RecoveryStep
from app.simulation.bank.components import add_language_links, bank_components
from app.simulation.bank.storage import OfficeReference
from app.simulation.scenarios import PIN, SCENARIOS, SECURITY_CODE, ScenarioSection, group_card_number

lobby = Blueprint("lobby", __name__)
add_language_links(lobby)

_STATIC = ("css/site.css", "css/bank.css", "js/bank.js")


@lobby.get("/")
def show_index(typed: str = "", problem: str = "") -> str:
    """Say what this server is, and list the test cards."""
    return render_template(
        "simulator/index.html",
        sections={
            s: [scenario for scenario in SCENARIOS.values() if scenario.section is s and scenario.cards]
            for s in ScenarioSection
        },
        apps=APP_BANKS.values(),
        grouped_card=group_card_number,
        pin=PIN,
        code=SECURITY_CODE,
        typed=typed,
        problem=problem,
    )


@lobby.post("/")
def find_cardholder() -> Response | tuple[str, int]:
    """Open the cardholder's page of a typed client reference."""
    typed = request.form.get("reference", "")
    reference = parse_client_reference(typed)
    if reference is None:
        return show_index(typed, _reference_problem()), 400
    return redirect(url_for("lobby.show_cardholder", reference=reference), 303)


#: Testers come by the address that names their office, and meet its requests alone.
_OF_ANY_OFFICE = {"office": ""}


@lobby.get("/holder/<reference>", defaults=_OF_ANY_OFFICE)
@lobby.get("/holder/<reference>/<office>")
def show_cardholder(reference: str, office: str) -> str:
    """Show what a cardholder can do at the bank or at the terminal."""
    known = bank_components().issuer.read_cardholder(_holder_or_404(reference, office))
    return render_template(
        "simulator/holder.html",
        holder=known,
        reference=group_digits(reference),
        waiting=known.unblocked_from is not None and bank_components().issuer.clock() < known.unblocked_from,
    )


@lobby.post("/holder/<reference>", defaults=_OF_ANY_OFFICE)
@lobby.post("/holder/<reference>/<office>")
def record_recovery_step(reference: str, office: str) -> Response:
    """Do one of these things; 400 where it is none of them."""
    step = request.form.get("step", "")
    if step not in tuple(RecoveryStep):
        abort(400)
    bank_components().issuer.record_step(_holder_or_404(reference, office), RecoveryStep(step))
    return redirect(url_for("lobby.show_cardholder", reference=reference, office=office), 303)


@lobby.get("/design")
def show_design() -> str:
    """Show the components of the design system in the bank's skin."""
    return render_template("simulator/design.html")


@lobby.get("/static/<path:name>")
def serve_static(name: str) -> Response:
    """Serve the files of the bank's pages, and no other."""
    if name not in _STATIC:
        abort(404)
    return send_from_directory(STATIC, name)


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
    carrier, typed = _bank_or_404(bank), request.form.get("reference", "")
    reference = parse_client_reference(typed)
    if reference is None:
        problem = _reference_problem()
        return render_template("simulator/app.html", bank=carrier, typed=typed, problem=problem), 400
    return redirect(url_for("bank_app.show_app_requests", bank=bank, reference=reference), 303)


@bank_app.get("/<reference>", defaults=_OF_ANY_OFFICE)
@bank_app.get("/<reference>/<office>")
def show_app_requests(bank: str, reference: str, office: str) -> str:
    """Show what waits for an answer, and what was answered."""
    carrier, holder = _bank_or_404(bank), _reference_or_404(reference)
    app_requests = _list_app_requests(bank, holder, office)
    return render_template(
        "simulator/app_requests.html",
        bank=carrier,
        holder=holder,
        office=office,
        reference=group_digits(holder),
        waiting=[app_request for app_request in app_requests if app_request.decision == AppDecision.PENDING],
        answered=[app_request for app_request in app_requests if app_request.decision != AppDecision.PENDING],
    )


@bank_app.post("/<reference>", defaults=_OF_ANY_OFFICE)
@bank_app.post("/<reference>/<office>")
def answer_app_request(bank: str, reference: str, office: str) -> Response:
    """Take an answer, the first one only; 400 where it is none."""
    decision = request.form.get("decision", "")
    if decision not in _ANSWERS:
        abort(400)
    carrier, holder, key = _bank_or_404(bank), _reference_or_404(reference), request.form.get("request", "")
    if key in [app_request.round_key for app_request in _list_app_requests(carrier.key, holder, office)]:
        bank_components().app_requests.answer_request(carrier.key, holder, key, AppDecision(decision))
    there = url_for("bank_app.show_app_requests", bank=bank, reference=reference, office=office)
    return redirect(there, 303)


def _list_app_requests(bank: str, reference: str, office: str) -> Sequence[AppRequest]:
    app_requests = bank_components().app_requests.list_requests(bank, reference)
    return [app_request for app_request in app_requests if office in ("", app_request.office)]


def _bank_or_404(key: str) -> Bank:
    if key not in APP_BANKS:
        abort(404)
    return APP_BANKS[key]


def _reference_problem() -> str:
    return _("Enter the ten digits of the client reference. The first is a 6 or a 7.")


def _holder_or_404(reference: str, office: str) -> OfficeReference:
    """Whoever names no office is the cardholder of the one that asked last."""
    holder = _reference_or_404(reference)
    return OfficeReference.of(office or bank_components().issuer.find_newest_office(holder), holder)


def _reference_or_404(reference: str) -> str:
    if parse_client_reference(reference) != reference:
        abort(404)
    return reference
