"""Bring a database to the newest schema, or back; the same on SQLite and PostgreSQL."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, create_engine, delete, event, func, insert, inspect, select

from app.db import Database, begin_immediate
from app.models.installation import SchemaSupport
from app.paths import MIGRATIONS

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

#: Whoever migrates at the same time waits: on PostgreSQL for this lock, on SQLite for the file's, so long.
_MIGRATING, _SQLITE_SECONDS = 20_261, 3600


class BrokenReferences(Exception):
    """A migration left rows that point nowhere; it was rolled back."""


def upgrade_schema(database: Database, revision: str = "head") -> None:
    """Migrate up to a revision, in one transaction; raise BrokenReferences."""
    _run_migration(database, "upgrade", revision)


def downgrade_schema(database: Database, revision: str) -> None:
    """Migrate down to a revision, in one transaction; raise BrokenReferences."""
    _run_migration(database, "downgrade", revision)


def is_schema_supported(database: Database, revision: str | None = None) -> bool:
    """Tell whether a build that expects a revision, this one without, can work with the schema.

    It may be newer, as while builds are exchanged, where nothing that this one needs was taken away since.
    """
    expected = revision or newest_revision()
    with database.read_connection() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or ""
        if current <= expected:
            return current == expected
        oldest = connection.execute(select(func.max(SchemaSupport.oldest_revision))).scalar()
    return oldest is not None and oldest <= expected


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
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    sqlite = database.url.get_backend_name() == "sqlite"
    engine = create_engine(database.url, connect_args={"timeout": _SQLITE_SECONDS} if sqlite else {})
    if sqlite:
        event.listen(engine, "connect", _rest_foreign_keys)
        event.listen(engine, "begin", begin_immediate)
    try:
        with engine.begin() as connection:
            if not sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
            config.attributes["connection"] = connection
            {"upgrade": command.upgrade, "downgrade": command.downgrade}[direction](config, revision)
            _note_support(connection, ScriptDirectory.from_config(config))
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise BrokenReferences
    finally:
        engine.dispose()


def _note_support(connection: Connection, scripts: "ScriptDirectory") -> None:
    """Keep for builds of before, which cannot read what came after them, whether they may go on."""
    if not inspect(connection).has_table(SchemaSupport.__tablename__):
        return
    current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    lineage = scripts.iterate_revisions(current, "base")
    oldest = next((script.revision for script in lineage if not script.module.EXPANDS), "0001")
    connection.execute(delete(SchemaSupport))
    connection.execute(insert(SchemaSupport).values(oldest_revision=oldest))


def _rest_foreign_keys(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=OFF")
