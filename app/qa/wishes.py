"""What a tester asks for, read strictly, whether a form or a program sends it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.domain.banks import BANKS
from app.i18n import LANGUAGES
from app.qa.scene import Reach, Wish
from app.rehearsal import LONGEST, Moment
from app.simulator.faults import Misbehaviour
from app.simulator.scenarios import SCENARIOS

_UNITS = ("days", "hours", "minutes", "seconds")


class BadWish(ValueError):
    """A field that cannot be read; its name is the code."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


def wish_in(sent: Mapping[str, Any]) -> Wish:
    """Read what kind of request is wanted; raise BadWish."""
    return Wish(
        bank=_one_of(sent, "bank", BANKS, ""),
        language=_one_of(sent, "language", LANGUAGES, "fr"),
        reference=_text(sent, "reference"),
        address=_text(sent, "address"),
        scenario=_one_of(sent, "scenario", SCENARIOS, ""),
        reach=Reach(_one_of(sent, "reach", [*Reach], Reach.START)),
    )


def language_in(sent: Mapping[str, Any]) -> str:
    """Read a language; French where none is asked for; raise BadWish."""
    return _one_of(sent, "language", LANGUAGES, "fr")


def works_in(sent: Mapping[str, Any]) -> bool:
    """Read whether what falls due is done, which it is where nothing is said; raise BadWish."""
    if not isinstance(works := sent.get("work", True), bool):
        raise BadWish("work", "work is true or false.")
    return works


def moment_in(sent: Mapping[str, Any]) -> Moment | None:
    """Read until when time goes by; None where it is for a while; raise BadWish."""
    wanted = _one_of(sent, "to", [*Moment], "")
    return Moment(wanted) if wanted else None


def while_in(sent: Mapping[str, Any]) -> timedelta:
    """Read for how long time goes by; raise BadWish."""
    try:
        by = timedelta(**{unit: float(sent[unit]) for unit in _UNITS if sent.get(unit)})
    except (ValueError, TypeError, OverflowError):
        raise BadWish("days", "Days, hours, minutes and seconds are numbers.") from None
    if not timedelta(0) < by <= LONGEST:
        raise BadWish("days", f"Time goes by forwards, at most {LONGEST.days} days at once.")
    return by


def misbehaviour_in(sent: Mapping[str, Any]) -> str:
    """Read how the bank treats a request; raise BadWish."""
    return _one_of(sent, "fault", [*Misbehaviour], None)


def text_in(sent: Mapping[str, Any], name: str) -> str:
    """Read a text; raise BadWish where it is none."""
    return _text(sent, name)


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name) or ""
    if not isinstance(value, str):
        raise BadWish(name, f"{name} is a text.")
    return value.strip()


def _one_of(sent: Mapping[str, Any], name: str, known: Any, otherwise: str | None) -> str:
    value = _text(sent, name) or otherwise
    if value is None or (value not in known and value != otherwise):
        raise BadWish(name, f"{name} is one of: {', '.join(known)}.")
    return value
