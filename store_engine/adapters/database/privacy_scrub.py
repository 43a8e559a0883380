"""Takes deleted rows out of the bytes of a database's files (port `Scrubber`).

SQLite overwrites what is deleted (`secure_delete`), but older pages stay in the WAL until it is
taken in, and parts of rows may stay where a page was split; so the WAL is emptied, and a deep scrub
writes the whole file anew. PostgreSQL keeps deleted rows until VACUUM, and samples of columns in
its statistics; a deep scrub writes every table anew. Its write-ahead log is out of reach.
"""

import time
from typing import Any

import sqlalchemy as sa

from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.failures import saying_what_failed
from store_engine.adapters.database.tables import metadata

READERS_WAIT_S = 10.0  # whoever reads keeps old pages in the WAL; nobody reads longer (guess)
LOOK_EVERY_S = 0.05
WAL_STAYS = (
    "the server's write-ahead log (pg_wal, and archives of it) until it is overwritten or deleted"
)
STATISTICS_STAY = "the server's statistics: only the database's owner can have them written anew"


class SqlScrubber:
    """Scrubs one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def scrub(self, *, deep: bool) -> list[str]:
        """Overwrite what was deleted; return what may be left, in words.

        Raises:
            RecordsError: somebody held the database for longer than a write waits.
        """
        scrub = _scrub_sqlite if self._database.is_sqlite else _scrub_postgresql
        with saying_what_failed(self._database.name):
            return scrub(self._database, deep)


def _scrub_sqlite(database: Database, deep: bool) -> list[str]:
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if deep:
            raw.execute("VACUUM")
        give_up_s = time.monotonic() + READERS_WAIT_S
        while raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > give_up_s:
                return [f"{database.name}-wal, until whoever reads the database is done"]
            time.sleep(LOOK_EVERY_S)
    return []


def _scrub_postgresql(database: Database, deep: bool) -> list[str]:
    how = "FULL, ANALYZE" if deep else "ANALYZE"
    alone = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        for table in metadata.sorted_tables:
            connection.execute(sa.text(f'VACUUM ({how}) "{table.name}"'))
        left = [WAL_STAYS]
        if deep and not _statistics_anew(connection):
            left.append(STATISTICS_STAY)
    return left


def _statistics_anew(connection: sa.Connection) -> bool:
    """Write the server's statistics anew, if we may: anybody else is only warned."""
    owner = sa.text(
        "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
    )
    if not connection.scalar(owner):
        return False
    connection.execute(sa.text("VACUUM FULL pg_catalog.pg_statistic"))
    return True
