"""How the bank misbehaves towards one request alone, because a tester wants it to."""

from enum import StrEnum

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from app.simulator.store import FAULTS

#: An office's name as a request for an authentication carries it (EMV 3DS, threeDSRequestorName).
_CARRIED = 40


class Misbehaviour(StrEnum):
    """What the bank's server does instead of answering."""

    NONE = "none"
    DOWN = "down"
    SLOW = "slow"
    WRONG = "wrong"


def misbehaviour(connection: Connection, office: str, client_reference: str) -> Misbehaviour:
    """Return how the bank treats the requests of an office for a client reference."""
    query = select(FAULTS.c.kind).where(
        FAULTS.c.office == office[:_CARRIED], FAULTS.c.client_reference == client_reference
    )
    return Misbehaviour(connection.execute(query).scalar_one_or_none() or Misbehaviour.NONE)


def misbehave(connection: Connection, office: str, client_reference: str, kind: Misbehaviour) -> None:
    """Treat these requests so from now on."""
    mine = {"office": office[:_CARRIED], "client_reference": client_reference}
    if kind is Misbehaviour.NONE:
        connection.execute(delete(FAULTS).where(*(FAULTS.c[name] == value for name, value in mine.items())))
        return
    new = insert(FAULTS).values(**mine, kind=kind)
    connection.execute(new.on_conflict_do_update(index_elements=list(mine), set_={"kind": kind}))
