"""The simulated provider's ledger in a SQLite file of its own."""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from store_engine.adapters.payment_ledger import Operation
from store_engine.errors import EffectError

_tables = sa.MetaData()
_operations = sa.Table(
    "operations",
    _tables,
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("charge", sa.Text, nullable=False),
    sa.Column("asked", sa.BigInteger, nullable=False),
    sa.Column("moved", sa.BigInteger, nullable=False),
    sa.Column("provider_ref", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
_COLUMNS = [_operations.c[name] for name in Operation._fields]


class SqliteLedger:
    """Operations in a file of their own: it survives the engine, as a real provider's would."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._database = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(self._database, "connect", _make_durable)
        sa.event.listen(self._database, "begin", _lock_at_once)
        _tables.create_all(self._database)
        self._lock = threading.Lock()
        self._connection: sa.Connection | None = None

    def exclusive(self) -> AbstractContextManager[None]:
        """Nobody else, in this process or another, reads or writes meanwhile."""
        return self._held()

    def find(self, key: str) -> Operation | None:
        """Return the operation done under `key`."""
        found = self._read(sa.select(*_COLUMNS).where(_operations.c.key == key))
        return found[0] if found else None

    def operations(self) -> list[Operation]:
        """Return all operations, oldest first."""
        return self._read(sa.select(*_COLUMNS).order_by(_operations.c.position))

    def append(self, operation: Operation) -> None:
        """Remember one operation."""
        if self._connection is None:
            raise EffectError(f"{self._path}: appended outside of `exclusive`")
        self._connection.execute(sa.insert(_operations), operation._asdict())

    def close(self) -> None:
        """Let go of the database."""
        self._database.dispose()

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        with self._lock, self._database.begin() as connection:
            self._connection = connection
            try:
                yield
            finally:
                self._connection = None

    def _read(self, query: sa.Select[Any]) -> list[Operation]:
        if self._connection is not None:
            return [Operation(**row) for row in self._connection.execute(query).mappings()]
        with self._database.connect() as connection:
            return [Operation(**row) for row in connection.execute(query).mappings()]


def _make_durable(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _lock_at_once(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
