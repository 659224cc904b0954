"""Where looking around begins: for which dossier, reference and bank, and in which language."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.activations.directory import ActivationRow, ListQuery
from app.domain.banks import BANKS
from app.domain.identifiers import LONGEST_KEY, parse_client_reference, search_key
from app.i18n import LANGUAGES, _l, current_language
from app.portal.door import office_services, portal_blueprint
from app.portal.order_form import hide_card_numbers
from app.portal.preview.scenes import FIRST, page_groups
from app.portal.preview.stage import (
    SAMPLE_BANK,
    SAMPLE_CODE,
    SAMPLE_DOSSIER,
    SAMPLE_REFERENCE,
    PreviewSubject,
)

previews = portal_blueprint("previews", "/preview")

_FIELDS = ("dossier", "bank", "reference", "language")
_SENTENCES: Mapping[str, LazyString] = {
    "dossier": _l("Enter the full code of one of your dossiers."),
    "bank": _l("Choose one of the banks that offer CARO."),
    "reference": _l(
        "A client reference has ten digits and begins with 6 or 7. Check it on the credit card statement."
    ),
    "language": _l("Choose the cardholder's language."),
}


class _DossierChoice(NamedTuple):
    """A dossier that can be looked at, with the bank and the reference that come to mind first."""

    id: int
    code: str
    bank: str = SAMPLE_BANK
    reference: str = SAMPLE_REFERENCE


_SAMPLE = _DossierChoice(SAMPLE_DOSSIER, SAMPLE_CODE)


@previews.get("")
def show_start() -> str | tuple[str, int]:
    """Ask what the preview is about, and list all that can be looked at."""
    typed, errors, stage = _read_start_form()
    page = render_template(
        "portal/preview.html",
        typed=hide_card_numbers(typed),
        errors=errors,
        stage=stage,
        banks={key: bank.name for key, bank in BANKS.items()},
        groups=page_groups(stage.bank) if stage else (),
    )
    return (page, 422) if errors else page


@previews.get("/walk")
def start_walk() -> Response | str | tuple[str, int]:
    """Begin with the first page."""
    _typed, _errors, stage = _read_start_form()
    return redirect(stage.page_url(FIRST[stage.bank.route]), 303) if stage else show_start()


@previews.context_processor
def _keep_choice() -> dict[str, Callable[[str], str]]:
    """Let what was typed outlive a change of the language."""
    kept: dict[str, Any] = hide_card_numbers(_typed_values())
    return {"language_link": lambda language: url_for(".show_start", **kept, lang=language)}


def _read_start_form() -> tuple[dict[str, str], dict[str, list[str]], PreviewSubject | None]:
    """Return what was typed, what is wrong with it, and the stage where nothing is."""
    given = _typed_values()
    found = _find_dossier(given["dossier"]) if "dossier" in given else _first_dossier()
    typed = _default_values(found) | given
    reference = parse_client_reference(typed["reference"])
    right = {
        "dossier": found is not None,
        "bank": typed["bank"] in BANKS,
        "reference": reference is not None,
        "language": typed["language"] in LANGUAGES,
    }
    errors = {name: [str(_SENTENCES[name])] for name, holds in right.items() if not holds}
    if found is None or reference is None or errors:
        return typed, errors, None
    return typed, errors, PreviewSubject(found.id, typed["bank"], reference, typed["language"])


def _typed_values() -> dict[str, str]:
    return {name: request.args[name].replace("\0", " ") for name in _FIELDS if name in request.args}


def _default_values(found: _DossierChoice | None) -> dict[str, str]:
    usual = found or _DossierChoice(SAMPLE_DOSSIER, "")
    return {
        "dossier": usual.code,
        "bank": usual.bank,
        "reference": usual.reference,
        "language": current_language(),
    }


def _first_dossier() -> _DossierChoice:
    """Return the first dossier of the office, or the sample where it has none."""
    entries = office_services().list_activations(ListQuery()).entries
    return _dossier_choice(entries[0]) if entries else _SAMPLE


def _find_dossier(typed: str) -> _DossierChoice | None:
    """Find the dossier of a code; what else begins so does not matter."""
    text = typed.strip()[:LONGEST_KEY]
    wanted = search_key(text)
    entries = office_services().list_activations(ListQuery(text=text)).entries if wanted else ()
    sample = _SAMPLE if wanted == search_key(SAMPLE_CODE) else None
    return next((_dossier_choice(one) for one in entries if search_key(one.code) == wanted), sample)


def _dossier_choice(entry: ActivationRow) -> _DossierChoice:
    bank = entry.banks[0] if entry.banks else SAMPLE_BANK
    return _DossierChoice(entry.dossier_id, entry.code, bank, entry.client_reference or SAMPLE_REFERENCE)
