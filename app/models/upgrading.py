"""Bring a database to the newest schema, or back; the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from app.db import Database

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"


class BrokenReferences(Exception):
    """A migration left rows that point nowhere; it was rolled back."""


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate up to a revision, in one transaction; raise BrokenReferences."""
    _run(database, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str) -> None:
    """Migrate down to a revision, in one transaction; raise BrokenReferences."""
    _run(database, lambda config: command.downgrade(config, revision))


def is_current(database: Database) -> bool:
    """Tell whether the database has exactly the schema that this code expects."""
    with database.connection() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()


def head() -> str | None:
    """Return the newest revision that this code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _run(database: Database, migrate: Callable[[Config], None]) -> None:
    """Rebuilding a table on SQLite drops it for a moment: foreign keys rest, and are checked at the end."""
    sqlite = database.url.get_backend_name() == "sqlite"
    engine = create_engine(database.url)
    try:
        with engine.connect() as connection:
            if sqlite:
                connection.connection.driver_connection.isolation_level = None
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            migrate(_config(connection))
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                connection.rollback()
                raise BrokenReferences
            connection.exec_driver_sql("COMMIT") if sqlite else connection.commit()
    finally:
        engine.dispose()
