"""What a refused form leaves in the session for the page that shows it again, once a language.

Back and reload then never meet a form that a browser would send again. Names of problems, ticked boxes and a
month that was read are all that is kept: no number, no code, and no digits that could be either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import g, session

from app.i18n import current_language

_SLOT = "refused"


@dataclass(frozen=True)
class RefusedForm:
    """The problem of each field by its name, the boxes that were ticked, and the month as MM/YY."""

    problems: Mapping[str, str] = field(default_factory=dict)
    ticked: tuple[str, ...] = ()
    expiry: str = ""
    #: The page showed other conditions than today's.
    changed: bool = False


def store_refused_form(name: str, refused: RefusedForm) -> None:
    """Keep what a form of this activation comes back with; the newest takes the place of any other."""
    _store(name, refused, shown_in="")


def show_refused_form(name: str) -> RefusedForm:
    """Return what was kept for this form, and forget it once it was shown in the language that is spoken."""
    refused, shown_in = _read(name)
    if shown_in == current_language():
        forget_refused_form()
        return RefusedForm()
    if refused != RefusedForm():
        _store(name, refused, shown_in=current_language())
    return refused


def forget_refused_form() -> None:
    """Forget what was kept: the form was accepted."""
    session.pop(_SLOT, None)


def translate_refused_form(name: str, refused: RefusedForm) -> None:
    """Keep what a form holds for the page in another language, with what was said and is still wrong."""
    shown, _language = _read(name)
    problems = {field: problem for field, problem in refused.problems.items() if field in shown.problems}
    store_refused_form(name, replace(refused, problems=problems, changed=shown.changed))


def _store(name: str, refused: RefusedForm, shown_in: str) -> None:
    ticked = list(refused.ticked)
    session[_SLOT] = [_key(name), dict(refused.problems), ticked, refused.expiry, refused.changed, shown_in]


def _read(name: str) -> tuple[RefusedForm, str]:
    match session.get(_SLOT):
        case [str(key), dict(problems), list(ticked), str(expiry), bool(changed), str(shown_in)] if (
            key == _key(name)
        ):
            return RefusedForm(problems, tuple(ticked), expiry, changed), shown_in
    return RefusedForm(), ""


def _key(name: str) -> str:
    return f"{g.public_id}/{name}"
