"""Bring a database to the newest schema, or back; the same on SQLite and PostgreSQL."""

from functools import cache
from typing import Any, Literal

from sqlalchemy import create_engine, event, inspect

from app.db import Database, begin_immediate
from app.paths import MIGRATIONS


class BrokenReferences(Exception):
    """A migration left rows that point nowhere; it was rolled back."""


def upgrade_schema(database: Database, revision: str = "head") -> None:
    """Migrate up to a revision, in one transaction; raise BrokenReferences."""
    _run_migration(database, "upgrade", revision)


def downgrade_schema(database: Database, revision: str) -> None:
    """Migrate down to a revision, in one transaction; raise BrokenReferences."""
    _run_migration(database, "downgrade", revision)


def is_schema_current(database: Database) -> bool:
    """Tell whether the database has exactly the schema that this code expects."""
    with database.read_connection() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    return current == [newest_revision()]


@cache
def newest_revision() -> str:
    """Return the newest revision that this code knows: the name of its file begins with it."""
    newest = max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    return newest.partition("_")[0]


def _run_migration(database: Database, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
    """Rebuilding a table on SQLite drops it for a moment: foreign keys rest, and are checked at the end."""
    # Only here: a server migrates nothing, and need not hold what migrates.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    sqlite = database.url.get_backend_name() == "sqlite"
    engine = create_engine(database.url)
    if sqlite:
        event.listen(engine, "connect", _rest_foreign_keys)
        event.listen(engine, "begin", begin_immediate)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            {"upgrade": command.upgrade, "downgrade": command.downgrade}[direction](config, revision)
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise BrokenReferences
    finally:
        engine.dispose()


def _rest_foreign_keys(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=OFF")
