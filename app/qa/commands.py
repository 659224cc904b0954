"""What a tester does with a request, for pages and API alike: the table, and the fields that each needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.qa.request_fields import (
    AgeFields,
    FaultFields,
    NoFields,
    RelaunchFields,
    ReplaceFields,
    RequestFields,
)
from app.qa.tester_access import current_office, office_tools, run_due_jobs
from app.services.invitations import ActionCommand, ActivationAction, perform_action
from app.simulation.testing import SandboxTools


@dataclass(frozen=True)
class TesterCommand:
    """One thing that can be done with a request, and what may be sent with it."""

    perform: Callable[[SandboxTools, str, Any], None]
    fields: type[RequestFields] = NoFields


def age_activation(tools: SandboxTools, public_id: str, fields: AgeFields) -> None:
    """Let time go by: for a while, or until what the request waits for."""

    def work() -> None:
        if fields.work:
            run_due_jobs(tools)

    if fields.to:
        tools.age_until(public_id, fields.to, work)
    else:
        tools.age_activation(public_id, fields.duration, work)


def set_bank_fault(tools: SandboxTools, public_id: str, fields: FaultFields) -> None:
    """Let the bank misbehave towards this request, or behave again."""
    activation = tools.read_record(public_id).columns
    tools.bank.set_fault(activation.office, activation.client_reference, fields.fault)


def _perform_action(
    action: ActivationAction, tools: SandboxTools, public_id: str, fields: RequestFields
) -> None:
    address = getattr(fields, "address", "")
    if action is ActivationAction.REPLACE and address:
        action = ActivationAction.ADDRESS
    command = ActionCommand(public_id, current_office().actor, address=address)
    perform_action(tools.services.invitations, action, command)


def _do_nothing(tools: SandboxTools, public_id: str, _fields: NoFields) -> None:
    tools.read_record(public_id)


_ACTIONS: Mapping[ActivationAction, type[RequestFields]] = {
    ActivationAction.RESEND: NoFields,
    ActivationAction.REMIND: NoFields,
    ActivationAction.REPLACE: ReplaceFields,
    ActivationAction.CANCEL: NoFields,
    ActivationAction.REVOKE: NoFields,
    ActivationAction.RELAUNCH: RelaunchFields,
}
#: By the last word of the address; what is due is done after each.
COMMANDS: Mapping[str, TesterCommand] = {
    "age": TesterCommand(age_activation, AgeFields),
    "work": TesterCommand(_do_nothing),
    "fault": TesterCommand(set_bank_fault, FaultFields),
    **{
        action.value: TesterCommand(partial(_perform_action, action), fields)
        for action, fields in _ACTIONS.items()
    },
}


def run_command(command: str, public_id: str, fields: RequestFields) -> None:
    """Do one of the table; raise ActionRefused, UnknownSandboxItem, NotPossibleNow, BankFault."""
    tools = office_tools()
    COMMANDS[command].perform(tools, public_id, fields)
    if getattr(fields, "work", True):
        run_due_jobs(tools)
