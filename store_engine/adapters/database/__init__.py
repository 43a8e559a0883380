"""The store of record: one SQL database for everything that must not be lost.

    connection.py      SQLite or PostgreSQL: transactions `writing` and `reading`
    tables.py          the MetaData that all subjects share
    *_tables.py        the tables of one subject each; subjects.py lists them
    migrating.py       brings a database to these tables, step by step (alembic)
    migrations/        the steps, one file each
    records.py         what an engine keeps (port `Records`); places.py: how far it has come
    records_reading.py ... and what others read of it
    books.py           what the office keeps (port `Books`)
    books_reading.py   ... and all of it at one moment
    backup.py          backup and restore; checking.py says whether a database is whole

Adding a subject, say loyalty:

1. `loyalty_tables.py`: its tables, on `tables.metadata`. Rows that belong to one store have a
   column `store`. Name indexes after what they answer.
2. Add it to `SUBJECTS` in `subjects.py`.
3. `migrations/versions/loyalty_0001.py`: the same tables as steps, with
   `revision = "loyalty_0001"` and `down_revision = None`. Each subject has steps of its own, so
   two people can add steps to two subjects without meeting. A subject whose foreign keys point to
   another one says `depends_on = "office_0001"`.
4. To change the tables later: change them, and add `loyalty_0002.py` with
   `down_revision = "loyalty_0001"`. Never change a step that has been released. On SQLite use
   `with op.batch_alter_table(...)`.
5. `tests/adapters/test_database_migrations.py` compares tables and steps on both databases; it
   needs no change.
6. Write what uses the tables as a class over `Database`, with a port of its own, and run one
   contract suite over the fixture `database` (tests/databases.py): SQLite and PostgreSQL.

    with self._database.writing() as connection:  # all of it or nothing
        connection.execute(sa.insert(points), rows)  # ConflictError, RecordsError
"""

from pathlib import Path

from store_engine.adapters.database.connection import Database, parse_url, sqlite_url
from store_engine.adapters.database.failures import saying_what_failed
from store_engine.adapters.database.migrating import migrate
from store_engine.errors import RecordsError

__all__ = ["Database", "open_database", "open_existing", "sqlite_url"]


def open_database(url: str) -> Database:
    """Open a database, made if it is a file that is not there, and bring it to this version.

    Args:
        url: `sqlite:///folder/file.sqlite` or `postgresql+psycopg://user:password@host/database`.

    Raises:
        ConfigError: the URL is of no use.
        RecordsError: the database cannot be reached, or a newer version has been here.
    """
    parsed = parse_url(url)
    database = Database(parsed)
    try:
        if database.is_sqlite:
            with saying_what_failed(database.name):
                Path(database.name).parent.mkdir(parents=True, exist_ok=True)
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def open_existing(url: str) -> Database:
    """Open a database that should be there. Raises `RecordsError` when it is not."""
    parsed = parse_url(url)
    if parsed.drivername == "sqlite" and not Path(str(parsed.database)).is_file():
        raise RecordsError(f"{parsed.database}: no store of record here")
    return open_database(url)
