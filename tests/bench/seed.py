"""A million requests, fifty thousand of them in one office: rows written directly, in minutes.

`python -m tests.bench.seed sqlite:///big.db` or a PostgreSQL URL; the database must be empty.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Connection, create_engine, insert, text

from app.clock import system_clock
from app.db import Database
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome
from app.domain.identifiers import search_key
from app.domain.states import ActivationState
from app.models import Accountant, Activation, Attempt, Base, Dossier, Mandate, Office
from app.models.office import MandateState
from app.models.schema import upgrade_schema
from tests.bench.visitor_load import public_id

ACTIVATIONS, LARGEST, USUAL = 1_000_000, 50_000, 1_000
_A_DOSSIER, _UNORDERED_IN = 4, 20
#: One request in so many is at another bank.
_RARE = 997
_BATCH = 5_000
_LINK_LIFE = timedelta(days=56)
_TRADES = ("Boulangerie", "Garage", "Menuiserie", "Épicerie", "Slagerij", "Kapsalon", "Zum Anker", "Atelier")
_NAMES = ("Dupont", "Peeters", "Janssens", "Lambert", "Müller", "Claes", "Élise", "Wouters", "Maes", "Noël")
#: What a hundred requests are like: states, the share of each, and whether a problem is open.
_STATES = (
    *[(ActivationState.ACTIVE, False)] * 60,
    *[(ActivationState.INVITED, False)] * 15,
    *[(ActivationState.TERMS_ACCEPTED, True)] * 5,
    *[(ActivationState.CANCELLED, False)] * 12,
    *[(ActivationState.EXPIRED, False)] * 8,
)

_Values = Mapping[str, object]
_Written = tuple[type[Base], _Values]


@dataclass(frozen=True)
class SeededOffices:
    """How many requests there are, and how many of them in the first office; the others have a thousand."""

    activations: int = ACTIVATIONS
    largest: int = LARGEST

    def offices(self) -> list[int]:
        """Return the size of each office."""
        rest = max(self.activations - self.largest, USUAL)
        return [self.largest, *[USUAL] * (rest // USUAL)]


def accountant(office: int) -> str:
    """Return the address of the one accountant of an office, the first of which is 1."""
    return f"accountant-{office}@office.example"


def settle(database: Database, crowd: SeededOffices) -> None:
    """Write the rows, in batches of one table each, and show how far it is on stderr."""
    now = system_clock()
    with database.write_connection() as connection:
        written = 0
        for office, size in enumerate(crowd.offices(), start=1):
            for row, values in _batches(_office(office, size, written, now)):
                connection.execute(insert(row), values)
            written += size
            _progress(written, crowd.activations)
        _count_on(connection)
    database.truncate_wal()
    _look_over(database)


def _office(office: int, size: int, before: int, now: datetime) -> Iterator[Iterator[_Written]]:
    """Yield the rows of one office, those first to which others point."""
    yield iter([(Office, {"id": office, "name": f"Office {office:04}"})])
    yield iter([(Accountant, {"id": office, "office_id": office, "email": accountant(office)})])
    first = before // _A_DOSSIER + before // _UNORDERED_IN + 1
    ordered, free = size // _A_DOSSIER, size // _UNORDERED_IN
    dossiers = [
        _dossier(first + number, office, number, number < ordered) for number in range(ordered + free)
    ]
    yield ((Dossier, dossier) for dossier in dossiers)
    yield ((Mandate, _mandate(first + number)) for number in range(ordered + free))
    activations = [
        _activation(before + number, office, dossiers[number % ordered], now) for number in range(size)
    ]
    yield ((Activation, activation) for activation in activations)
    yield ((Attempt, _refused(activation, now)) for activation in activations if activation["problem"])


def _dossier(id_: int, office: int, number: int, ordered: bool) -> dict[str, object]:
    trade, name = _TRADES[number % len(_TRADES)], _NAMES[number // len(_TRADES) % len(_NAMES)]
    texts = {"code": f"{trade[:3].upper()}{number:05}", "name": f"{trade} {name} {number}"}
    keys = {f"{column}_key": search_key(text) for column, text in texts.items()}
    return {"id": id_, "office_id": office, "ordered": ordered, **texts, **keys}


def _mandate(dossier: int) -> _Values:
    iban = f"BE{dossier:014}"
    return {"dossier_id": dossier, "bank": "belfius", "iban": iban, "state": MandateState.ACTIVE}


def _refused(activation: _Values, now: datetime) -> _Values:
    return {
        "activation_id": activation["id"],
        "transaction": activation["public_id"],
        "generation": 1,
        "brand": "visa",
        "last_four": "6391",
        "language": "fr",
        **dict.fromkeys(("started_at", "concluded_at"), now),
        "outcome": AttemptOutcome.FAILED,
        "failure": Failure.WRONG_CARD,
        "problem": True,
    }


def _activation(number: int, office: int, dossier: _Values, now: datetime) -> _Values:
    state, problem = _STATES[number * 7919 // 1000 % len(_STATES)]
    sent = (
        now
        - timedelta(minutes=number % 50_000)
        - (_LINK_LIFE if state is ActivationState.EXPIRED else timedelta())
    )
    return {
        "id": number + 1,
        "public_id": public_id(number),
        "office_id": office,
        "accountant_id": office,
        "dossier_id": dossier["id"],
        "dossier_key": dossier["code_key"],
        "client_reference": str(6_000_000_000 + number * 7919 % 1_000_000_000),
        "bank": "belfius" if number % _RARE else "fintro",
        "language": "nl" if number % _A_DOSSIER == 0 else "fr",
        "state": state,
        "problem": problem,
        **dict.fromkeys(("ordered_at", "invited_at", "changed_at"), sent),
        "expires_at": sent + _LINK_LIFE,
    }


def _batches(tables: Iterable[Iterator[_Written]]) -> Iterator[tuple[type[Base], list[_Values]]]:
    for rows in tables:
        for row, values in rows:
            batch = [values, *(more for _, more in islice(rows, _BATCH - 1))]
            yield row, batch


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL number the next rows after ours."""
    if connection.dialect.name == "postgresql":
        for row in (Office, Accountant, Dossier, Activation):
            table = row.__tablename__
            highest = f"(SELECT max(id) FROM {table})"
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})"))


def _look_over(database: Database) -> None:
    """Do at once what PostgreSQL's own housekeeping would do within minutes."""
    if database.url.get_backend_name() == "postgresql":
        # It may take longer than the product waits for an answer.
        engine = create_engine(database.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()


def _progress(written: int, wanted: int) -> None:
    done = min(written / wanted, 1)
    print(
        f"\r[{'#' * int(done * 40):<40}] {done:4.0%} ",
        end="" if done < 1 else "\n",
        file=sys.stderr,
        flush=True,
    )


def main() -> None:
    """Migrate the database and fill it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.seed", description=__doc__)
    parser.add_argument("url", help="database to fill")
    parser.add_argument("--activations", type=int, default=ACTIVATIONS, help="requests (%(default)s)")
    parser.add_argument("--largest", type=int, default=LARGEST, help="those of one office (%(default)s)")
    options = parser.parse_args()
    database = Database(options.url)
    upgrade_schema(database)
    settle(database, SeededOffices(options.activations, options.largest))
    database.close_connections()


if __name__ == "__main__":
    main()
