"""What all testers' pages share: who may see them, their words, and how a refusal is told."""

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from app.domain.banks import BANKS
from app.i18n import _
from app.qa import wording
from app.qa.answers import REFUSALS, reply_to_error
from app.qa.door import PATH, cookie_key, open_tester_office
from app.simulation.scenarios import PIN, SECURITY_CODE
from app.wording import ACTORS, HAPPENINGS, LABELS, MAILS

#: What anybody sees; everything else needs an office.
_OPEN = frozenset({"qa.show_home", "qa.create_office", "qa.list_scenarios", "qa.describe_api"})
_MENU = ("qa.show_home", "qa.list_scenarios", "qa_mails.list_mails", "qa.describe_api")


def room(name: str, path: str = "") -> Blueprint:
    """Return a blueprint of the testers' pages."""
    made = Blueprint(name, "app.qa", url_prefix=f"{PATH}{path}")
    made.before_request(_require_office)
    made.context_processor(_template_words)
    for kind in REFUSALS:
        made.register_error_handler(kind, _flash_refusal)
    return made


def _require_office() -> Response | None:
    if open_tester_office(cookie_key()) or request.endpoint in _OPEN:
        return None
    flash(_("First open an office of your own."))
    return redirect(url_for("qa.show_home"), 303)


def _template_words() -> dict[str, object]:
    names = (_("Office"), _("Messages"), _("Emails"), _("API"))
    return {
        "qa_rooms": list(zip(_MENU, names, strict=True)),
        "qa_office": g.get("qa_office"),
        "banks": BANKS,
        "bank_names": [(bank.key, bank.name) for bank in BANKS.values()],
        "labels": LABELS,
        "happenings": HAPPENINGS,
        "actors": ACTORS,
        "mail_names": MAILS,
        "wording": wording,
        "code": SECURITY_CODE,
        "pin": PIN,
    }


def _flash_refusal(error: Exception) -> Response:
    """Say why nothing was done where the tester was; what is not there does not exist."""
    no = reply_to_error(error)
    if no.status == 404:
        return current_app.make_response(current_app.handle_user_exception(NotFound()))
    otherwise = wording.UNREADABLE if no.status == 400 else wording.IMPOSSIBLE
    flash(_("This was not done: %(reason)s", reason=wording.REASONS.get(no.code, otherwise)))
    public_id = (request.view_args or {}).get("public_id")
    there = url_for("qa.show_activation", public_id=public_id) if public_id else url_for("qa.show_home")
    return redirect(there, 303)
