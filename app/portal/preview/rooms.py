"""The room of the preview: the wizard is hung into it, beside the pages that are not the wizard's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.banks import ActivationRoute
from app.domain.history import MailKind
from app.i18n import use_locale
from app.portal.door import room
from app.portal.preview.journey import LAST_FOUR, expiry
from app.portal.preview.letters import letter
from app.portal.preview.scenes import SCENES, Groups, groups_of
from app.portal.preview.stage import Stage, is_sound, stage

_PATH = "/preview/<int:dossier_id>/<bank>/<reference>/<language>"
_ADDRESS = ("dossier_id", "bank", "reference", "language")


@dataclass(frozen=True)
class Bar:
    """What stands above each page: what it is about, where one can go, and the card that is filled in."""

    stage: Stage
    dossier: tuple[str, str]
    groups: Groups
    here: str | None
    card: Mapping[str, str]


def room_of_preview() -> Blueprint:
    """Return the room, for the wizard to be hung into."""
    made = room("preview", _PATH)
    made.url_value_preprocessor(_take)
    made.url_defaults(_give)
    made.before_request(_set)
    made.context_processor(_words)
    made.add_url_rule("/go", view_func=go)
    made.add_url_rule("/signing", view_func=signing)
    made.add_url_rule("/signing", view_func=reach_bank, methods=["POST"])
    made.add_url_rule("/back", view_func=neutral)
    made.add_url_rule("/how-to", view_func=how_to)
    made.add_url_rule("/mail/<kind>", view_func=mail)
    return made


def go() -> Response:
    """Lead to the page that was chosen above."""
    key = request.args.get("scene", "")
    return redirect(stage().url(key), 303) if key in SCENES else abort(404)


def reach_bank() -> Response:
    """Take the browser as the bank does, and lead to a picture of its page."""
    return redirect(url_for(".signing"), 303)


def signing() -> str:
    """Draw the page of the bank, and let the outcome be chosen."""
    _only(ActivationRoute.LINK)
    outcomes = {key: scene for key, scene in SCENES.items() if scene.failure and key != "closed"}
    return render_template("portal/preview_bank.html", bank=stage().bank, outcomes=outcomes)


def neutral() -> str:
    """Show where the browser arrives when nobody can be recognised."""
    _only(ActivationRoute.LINK)
    return render_template("wizard/neutral.html")


def how_to() -> str:
    """Show the steps in the app of the bank."""
    _only(ActivationRoute.BANK_APP)
    return render_template("site/how_to_activate.html", bank=stage().bank)


def mail(kind: str) -> str:
    """Show a mail as its reader meets it."""
    scene = SCENES.get(f"mail-{kind}")
    if scene is None or not scene.is_of(stage().bank):
        abort(404)
    shown = letter(MailKind(kind), stage(), g.dossier)
    return render_template("portal/preview_mail.html", name=scene.name, mail=shown)


def _take(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep what the preview is about out of the views' arguments."""
    g.said = [values.pop(name, "") for name in _ADDRESS] if values is not None else []


def _give(endpoint: str, values: dict[str, Any]) -> None:
    """Add what the preview is about to the addresses of its own pages."""
    if "stage" in g and current_app.url_map.is_endpoint_expecting(endpoint, "reference"):
        for name, said in stage().address.items():
            values.setdefault(name, said)


def _set() -> None:
    """Refuse what does not exist, and speak the language of the address whatever else is remembered."""
    said = Stage(*g.said)
    if not is_sound(said):
        abort(404)
    g.dossier = said.dossier
    g.stage = said
    use_locale(said.language)


def _words() -> dict[str, object]:
    if "stage" not in g:
        return {}
    return {
        "preview": Bar(stage(), g.dossier, groups_of(stage().bank), _here(), _card()),
        "language_link": _in_language,
    }


def _card() -> Mapping[str, str]:
    """Return what stands in the closed fields of the card page."""
    return {"number": f"•••• •••• •••• {LAST_FOUR}", "expiry": expiry(), "code": "•••", "closed": ""}


def _here() -> str | None:
    """Name the scene that is being shown; on the way through the wizard the address still names the first."""
    page = (request.endpoint or "").removeprefix("preview.")
    kind = (request.view_args or {}).get("kind")
    named = f"mail-{kind}" if kind else g.get("public_id", "")
    if named in SCENES and SCENES[named].page == page:
        return str(named)
    return next((key for key, scene in SCENES.items() if scene.page == page), None)


def _in_language(language: str) -> str:
    """Return the address of the same page in another language."""
    return url_for(
        request.endpoint or "", **(request.view_args or {}), **{**stage().address, "language": language}
    )


def _only(route: ActivationRoute) -> None:
    if stage().bank.route is not route:
        abort(404)
