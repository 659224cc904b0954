"""Where looking around begins: for which dossier, reference and bank, and in which language."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.activations.directory import ActivationRow, ListQuery
from app.domain.banks import BANKS
from app.domain.references import parse_client_reference
from app.domain.searching import LONGEST_KEY, search_key
from app.i18n import LANGUAGES, _l, current_language
from app.portal.door import activations, room
from app.portal.order_form import shown
from app.portal.preview.scenes import FIRST, groups_of
from app.portal.preview.stage import SAMPLE_BANK, SAMPLE_CODE, SAMPLE_DOSSIER, SAMPLE_REFERENCE, Stage

previews = room("previews", "/preview")

_FIELDS = ("dossier", "bank", "reference", "language")
_SENTENCES: Mapping[str, LazyString] = {
    "dossier": _l("Enter the full code of one of your dossiers."),
    "bank": _l("Choose one of the banks that offer CARO."),
    "reference": _l(
        "A client reference has ten digits and begins with 6 or 7. Check it on the credit card statement."
    ),
    "language": _l("Choose the cardholder's language."),
}


class _Found(NamedTuple):
    """A dossier that can be looked at, with the bank and the reference that come to mind first."""

    id: int
    code: str
    bank: str = SAMPLE_BANK
    reference: str = SAMPLE_REFERENCE


_SAMPLE = _Found(SAMPLE_DOSSIER, SAMPLE_CODE)


@previews.get("")
def start() -> str | tuple[str, int]:
    """Ask what the preview is about, and list all that can be looked at."""
    typed, errors, stage = _read()
    page = render_template(
        "portal/preview.html",
        typed=shown(typed),
        errors=errors,
        stage=stage,
        banks={key: bank.name for key, bank in BANKS.items()},
        groups=groups_of(stage.bank) if stage else (),
    )
    return (page, 422) if errors else page


@previews.get("/walk")
def walk() -> Response | str | tuple[str, int]:
    """Begin with the first page."""
    _typed, _errors, stage = _read()
    return redirect(stage.url(FIRST[stage.bank.route]), 303) if stage else start()


@previews.context_processor
def _same_choice() -> dict[str, Callable[[str], str]]:
    """Let what was typed outlive a change of the language."""
    kept: dict[str, Any] = shown(_given())
    return {"language_link": lambda language: url_for(".start", **kept, lang=language)}


def _read() -> tuple[dict[str, str], dict[str, list[str]], Stage | None]:
    """Return what was typed, what is wrong with it, and the stage where nothing is."""
    given = _given()
    found = _dossier(given["dossier"]) if "dossier" in given else _first()
    typed = _usual(found) | given
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
    return typed, errors, Stage(found.id, typed["bank"], reference, typed["language"])


def _given() -> dict[str, str]:
    return {name: request.args[name].replace("\0", " ") for name in _FIELDS if name in request.args}


def _usual(found: _Found | None) -> dict[str, str]:
    usual = found or _Found(SAMPLE_DOSSIER, "")
    return {
        "dossier": usual.code,
        "bank": usual.bank,
        "reference": usual.reference,
        "language": current_language(),
    }


def _first() -> _Found:
    """Return the first dossier of the office, or the sample where it has none."""
    entries = activations().list_activations(ListQuery()).entries
    return _shown(entries[0]) if entries else _SAMPLE


def _dossier(typed: str) -> _Found | None:
    """Find the dossier of a code; what else begins so does not matter."""
    text = typed.strip()[:LONGEST_KEY]
    wanted = search_key(text)
    entries = activations().list_activations(ListQuery(text=text)).entries if wanted else ()
    sample = _SAMPLE if wanted == search_key(SAMPLE_CODE) else None
    return next((_shown(one) for one in entries if search_key(one.code) == wanted), sample)


def _shown(entry: ActivationRow) -> _Found:
    bank = entry.banks[0] if entry.banks else SAMPLE_BANK
    return _Found(entry.dossier_id, entry.code, bank, entry.client_reference or SAMPLE_REFERENCE)
