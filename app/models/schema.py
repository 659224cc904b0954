"""Bring a database to the newest schema, or back; the same on SQLite and PostgreSQL.

Alembic is loaded by whoever migrates: servers and workers only look which revision there is.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, create_engine, event, inspect

from app.db import Database, begin_immediate
from app.paths import MIGRATIONS

if TYPE_CHECKING:
    from alembic.config import Config


class BrokenReferences(Exception):
    """A migration left rows that point nowhere; it was rolled back."""


def upgrade_schema(database: Database, revision: str = "head") -> None:
    """Migrate up to a revision, in one transaction; raise BrokenReferences."""
    from alembic import command

    _run_migration(database, lambda config: command.upgrade(config, revision))


def downgrade_schema(database: Database, revision: str) -> None:
    """Migrate down to a revision, in one transaction; raise BrokenReferences."""
    from alembic import command

    _run_migration(database, lambda config: command.downgrade(config, revision))


def is_schema_current(database: Database) -> bool:
    """Tell whether the database has exactly the schema that this code expects."""
    with database.read_connection() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        revisions = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
        return revisions == [newest_revision()]


@cache
def newest_revision() -> str:
    """Return the newest revision that this code knows: the names of the files begin with it."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("*.py"))


def _alembic_config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _run_migration(database: Database, migrate: Callable[["Config"], None]) -> None:
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
