"""Connections to the store of record: a SQLite file or a PostgreSQL server, durable on each commit.

Both promise the same. What `writing` returned from survives the loss of power. Writers wait for
one another instead of failing. `reading` sees one moment of the database, and neither waits for
writers nor holds them up. A lost connection fails the transaction it was lost in, nothing else.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from store_engine.adapters.database.failures import saying_what_failed
from store_engine.adapters.database.shared_commits import SharedCommits
from store_engine.errors import ConfigError, RecordsError

LOCK_TIMEOUT_MS = 10_000  # a writer waits this long for others, then fails (guess)
LOCK_POLL_S = 0.001  # between looks whether SQLite's write lock is free (measured, decision 0005)
CONNECT_TIMEOUT_S = 5  # a server that does not answer is away (guess)
SILENCE_TIMEOUT_MS = 10_000  # a network that confirms nothing for this long is cut (guess)
IDLE_TIMEOUT_MS = 30_000  # a client that vanished in a transaction holds its rows this long (guess)
POOL_SIZE, POOL_OVERFLOW = 8, 24  # connections kept, and on top when busy (guess)

SQLITE, POSTGRESQL = "sqlite", "postgresql+psycopg"


class Database:
    """One store of record. Any number of threads may use it."""

    def __init__(self, url: sa.URL) -> None:
        self.url = url
        self.name = _name(url)
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url)
        self._reader = self.engine
        if not self.is_sqlite:  # where SQLite's transactions see one moment anyway
            self._reader = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._shared = SharedCommits(
            self.engine, lock=take_write_lock, name=self.name, timeout_s=LOCK_TIMEOUT_MS / 1_000
        )

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine."""
        return self.url.drivername == SQLITE

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Return a transaction that is kept as a whole when the block ends well.

        Raises:
            ConflictError: another writer was first; read again and decide again.
            RecordsError: it cannot be kept. Nothing was, unless the connection was lost in the
                very moment of keeping: then it may have been, as a whole.
        """
        begin = self._shared.writing if self.is_sqlite else self.engine.begin
        with saying_what_failed(self.name), begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Return a transaction that sees one moment of the database. Raises `RecordsError`."""
        with saying_what_failed(self.name), self._reader.begin() as connection:
            if self.is_sqlite:
                _raw(connection).execute("BEGIN")
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return sa.URL.create(SQLITE, database=str(path)).render_as_string()


def parse_url(url: str) -> sa.URL:
    """Return a database URL that this package can open.

    Raises:
        ConfigError: it is no URL, or of another database. The message does not repeat the URL.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigError(f"database: not a URL; {_EXAMPLES}") from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername=POSTGRESQL)
    if parsed.drivername not in (SQLITE, POSTGRESQL) or not parsed.database:
        raise ConfigError(f"database: {_name(parsed)} cannot be used; {_EXAMPLES}")
    return parsed


_EXAMPLES = "write sqlite:///folder/file.sqlite or postgresql+psycopg://user@host/database"


def _name(url: sa.URL) -> str:
    """Return what messages call it: never the user, never the password."""
    if url.drivername == SQLITE:
        return url.database or ""
    return f"{url.drivername}://{url.host or 'localhost'}:{url.port or 5432}/{url.database or ''}"


# ---- SQLite ----------------------------------------------------------------------------------


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW)
    sa.event.listen(engine, "connect", _make_durable)
    return engine


def _make_durable(connection: Any, _record: object) -> None:
    # Transactions are begun by hand: the driver does not know which will write, and with a
    # listener to SQLAlchemy's "begin" every statement would look for listeners.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={LOCK_TIMEOUT_MS}",  # first: the next one needs the lock
        "journal_mode=WAL",  # readers never wait for writers
        "synchronous=FULL",  # NORMAL may lose the last commits with the power (sqlite.org/pragma)
        "foreign_keys=ON",
        "secure_delete=ON",  # what is deleted is overwritten: a credential, a person's data
    ):
        connection.execute(f"PRAGMA {pragma}")


def take_write_lock(connection: sa.Connection) -> None:
    """Begin, and take the write lock: a reader that turned writer would fail, not wait."""
    give_up_s = time.monotonic() + LOCK_TIMEOUT_MS / 1_000
    while not _locked(connection, last=time.monotonic() > give_up_s):
        time.sleep(LOCK_POLL_S)


def _locked(connection: sa.Connection, *, last: bool) -> bool:
    """Take the write lock if it is free. `last`: fail if it is not."""
    raw = _raw(connection)
    raw.execute("PRAGMA busy_timeout=0")  # SQLite's own waiting sleeps up to 100 ms between looks
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise RecordsError(f"{_name(connection.engine.url)}: {error}") from error
        return False
    finally:
        raw.execute(f"PRAGMA busy_timeout={LOCK_TIMEOUT_MS}")
    return True


def _raw(connection: sa.Connection) -> sqlite3.Connection:
    raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return raw


# ---- PostgreSQL ------------------------------------------------------------------------------


def _postgresql(url: sa.URL) -> sa.Engine:
    waits = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "tcp_user_timeout": SILENCE_TIMEOUT_MS,
        "keepalives_idle": SILENCE_TIMEOUT_MS // 1_000,
    }
    try:
        engine = sa.create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_pre_ping=True,  # a server that restarted meanwhile is no error
            connect_args={name: value for name, value in waits.items() if name not in url.query},
        )
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{_name(url)}: PostgreSQL needs psycopg: pip install 'store-engine[postgres]'"
        ) from error
    sa.event.listen(engine, "connect", _make_durable_on_server)
    return engine


def _make_durable_on_server(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        for setting in (
            "synchronous_commit = on",  # whatever the server's default is
            f"lock_timeout = {LOCK_TIMEOUT_MS}",
            f"idle_in_transaction_session_timeout = {IDLE_TIMEOUT_MS}",
        ):
            cursor.execute(f"SET {setting}")
    connection.commit()
