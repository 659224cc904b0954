"""What a tester asks for, read strictly from a form or from JSON, and the table that does it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from app.domain.banks import BANKS
from app.i18n import LANGUAGES
from app.qa.scenario_runner import RunGoal, RunRequest
from app.qa.tester_access import current_office, office_tools, run_due_jobs
from app.simulation.bank.transactions import InjectedFault
from app.simulation.scenarios import SCENARIOS
from app.simulation.testing import LONGEST, Milestone, SandboxTools

_UNITS = ("days", "hours", "minutes", "seconds")


class InvalidField(ValueError):
    """A field that cannot be read; its name is the code."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


def read_run_request(sent: Mapping[str, Any]) -> RunRequest:
    """Read what kind of request is wanted; raise InvalidField."""
    return RunRequest(
        bank=_one_of(sent, "bank", BANKS, ""),
        language=_one_of(sent, "language", LANGUAGES, "fr"),
        reference=_text(sent, "reference"),
        address=_text(sent, "address"),
        scenario=_one_of(sent, "scenario", SCENARIOS, ""),
        reach=RunGoal(_one_of(sent, "reach", [*RunGoal], RunGoal.START)),
    )


def language_in(sent: Mapping[str, Any]) -> str:
    """Read a language; French where none is asked for; raise InvalidField."""
    return _one_of(sent, "language", LANGUAGES, "fr")


def works_in(sent: Mapping[str, Any]) -> bool:
    """Read whether what falls due is done, which it is where nothing is said; raise InvalidField."""
    if not isinstance(works := sent.get("work", True), bool):
        raise InvalidField("work", "work is true or false.")
    return works


def moment_in(sent: Mapping[str, Any]) -> Milestone | None:
    """Read until when time goes by; None where it is for a while; raise InvalidField."""
    wanted = _one_of(sent, "to", [*Milestone], "")
    return Milestone(wanted) if wanted else None


def while_in(sent: Mapping[str, Any]) -> timedelta:
    """Read for how long time goes by; raise InvalidField."""
    try:
        by = timedelta(**{unit: float(sent[unit]) for unit in _UNITS if sent.get(unit)})
    except (ValueError, TypeError, OverflowError):
        raise InvalidField("days", "Days, hours, minutes and seconds are numbers.") from None
    if not timedelta(0) < by <= LONGEST:
        raise InvalidField("days", f"Time goes by forwards, at most {LONGEST.days} days at once.")
    return by


def misbehaviour_in(sent: Mapping[str, Any]) -> str:
    """Read how the bank treats a request; raise InvalidField."""
    return _one_of(sent, "fault", [*InjectedFault], None)


def text_in(sent: Mapping[str, Any], name: str) -> str:
    """Read a text; raise InvalidField where it is none."""
    return _text(sent, name)


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name) or ""
    if not isinstance(value, str):
        raise InvalidField(name, f"{name} is a text.")
    return value.strip()


def _one_of(sent: Mapping[str, Any], name: str, known: Any, otherwise: str | None) -> str:
    value = _text(sent, name) or otherwise
    if value is None or (value not in known and value != otherwise):
        raise InvalidField(name, f"{name} is one of: {', '.join(known)}.")
    return value


Sent = Mapping[str, Any]


def age_activation(mine: SandboxTools, public_id: str, sent: Sent) -> None:
    """Let time go by: for a while, or until what the request waits for."""
    moment, works = moment_in(sent), works_in(sent)

    def work() -> None:
        if works:
            run_due_jobs(mine)

    if moment is None:
        mine.age_activation(public_id, while_in(sent), work)
    else:
        mine.age_until(public_id, moment, work)


def set_bank_fault(mine: SandboxTools, public_id: str, sent: Sent) -> None:
    """Let the bank misbehave towards this request, or behave again."""
    facts = mine.read_record(public_id).facts
    mine.bank.set_fault(facts.office, facts.client_reference, misbehaviour_in(sent))


def _resend_invitation(mine: SandboxTools, public_id: str, _sent: Sent) -> None:
    mine.activations.resend_invitation(public_id, current_office().actor)


def _replace_link(mine: SandboxTools, public_id: str, sent: Sent) -> None:
    mine.activations.replace_link(public_id, current_office().actor, text_in(sent, "address") or None)


def _cancel_activation(mine: SandboxTools, public_id: str, _sent: Sent) -> None:
    mine.activations.cancel_activation(public_id, current_office().actor)


def _revoke_activation(mine: SandboxTools, public_id: str, _sent: Sent) -> None:
    mine.activations.revoke_activation(public_id, current_office().actor)


def _relaunch_activation(mine: SandboxTools, public_id: str, sent: Sent) -> None:
    mine.activations.relaunch_activation(public_id, current_office().actor, text_in(sent, "address"))


def _run_due_jobs(mine: SandboxTools, public_id: str, _sent: Sent) -> None:
    mine.read_record(public_id)


#: By the last word of the address; what is due is done after each.
DEEDS: Mapping[str, Callable[[SandboxTools, str, Sent], None]] = {
    "age": age_activation,
    "work": _run_due_jobs,
    "fault": set_bank_fault,
    "resend": _resend_invitation,
    "replace": _replace_link,
    "cancel": _cancel_activation,
    "revoke": _revoke_activation,
    "relaunch": _relaunch_activation,
}


def run_command(deed: str, public_id: str, sent: Sent) -> None:
    """Do one of the table; raise InvalidField, Refused, UnknownSandboxItem, NotPossibleNow, BankFault."""
    mine = office_tools()
    DEEDS[deed](mine, public_id, sent)
    if works_in(sent):
        run_due_jobs(mine)
