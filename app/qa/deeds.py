"""What can be done with one request, whoever asks: a button or a program."""

from collections.abc import Callable, Mapping
from typing import Any

from app.qa.door import current_office, office_tools
from app.qa.wiring import run_due_jobs
from app.qa.wishes import misbehaviour_in, moment_in, text_in, while_in, works_in
from app.simulation.testing import SandboxTools

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
