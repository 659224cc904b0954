"""Bring a database to the newest schema, or back; the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event

from app.db import Database, begin_immediate

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"


class BrokenReferences(Exception):
    """A migration left rows that point nowhere; it was rolled back."""


def upgrade_schema(database: Database, revision: str = "head") -> None:
    """Migrate up to a revision, in one transaction; raise BrokenReferences."""
    _run_migration(database, lambda config: command.upgrade(config, revision))


def downgrade_schema(database: Database, revision: str) -> None:
    """Migrate down to a revision, in one transaction; raise BrokenReferences."""
    _run_migration(database, lambda config: command.downgrade(config, revision))


def is_schema_current(database: Database) -> bool:
    """Tell whether the database has exactly the schema that this code expects."""
    with database.read_connection() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest_revision()


@cache
def newest_revision() -> str | None:
    """Return the newest revision that this code knows; its files are read once a process."""
    return ScriptDirectory.from_config(_alembic_config()).get_current_head()


def _alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _run_migration(database: Database, migrate: Callable[[Config], None]) -> None:
    """Rebuilding a table on SQLite drops it for a moment: foreign keys rest, and are checked at the end."""
    sqlite = database.url.get_backend_name() == "sqlite"
    engine = create_engine(database.url)
    if sqlite:
        event.listen(engine, "connect", _rest_foreign_keys)
        event.listen(engine, "begin", begin_immediate)
    try:
        with engine.begin() as connection:
            migrate(_alembic_config(connection))
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise BrokenReferences
    finally:
        engine.dispose()


def _rest_foreign_keys(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=OFF")
