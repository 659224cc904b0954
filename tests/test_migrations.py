"""The schema: migrations lead to what the models say, both ways, and lose nothing that was there."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from inspect import getsource
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, inspect, select
from sqlalchemy.exc import IntegrityError

from app.db import Database
from app.domain.identifiers import search_key
from app.models import Activation, Base, OutboxMessage
from app.models.schema import (
    BrokenReferences,
    downgrade_schema,
    is_schema_supported,
    newest_revision,
    upgrade_schema,
)
from app.paths import MIGRATIONS
from tests.support.databases import engines_under_test, fresh_postgres

FIRST, NOTHING = "0001", "base"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

#: One row a table, as the first version kept them; a parent stands before its children.
FIRST_ROWS: dict[str, dict[str, Any]] = {
    "office": {"name": "Bureau Dupont"},
    "accountant": {"office_id": 1, "email": "anne@dupont.example", "language": "fr"},
    "dossier": {"office_id": 1, "code": "ACME", "name": "Acme SA"},
    "mandate": {"dossier_id": 1, "bank": "belfius", "iban": "BE71096123456769", "state": "active"},
    "activation": {
        "public_id": "a-public-id",
        "office_id": 1,
        "dossier_id": 1,
        "accountant_id": 1,
        "bank": "belfius",
        "client_reference": "6123456789",
        "address": "titulaire@client.example",
        "language": "fr",
        "state": "awaiting_bank",
        "generation": 1,
        "round": 1,
        "ordered_at": MONDAY,
        "invited_at": MONDAY,
        "expires_at": MONDAY,
        "changed_at": MONDAY,
    },
    "attempt": {
        "activation_id": 1,
        "transaction": "6b1bff3e-6bd3-4a45-9a0e-3f4f6fd6a5a1",
        "generation": 1,
        "brand": "visa",
        "last_four": "6391",
        "language": "fr",
        "started_at": MONDAY,
        "next_check_at": MONDAY,
        "counted": False,
        "problem": False,
    },
    "consent": {
        "activation_id": 1,
        "generation": 1,
        "client_reference": "6123456789",
        "office": "Bureau Dupont",
        "terms_version": "2026-12",
        "language": "fr",
        "terms_sha256": "a" * 64,
        "labels_sha256": "b" * 64,
        "reference_confirmed": True,
        "conditions_accepted": True,
        "accepted_at": MONDAY,
        "build": "1",
    },
    "event": {"activation_id": 1, "at": MONDAY, "actor": "cli", "happening": "ordered"},
    "outbox_message": {
        "activation_id": 1,
        "kind": "invitation",
        "round": 1,
        "created_at": MONDAY,
        "due_at": MONDAY,
        "tries": 0,
    },
}


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(engine: str, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it yet."""
    with blank(engine, tmp_path, "migrated") as opened:
        yield opened


@contextmanager
def blank(engine: str, folder: Path, name: str) -> Iterator[Database]:
    with ExitStack() as stack:
        if engine == "sqlite":
            opened = Database(f"sqlite:///{folder / name}.db")
        else:
            opened = Database(stack.enter_context(fresh_postgres(name)))
        stack.callback(opened.close_connections)
        yield opened


def tables_of(database: Database) -> MetaData:
    metadata = MetaData()
    metadata.reflect(database.reading)
    return metadata


def fill(database: Database) -> None:
    tables = tables_of(database).tables
    with database.transaction() as session:
        for name, values in FIRST_ROWS.items():
            session.execute(tables[name].insert().values(**values))


def rows(database: Database) -> dict[str, dict[str, Any]]:
    tables = tables_of(database).tables
    with database.read_connection() as connection:
        return {name: dict(connection.execute(select(tables[name])).mappings().one()) for name in FIRST_ROWS}


def portrait(database: Database) -> dict[str, object]:
    """Everything that the engine knows of its tables, in no particular order."""
    inspector = inspect(database.reading)
    return {
        name: [
            sorted(json.dumps(one, default=str, sort_keys=True) for one in found)
            for found in (
                [_column(column) for column in inspector.get_columns(name)],
                inspector.get_indexes(name),
                inspector.get_unique_constraints(name),
                inspector.get_check_constraints(name),
                inspector.get_foreign_keys(name),
                [inspector.get_pk_constraint(name)],
            )
        ]
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }


def _column(column: Any) -> Any:
    """SQLite adds a computed column to a table only where it is not stored; it computes the same.

    Two that were added stand on one line, where SQLAlchemy reads the first one's expression too far.
    """
    computed = column.get("computed")
    return {**column, "computed": computed["sqltext"].partition(") VIRTUAL")[0]} if computed else column


def test_migrations_leave_no_difference_to_models(database: Database) -> None:
    upgrade_schema(database)

    with database.read_connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_conditions_and_checks_agree_as_well(database: Database, engine: str, tmp_path: Path) -> None:
    upgrade_schema(database)

    with blank(engine, tmp_path, "modelled") as modelled:
        Base.metadata.create_all(modelled.writing)
        assert portrait(database) == portrait(modelled)


def test_the_way_down_leaves_nothing(database: Database) -> None:
    upgrade_schema(database)
    downgrade_schema(database, NOTHING)

    assert portrait(database) == {}


def test_down_and_up_again_is_the_same(database: Database) -> None:
    upgrade_schema(database)
    before = portrait(database)
    downgrade_schema(database, NOTHING)
    upgrade_schema(database)

    assert portrait(database) == before


