"""Reading what engines keep, while they run: receipts, the events behind them, refusals."""

from typing import Any

import sqlalchemy as sa

from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.engine_tables import dead_letters, events, outbox, receipts
from store_engine.adapters.database.rows import decode_event, decode_receipt
from store_engine.events import Event
from store_engine.messages import Receipt
from store_engine.ports import DeadLetter, RawArrival


class RecordsReader:
    """Answers questions about one store of record: of `store` alone, or of all stores in it."""

    def __init__(self, database: Database, *, store: str | None = None) -> None:
        self._database = database
        self._store = store

    def receipts(self) -> list[Receipt]:
        """Return all receipts, in the order shoppers left."""
        query = sa.select(receipts.c.payload).order_by(receipts.c.left_us, receipts.c.receipt)
        return [decode_receipt(row.payload) for row in self._rows(query, receipts)]

    def receipt(self, name: str) -> Receipt | None:
        """Return the receipt with this id, or of this visit."""
        wanted = sa.or_(receipts.c.receipt == name, receipts.c.visit == name)
        rows = self._rows(sa.select(receipts.c.payload).where(wanted), receipts)
        return decode_receipt(rows[0].payload) if rows else None

    def events(self, *, visit: str | None = None) -> list[Event]:
        """Return all events, or those of one visit, in the order they were decided."""
        query = sa.select(events.c.payload).order_by(events.c.position)
        if visit is not None:
            query = query.where(events.c.visit == visit)
        return [decode_event(row.payload) for row in self._rows(query, events)]

    def dead_letters(self) -> list[DeadLetter]:
        """Return every refused payload with its reason, oldest first."""
        query = sa.select(dead_letters).order_by(dead_letters.c.position)
        return [
            DeadLetter(RawArrival(row.received_us, row.topic, row.payload), row.reason)
            for row in self._rows(query, dead_letters)
        ]

    def pending_effects(self) -> int:
        """Return how many effects wait for their answer."""
        query = sa.select(sa.func.count()).where(outbox.c.state == "pending")
        return int(self._rows(query, outbox)[0][0])

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _rows(self, query: sa.Select[Any], table: sa.Table) -> list[sa.Row[Any]]:
        if self._store is not None:
            query = query.where(table.c.store == self._store)
        with self._database.reading() as connection:
            return list(connection.execute(query).all())
