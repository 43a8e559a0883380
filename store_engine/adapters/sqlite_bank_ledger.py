"""The simulated provider's ledger in a SQLite file of its own.

Written through the driver itself: docs/decisions/0006-simulated-bank-ledger.md says why.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from store_engine.adapters.bank_ledger import Hold, Operation

BUSY_TIMEOUT_MS = 5000  # guess: a second process holds the file for one commit, a few ms

_SCHEMA = """
CREATE TABLE IF NOT EXISTS operations (
    position INTEGER PRIMARY KEY, "key" TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    asked INTEGER NOT NULL, method TEXT NOT NULL, currency TEXT NOT NULL, "on" TEXT NOT NULL,
    outcome TEXT NOT NULL, moved INTEGER NOT NULL, ref TEXT NOT NULL, reason TEXT NOT NULL,
    time_us INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS holds (
    position INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, method TEXT NOT NULL,
    currency TEXT NOT NULL, held INTEGER NOT NULL, expires_us INTEGER NOT NULL,
    state TEXT NOT NULL, capture TEXT NOT NULL, captured INTEGER NOT NULL,
    refunded INTEGER NOT NULL, disputed INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS hold_of_capture ON holds (capture) WHERE capture <> '';
"""


def _columns(fields: tuple[str, ...]) -> str:
    return ", ".join(f'"{field}"' for field in fields)


def _places(fields: tuple[str, ...]) -> str:
    return ", ".join("?" * len(fields))


_OPERATIONS = f"SELECT {_columns(Operation._fields)} FROM operations"  # noqa: S608 - our own names
_HOLDS = f"SELECT {_columns(Hold._fields)} FROM holds"  # noqa: S608
_KEEP_OPERATION = (
    f"INSERT INTO operations ({_columns(Operation._fields)}) "  # noqa: S608
    f"VALUES ({_places(Operation._fields)})"
)
_KEEP_HOLD = (
    f"INSERT INTO holds ({_columns(Hold._fields)}) VALUES ({_places(Hold._fields)}) "  # noqa: S608
    "ON CONFLICT (ref) DO UPDATE SET "
    + ", ".join(f"{field} = excluded.{field}" for field in Hold._fields)
)


class SqliteBook:
    """The ledger inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, key: str) -> Operation | None:
        """Return what was done under `key`."""
        row = self._connection.execute(f'{_OPERATIONS} WHERE "key" = ?', (key,)).fetchone()
        return None if row is None else Operation(*row)

    def hold(self, ref: str) -> Hold | None:
        """Return the hold of that name, or the one whose capture has that name."""
        for column in ("ref", "capture"):
            found = f"{_HOLDS} WHERE {column} = ? AND {column} <> ''"
            row = self._connection.execute(found, (ref,)).fetchone()
            if row is not None:
                return Hold(*row)
        return None

    def keep(self, operation: Operation, hold: Hold | None) -> None:
        """Remember an operation, and the hold as it left it."""
        self._connection.execute(_KEEP_OPERATION, operation)
        if hold is not None:
            self._connection.execute(_KEEP_HOLD, hold)


class SqliteLedger:
    """A ledger that survives the engine, as a real provider's would, and the loss of power."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._writer = _connect(path)
        self._writer.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        self._turn = threading.Lock()  # whose holder may use the writer

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[SqliteBook]:
        """Nobody else, in this process or another, writes meanwhile; then it is on the disk."""
        with self._turn:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteBook(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a disk that is full ends it by itself
                    self._writer.execute("ROLLBACK")
                raise

    def find(self, key: str) -> Operation | None:
        """Return what was done under `key`."""
        with self._reader() as connection:
            return SqliteBook(connection).find(key)

    def operations(self, *, after: int = 0, limit: int | None = None) -> list[Operation]:
        """Return the operations behind the first `after` ones, oldest first."""
        query = f"{_OPERATIONS} WHERE position > ? ORDER BY position LIMIT ?"
        with self._reader() as connection:
            rows = connection.execute(query, (after, -1 if limit is None else limit)).fetchall()
        return [Operation(*row) for row in rows]

    def holds(self) -> list[Hold]:
        """Return all holds, oldest first."""
        with self._reader() as connection:
            rows = connection.execute(f"{_HOLDS} ORDER BY position").fetchall()
        return [Hold(*row) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._writer.close()

    def _reader(self) -> contextlib.closing[sqlite3.Connection]:
        return contextlib.closing(_connect(self._path))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
