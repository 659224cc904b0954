"""What can be done with one request, whoever asks: a button or a program."""

from collections.abc import Callable, Mapping
from typing import Any

from app.qa.door import office, own
from app.qa.wiring import work_for
from app.qa.wishes import misbehaviour_in, moment_in, text_in, while_in, works_in
from app.rehearsal import Rehearsals

Sent = Mapping[str, Any]


def age(mine: Rehearsals, public_id: str, sent: Sent) -> None:
    """Let time go by: for a while, or until what the request waits for."""
    moment, works = moment_in(sent), works_in(sent)

    def work() -> None:
        if works:
            work_for(mine)

    if moment is None:
        mine.age(public_id, while_in(sent), work)
    else:
        mine.age_to(public_id, moment, work)


def fault(mine: Rehearsals, public_id: str, sent: Sent) -> None:
    """Let the bank misbehave towards this request, or behave again."""
    facts = mine.record(public_id).facts
    mine.bank.misbehave(facts.office, facts.client_reference, misbehaviour_in(sent))


def _resend(mine: Rehearsals, public_id: str, _sent: Sent) -> None:
    mine.activations.resend_invitation(public_id, office().actor)


def _replace(mine: Rehearsals, public_id: str, sent: Sent) -> None:
    mine.activations.replace_link(public_id, office().actor, text_in(sent, "address") or None)


def _cancel(mine: Rehearsals, public_id: str, _sent: Sent) -> None:
    mine.activations.cancel_activation(public_id, office().actor)


def _revoke(mine: Rehearsals, public_id: str, _sent: Sent) -> None:
    mine.activations.revoke_activation(public_id, office().actor)


def _relaunch(mine: Rehearsals, public_id: str, sent: Sent) -> None:
    mine.activations.relaunch_activation(public_id, office().actor, text_in(sent, "address"))


def _work(mine: Rehearsals, public_id: str, _sent: Sent) -> None:
    mine.record(public_id)


#: By the last word of the address; what is due is done after each.
DEEDS: Mapping[str, Callable[[Rehearsals, str, Sent], None]] = {
    "age": age,
    "work": _work,
    "fault": fault,
    "resend": _resend,
    "replace": _replace,
    "cancel": _cancel,
    "revoke": _revoke,
    "relaunch": _relaunch,
}


def do(deed: str, public_id: str, sent: Sent) -> None:
    """Do one of the table; raise BadWish, Refused, Unknown, Impossible, BankFault."""
    mine = own()
    DEEDS[deed](mine, public_id, sent)
    if works_in(sent):
        work_for(mine)
