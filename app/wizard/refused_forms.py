"""What a refused form leaves in the session for the page that shows it again, once.

Back and reload then never meet a form that a browser would send again. Names of problems, ticked boxes and a
month that was read are all that is kept: no number, no code, and no digits that could be either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import g, session

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
    ticked = list(refused.ticked)
    session[_SLOT] = [_key(name), dict(refused.problems), ticked, refused.expiry, refused.changed]


def take_refused_form(name: str) -> RefusedForm:
    """Return what was kept for this form, and forget it."""
    match session.get(_SLOT):
        case [str(key), dict(problems), list(ticked), str(expiry), bool(changed)] if key == _key(name):
            del session[_SLOT]
            return RefusedForm(problems, tuple(ticked), expiry, changed)
    return RefusedForm()


def _key(name: str) -> str:
    return f"{g.public_id}/{name}"
