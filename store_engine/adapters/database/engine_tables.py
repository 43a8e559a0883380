"""The engine's tables: what each store heard, decided and asked for.

Every row says which store it belongs to, so the stores of a chain may share one database.
"""

import sqlalchemy as sa

from store_engine.adapters.database.tables import POSITION, metadata, money

facts = sa.Table(  # single values: boot, place, published position
    "facts",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

journal = sa.Table(  # accepted payloads since the last snapshot
    "journal",
    metadata,
    sa.Column("position", POSITION, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("received_us", sa.BigInteger, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Index("journal_of_store", "store", "position"),
)

snapshots = sa.Table(  # the engine's state just before the journal's first row
    "snapshots",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("state", sa.LargeBinary, nullable=False),
)

events = sa.Table(  # everything decided, in order
    "events",
    metadata,
    sa.Column("position", POSITION, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("visit", sa.Text, nullable=False),
    sa.Column("time_us", sa.BigInteger, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # JSON
    sa.UniqueConstraint("store", "event"),
    sa.Index("events_of_visit", "store", "visit", "type"),
    sqlite_autoincrement=True,  # a position is never given twice, even after old events are erased
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("receipt", sa.Text, primary_key=True),
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("visit", sa.Text, nullable=False, index=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
    sa.Column("left_us", sa.BigInteger, nullable=False),
    money("total"),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # JSON
)

outbox = sa.Table(  # effects asked for; the event holds what to do
    "outbox",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # "pending", then "done"
    sa.ForeignKeyConstraint(["store", "event"], ["events.store", "events.event"]),
    sa.Index("outbox_state", "store", "state"),
)

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("position", POSITION, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("received_us", sa.BigInteger, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
