"""Brings a database to this version of the tables, whoever else opens it at the same moment."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from store_engine.adapters.database.connection import Database, take_write_lock
from store_engine.adapters.database.failures import saying_what_failed
from store_engine.adapters.database.subjects import SUBJECTS
from store_engine.adapters.database.tables import metadata
from store_engine.errors import RecordsError

FIRST = "engine_0001"  # what a file holds that is older than its migrations
ADVISORY_LOCK = 0x5704_E1  # PostgreSQL: who holds it migrates; any number nobody else uses
MIGRATION_LOCK_TIMEOUT = "10min"  # PostgreSQL: how long to wait for somebody else's migration

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> list[str]:
    """Bring the tables to this version; return the steps that were needed.

    All of it happens in one transaction, so a crash leaves the database as it was. An empty
    database gets the newest tables at once.

    Raises:
        RecordsError: a newer version has been here, or the database cannot be written.
    """
    scripts = _scripts()
    with database.reading() as connection:
        if not _missing(database, connection, scripts):
            return []
    with _alone(database) as connection:
        missing = _missing(database, connection, scripts)
        if missing:
            _bring_forward(database, connection)
    return missing


def versions(database: Database) -> list[str]:
    """Return the last step of each subject that the database has taken."""
    with database.reading() as connection:
        return sorted(_heads(connection))


def replay_all(database: Database) -> None:
    """Take every step from the very first on: how an empty database could have come to be."""
    with _alone(database) as connection:
        command.upgrade(_config(connection), "heads")


# ---- where it stands ---------------------------------------------------------------------------


def _missing(database: Database, connection: sa.Connection, scripts: ScriptDirectory) -> list[str]:
    """Return the steps not taken yet, oldest first."""
    heads = _heads(connection)
    known = {script.revision for script in scripts.walk_revisions()}
    unknown = sorted(set(heads) - known)
    if unknown:
        raise RecordsError(
            f"{database.name}: written by a newer version of store-engine "
            f"(step {', '.join(unknown)}; this one knows {', '.join(sorted(scripts.get_heads()))})"
        )
    taken = {script.revision for script in scripts.iterate_revisions(heads, "base")}
    return sorted(known - taken)


def _heads(connection: sa.Connection) -> tuple[str, ...]:
    """Return the last steps taken; a database from before there were steps has taken one."""
    heads = MigrationContext.configure(connection).get_current_heads()
    if heads or not sa.inspect(connection).has_table("facts"):
        return heads
    version = connection.execute(
        sa.text("SELECT value FROM facts WHERE name = 'database version'")
    ).scalar()
    return (FIRST,) if version == "1" else ()


# ---- taking steps ------------------------------------------------------------------------------


def _bring_forward(database: Database, connection: sa.Connection) -> None:
    config = _config(connection)
    if not _heads(connection):
        _create(database, connection)
        command.stamp(config, "heads")
        return
    if not MigrationContext.configure(connection).get_current_heads():
        command.stamp(config, FIRST)
    command.upgrade(config, "heads")


def _create(database: Database, connection: sa.Connection) -> None:
    """Make all tables. Others may be there, of another program, but not under our names."""
    taken = sorted(set(sa.inspect(connection).get_table_names()) & set(metadata.tables))
    if taken:
        raise RecordsError(f"{database.name}: table {taken[0]} is there, and not ours")
    metadata.create_all(connection)


@contextlib.contextmanager
def _alone(database: Database) -> Iterator[sa.Connection]:
    """Return a transaction that nobody else migrates beside, with SQLite's foreign keys off.

    SQLite changes tables by making them anew, which foreign keys would forbid.
    """
    if not database.is_sqlite:
        with database.writing() as connection:
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{MIGRATION_LOCK_TIMEOUT}'"))
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            yield connection
        return
    failing_clearly = saying_what_failed(database.name)
    with failing_clearly, _unchecked(database) as connection, connection.begin():
        take_write_lock(connection)
        yield connection
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RecordsError(f"{database.name}: rows point to nothing: {broken[0]}")


@contextlib.contextmanager
def _unchecked(database: Database) -> Iterator[sa.Connection]:
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101 - a connection that was just opened
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: sa.Connection | None) -> Config:
    assert SUBJECTS, "tables.metadata must be whole"  # noqa: S101 - importing them is the point
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