def test_a_database_is_current_after_upgrading_only(database: Database) -> None:
    assert not is_schema_supported(database)

    upgrade_schema(database)
    assert is_schema_supported(database)

    downgrade_schema(database, NOTHING)
    assert not is_schema_supported(database)


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    upgrade_schema(database, FIRST)
    fill(database)
    upgrade_schema(database)
    before = rows(database)
    upgrade_schema(database)

    assert rows(database) == before


def test_rows_of_the_first_version_survive(database: Database) -> None:
    upgrade_schema(database, FIRST)
    fill(database)
    before = rows(database)
    upgrade_schema(database)

    for name, row in rows(database).items():
        kept = before[name].keys() & row.keys()
        assert {column: row[column] for column in kept} == {column: before[name][column] for column in kept}


def test_foreign_keys_hold_after_upgrading(database: Database) -> None:
    upgrade_schema(database, FIRST)
    fill(database)
    upgrade_schema(database)

    event = tables_of(database).tables["event"]
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(event.update().values(activation_id=999))


def test_rows_that_point_nowhere_stop_an_upgrade(tmp_path: Path) -> None:
    with blank("sqlite", tmp_path, "broken") as database:
        upgrade_schema(database, FIRST)
        careless = create_engine(database.url)
        with careless.begin() as connection:
            event = tables_of(database).tables["event"]
            connection.execute(event.insert().values(FIRST_ROWS["event"]))
        careless.dispose()

        with pytest.raises(BrokenReferences):
            upgrade_schema(database)


def test_dossiers_of_before_are_found_by_what_is_searched_now(database: Database) -> None:
    upgrade_schema(database, "0004")
    name, code = "\u2019t Hoekje \u2013 No\u00ebl\u200e", "C\u20111"
    dossier = tables_of(database).tables["dossier"]
    office = tables_of(database).tables["office"]
    keys = {"code_key": code.lower(), "name_key": name.lower()}
    with database.transaction() as session:
        session.execute(office.insert().values(name="Bureau Dupont"))
        session.execute(dossier.insert().values(office_id=1, code=code, name=name, ordered=False, **keys))
    upgrade_schema(database)

    with database.read_connection() as connection:
        row = connection.execute(select(dossier)).mappings().one()
    assert (row["name"], row["name_key"]) == (name, search_key("'t hoekje - noel"))
    assert row["code_key"] == search_key(code)


@pytest.mark.parametrize(
    ("state", "problem", "moment"),
    [
        ("invited", False, "invited_at"),
        ("awaiting_bank", False, "invited_at"),
        ("awaiting_bank", True, "changed_at"),
        ("active", False, "changed_at"),
        ("expired", True, "expires_at"),
    ],
)
def test_requests_of_before_know_since_when_their_label_holds(
    database: Database, state: str, problem: bool, moment: str
) -> None:
    upgrade_schema(database, "0005")
    fill(database)
    activation = tables_of(database).tables["activation"]
    moments = {
        name: MONDAY.replace(day=day)
        for day, name in enumerate(("invited_at", "changed_at", "expires_at"), 1)
    }
    with database.transaction() as session:
        session.execute(activation.update().values(state=state, problem=problem, **moments))
    upgrade_schema(database)

    with database.read_connection() as connection:
        since = connection.execute(select(Activation.label_since)).scalar_one()
    assert since == moments[moment]


SCRIPTS = {script.revision: script for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
#: What takes away, or asks for more, in a migration's way up.
CONTRACTING = re.compile(r"\.(drop_table|drop_column|alter_column|drop_constraint|rename_table)\(")


@pytest.mark.parametrize("revision", sorted(SCRIPTS))
def test_each_migration_says_truly_whether_the_builds_of_before_can_go_on(revision: str) -> None:
    module = SCRIPTS[revision].module
    assert isinstance(module.EXPANDS, bool)
    assert not (module.EXPANDS and CONTRACTING.search(getsource(module.upgrade)))


def test_a_build_goes_on_beside_a_schema_that_only_grew(database: Database) -> None:
    upgrade_schema(database)

    assert [revision for revision in sorted(SCRIPTS) if is_schema_supported(database, revision)] == [
        revision for revision in sorted(SCRIPTS) if revision >= "0005"
    ]
    assert not is_schema_supported(database, "9999")


def test_there_is_one_newest_revision_and_its_file_is_named_by_it() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [newest_revision()]


def test_mails_that_nobody_wanted_are_told_from_those_that_were_given_up(database: Database) -> None:
    upgrade_schema(database, "0011")
    fill(database)
    tables = tables_of(database).tables
    mails, events = tables["outbox_message"], tables["event"]
    with database.transaction() as session:
        session.execute(mails.update().values(dead_at=MONDAY))
        kind = session.execute(select(mails.c.kind)).scalars().first()
        session.execute(events.delete())
        dropped = {
            "activation_id": 1,
            "at": MONDAY,
            "actor": "worker",
            "happening": "mail_dropped",
            "detail": kind,
        }
        session.execute(events.insert().values(dropped))
    upgrade_schema(database)

    with database.read_connection() as connection:
        told = connection.execute(select(OutboxMessage.activation_id, OutboxMessage.dropped)).all()
    assert {tuple(row) for row in told} == {(1, True)}
