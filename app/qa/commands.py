"""What a tester asks for, read strictly from a form or from JSON, and the table that does it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from app.domain.banks import BANKS
from app.domain.identifiers import bare_address
from app.domain.typed_text import fold_keyword, language_of, plain_text, visible_text
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES
from app.qa.scenario_runner import RunGoal, RunRequest
from app.qa.tester_access import current_office, office_tools, run_due_jobs
from app.services.invitations import ActionCommand, ActivationAction, perform_action
from app.simulation.bank.transactions import InjectedFault
from app.simulation.scenarios import SCENARIOS
from app.simulation.testing import LONGEST, Milestone, SandboxTools

_UNITS = ("days", "hours", "minutes", "seconds")


class InvalidField(ValueError):
    """A field that cannot be read; its name is the code."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


def read_run_request(fields: Mapping[str, Any]) -> RunRequest:
    """Read what kind of request is wanted; raise InvalidField."""
    return RunRequest(
        bank=_one_of(fields, "bank", BANKS, ""),
        language=language_in(fields),
        reference=text_in(fields, "reference"),
        address=text_in(fields, "address"),
        scenario=_one_of(fields, "scenario", SCENARIOS, ""),
        reach=RunGoal(_one_of(fields, "reach", [*RunGoal], RunGoal.START)),
    )


def language_in(fields: Mapping[str, Any]) -> str:
    """Read a language, the usual one where none is asked for; raise InvalidField."""
    text = text_in(fields, "language")
    return _one_of({"language": language_of(text) or text}, "language", LANGUAGES, DEFAULT_LANGUAGE)


def works_in(fields: Mapping[str, Any]) -> bool:
    """Read whether what falls due is done, which it is where nothing is said; raise InvalidField."""
    if not isinstance(works := fields.get("work", True), bool):
        raise InvalidField("work", "work is true or false.")
    return works


def milestone_in(fields: Mapping[str, Any]) -> str:
    """Read until when time goes by; empty where it is for a while; raise InvalidField."""
    return _one_of(fields, "to", [*Milestone], "")


def misbehaviour_in(fields: Mapping[str, Any]) -> str:
    """Read how the bank treats a request; raise InvalidField."""
    return _one_of(fields, "fault", [*InjectedFault], None)


def while_in(fields: Mapping[str, Any]) -> timedelta:
    """Read for how long time goes by; raise InvalidField."""
    try:
        by = timedelta(**{unit: _number(fields[unit]) for unit in _UNITS if fields.get(unit)})
    except (ValueError, TypeError, OverflowError):
        raise InvalidField("days", "Days, hours, minutes and seconds are numbers.") from None
    if not timedelta(0) < by <= LONGEST:
        raise InvalidField("days", f"Time goes by forwards, at most {LONGEST.days} days at once.")
    return by


def mail_filter_in(fields: Mapping[str, Any]) -> tuple[str | None, str]:
    """Read which mails are wanted: those of an activation, those to an address; raise InvalidField."""
    return text_in(fields, "activation") or None, bare_address(text_in(fields, "to"))


def _number(value: object) -> float:
    return float(plain_text(str(value)).replace(",", "."))


def text_in(fields: Mapping[str, Any], name: str) -> str:
    """Read a text; raise InvalidField where it is none."""
    value = fields.get(name) or ""
    if not isinstance(value, str):
        raise InvalidField(name, f"{name} is a text.")
    return visible_text(value)


def _one_of(fields: Mapping[str, Any], name: str, known: Any, otherwise: str | None) -> str:
    wanted = fold_keyword(text_in(fields, name))
    found = next((value for value in known if fold_keyword(value) == wanted), None) if wanted else otherwise
    if found is None:
        raise InvalidField(name, f"{name} is one of: {', '.join(known)}.")
    return found


Fields = Mapping[str, Any]


def age_activation(tools: SandboxTools, public_id: str, fields: Fields) -> None:
    """Let time go by: for a while, or until what the request waits for."""
    milestone, works = milestone_in(fields), works_in(fields)

    def work() -> None:
        if works:
            run_due_jobs(tools)

    if milestone:
        tools.age_until(public_id, Milestone(milestone), work)
    else:
        tools.age_activation(public_id, while_in(fields), work)


def set_bank_fault(tools: SandboxTools, public_id: str, fields: Fields) -> None:
    """Let the bank misbehave towards this request, or behave again."""
    activation = tools.read_record(public_id).columns
    tools.bank.set_fault(activation.office, activation.client_reference, misbehaviour_in(fields))


def _perform_action(action: ActivationAction, tools: SandboxTools, public_id: str, fields: Fields) -> None:
    address = text_in(fields, "address")
    if action is ActivationAction.REPLACE and address:
        action = ActivationAction.ADDRESS
    command = ActionCommand(public_id, current_office().actor, address=address)
    perform_action(tools.services.invitations, action, command)


def _run_due_jobs(tools: SandboxTools, public_id: str, _sent: Fields) -> None:
    tools.read_record(public_id)


_ACTIONS = (
    ActivationAction.RESEND,
    ActivationAction.REMIND,
    ActivationAction.REPLACE,
    ActivationAction.CANCEL,
    ActivationAction.REVOKE,
    ActivationAction.RELAUNCH,
)
#: By the last word of the address; what is due is done after each.
COMMANDS: Mapping[str, Callable[[SandboxTools, str, Fields], None]] = {
    "age": age_activation,
    "work": _run_due_jobs,
    "fault": set_bank_fault,
    **{action.value: partial(_perform_action, action) for action in _ACTIONS},
}


def run_command(command: str, public_id: str, fields: Fields) -> None:
    """Do one of the table; raise InvalidField, Refused, UnknownSandboxItem, NotPossibleNow, BankFault."""
    tools = office_tools()
    COMMANDS[command](tools, public_id, fields)
    if works_in(fields):
        run_due_jobs(tools)
