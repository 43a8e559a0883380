"""The tables of the store of record, and how its file is opened."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from store_engine.errors import RecordsError

DATABASE_VERSION = 1
BUSY_TIMEOUT_MS = 5_000  # a reader's checkpoint may hold the file this long (guess)

_tables = sa.MetaData()

facts = sa.Table(  # single values: store, database version, boot, published position
    "facts",
    _tables,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

journal = sa.Table(  # accepted payloads since the last snapshot
    "journal",
    _tables,
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("received_us", sa.BigInteger, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)

snapshots = sa.Table(  # one row: the engine's state just before the journal's first row
    "snapshots",
    _tables,
    sa.Column("snapshot", sa.Integer, primary_key=True),
    sa.Column("state", sa.LargeBinary, nullable=False),
)

events = sa.Table(  # everything decided, forever
    "events",
    _tables,
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("event", sa.Text, nullable=False, unique=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("visit", sa.Text, nullable=False),
    sa.Column("time_us", sa.BigInteger, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # JSON
    sa.Index("events_of_visit", "visit", "type"),
)

receipts = sa.Table(
    "receipts",
    _tables,
    sa.Column("receipt", sa.Text, primary_key=True),
    sa.Column("visit", sa.Text, nullable=False, index=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
    sa.Column("left_us", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),  # minor units
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # JSON
)

outbox = sa.Table(  # effects asked for; the event holds what to do
    "outbox",
    _tables,
    sa.Column("event", sa.Text, sa.ForeignKey("events.event"), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # "pending", then "done"
    sa.Index("outbox_state", "state"),
)

dead_letters = sa.Table(
    "dead_letters",
    _tables,
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("received_us", sa.BigInteger, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)


def open_database(path: Path) -> sa.Engine:
    """Open or create the database at `path`, durable to loss of power on every commit."""
    with saying_what_failed(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(engine, "connect", _make_durable)
        _tables.create_all(engine)
    return engine


def _make_durable(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",  # readers never wait for the engine
        "synchronous=FULL",  # NORMAL may lose the last commits with the power (sqlite.org/pragma)
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


@contextlib.contextmanager
def saying_what_failed(path: Path) -> Iterator[None]:
    """Turn what a database or disk says into a `RecordsError` that names the file."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise RecordsError(f"{path}: {error.orig}") from error
    except OSError as error:
        raise RecordsError(f"{path}: {error.strerror}") from error
