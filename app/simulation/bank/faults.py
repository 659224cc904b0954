"""How the bank misbehaves towards one request alone, because a tester wants it to."""

from enum import StrEnum

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from app.simulation.bank.store import FAULTS

#: An office's name as a request for an authentication carries it (EMV 3DS, threeDSRequestorName).
_CARRIED = 40


class InjectedFault(StrEnum):
    """What the bank's server does instead of answering."""

    NONE = "none"
    DOWN = "down"
    SLOW = "slow"
    WRONG = "wrong"


def read_fault(connection: Connection, office: str, client_reference: str) -> InjectedFault:
    """Return how the bank treats the requests of an office for a client reference."""
    query = select(FAULTS.c.kind).where(
        FAULTS.c.office == office[:_CARRIED], FAULTS.c.client_reference == client_reference
    )
    return InjectedFault(connection.execute(query).scalar_one_or_none() or InjectedFault.NONE)


def store_fault(connection: Connection, office: str, client_reference: str, kind: InjectedFault) -> None:
    """Treat these requests so from now on."""
    mine = {"office": office[:_CARRIED], "client_reference": client_reference}
    if kind is InjectedFault.NONE:
        connection.execute(delete(FAULTS).where(*(FAULTS.c[name] == value for name, value in mine.items())))
        return
    new = insert(FAULTS).values(**mine, kind=kind)
    connection.execute(new.on_conflict_do_update(index_elements=list(mine), set_={"kind": kind}))
