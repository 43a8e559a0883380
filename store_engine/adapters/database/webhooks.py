"""Feeds of what happened, and who is told (ports `Feed` and `Subscriptions` of the webhooks)."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.engine_tables import events
from store_engine.adapters.database.rows import decode_event
from store_engine.adapters.database.statements import insert_or_update
from store_engine.adapters.database.webhook_tables import notes, subscription_places, subscriptions
from store_engine.case_events import CaseEvent
from store_engine.payment_events import PaymentEvent
from store_engine.ports.webhooks import Note, Place, Subscription

OfficeWord: TypeAlias = PaymentEvent | CaseEvent

_decode_note = msgspec.json.Decoder[OfficeWord](OfficeWord).decode
_PLACE = [subscription_places.c[name] for name in Place.__struct_fields__]
_NOTE = sa.insert(notes).values(written_by=sa.literal(0))
_NOTE_ON_SERVER = sa.insert(notes).values(written_by=sa.func.txid_current())
_OLDEST_OPEN = sa.func.txid_snapshot_xmin(sa.func.txid_current_snapshot())


def write_notes(
    connection: sa.Connection, *, about: str, store: str, words: Sequence[OfficeWord], after: int
) -> None:
    """Have it told what was decided `about` something, behind its first `after` words.

    Written in the transaction that keeps the words, so all of it is told or none happened.
    """
    on_server = connection.dialect.name == "postgresql"
    rows = [
        {
            "name": f"{about}/{position}",
            "store": store,
            "payload": msgspec.json.encode(word).decode(),
        }
        for position, word in enumerate(words, after + 1)
    ]
    if rows:
        connection.execute(_NOTE_ON_SERVER if on_server else _NOTE, rows)


class EventFeed:
    """What one store's engine decided. It alone writes, so positions are in order of commits."""

    def __init__(self, database: Database, *, store: str) -> None:
        self._database = database
        self._store = store

    def after(self, position: int, limit: int) -> list[Note]:
        """Return up to `limit` notes behind `position`, in order."""
        query = sa.select(events.c.position, events.c.event, events.c.payload).where(
            events.c.store == self._store, events.c.position > position
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(events.c.position).limit(limit)).all()
        return [Note(r.position, r.event, self._store, decode_event(r.payload)) for r in rows]


class OfficeFeed:
    """What the till and the counter decided."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, position: int, limit: int) -> list[Note]:
        """Return up to `limit` notes behind `position`, in order.

        On PostgreSQL none is returned while an older transaction is open: it may yet commit a
        position that lies before, and a reader that had passed it would never see it.
        """
        query = sa.select(notes).where(notes.c.position > position)
        if not self._database.is_sqlite:
            query = query.where(notes.c.written_by < _OLDEST_OPEN)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(notes.c.position).limit(limit)).all()
        return [Note(r.position, r.name, r.store, _decode_note(r.payload)) for r in rows]


class SqlSubscriptions:
    """Who wants to hear what, and how far they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def subscribe(self, subscription: Subscription) -> None:
        """Keep a subscription, or what it is now."""
        row = msgspec.structs.asdict(subscription)
        row["types"] = msgspec.json.encode(subscription.types).decode()
        with self._database.writing() as connection:
            insert_or_update(connection, subscriptions, row)

    def cancel(self, subscription: str) -> None:
        """Tell it nothing more, and forget how far it was."""
        with self._database.writing() as connection:
            ours = subscriptions.c.subscription == subscription
            connection.execute(sa.delete(subscriptions).where(ours))

    def subscriptions(self) -> list[Subscription]:
        """Return all of them, by name."""
        query = sa.select(subscriptions).order_by(subscriptions.c.subscription)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [Subscription(**{**row, "types": _types(row["types"])}) for row in rows]

    def place(self, subscription: str, feed: str) -> Place:
        """Return how far one is."""
        table = subscription_places.c
        query = sa.select(*_PLACE).where(table.subscription == subscription, table.feed == feed)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return Place(**row) if row else Place()

    def move(self, subscription: str, feed: str, place: Place) -> None:
        """Remember how far one is."""
        row = {"subscription": subscription, "feed": feed, **msgspec.structs.asdict(place)}
        with self._database.writing() as connection:
            insert_or_update(connection, subscription_places, row)


def _types(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])
