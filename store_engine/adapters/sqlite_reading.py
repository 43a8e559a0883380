"""Reading a store of record while its engine runs: receipts, the events behind them, refusals."""

from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.sqlite_schema import (
    dead_letters,
    events,
    open_database,
    outbox,
    receipts,
    saying_what_failed,
)
from store_engine.errors import RecordsError
from store_engine.events import Event
from store_engine.messages import Receipt
from store_engine.ports import DeadLetter, RawArrival

_decode_event = msgspec.json.Decoder[Event](Event).decode
_decode_receipt = msgspec.json.Decoder(Receipt).decode


class RecordsReader:
    """Answers questions about one store of record."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise RecordsError(f"{path}: no store of record here")
        self._path = path
        self._database = open_database(path)

    def receipts(self) -> list[Receipt]:
        """Return all receipts, in the order shoppers left."""
        query = sa.select(receipts.c.payload).order_by(receipts.c.left_us, receipts.c.receipt)
        return [_decode_receipt(row.payload) for row in self._rows(query)]

    def receipt(self, name: str) -> Receipt | None:
        """Return the receipt with this id, or of this visit."""
        wanted = sa.or_(receipts.c.receipt == name, receipts.c.visit == name)
        rows = self._rows(sa.select(receipts.c.payload).where(wanted))
        return _decode_receipt(rows[0].payload) if rows else None

    def events(self, *, visit: str | None = None) -> list[Event]:
        """Return all events, or those of one visit, in the order they were decided."""
        query = sa.select(events.c.payload).order_by(events.c.position)
        if visit is not None:
            query = query.where(events.c.visit == visit)
        return [_decode_event(row.payload) for row in self._rows(query)]

    def dead_letters(self) -> list[DeadLetter]:
        """Return every refused payload with its reason, oldest first."""
        rows = self._rows(sa.select(dead_letters).order_by(dead_letters.c.position))
        return [
            DeadLetter(RawArrival(row.received_us, row.topic, row.payload), row.reason)
            for row in rows
        ]

    def pending_effects(self) -> int:
        """Return how many effects wait for their answer."""
        query = sa.select(sa.func.count()).where(outbox.c.state == "pending")
        return int(self._rows(query)[0][0])

    def close(self) -> None:
        """Let go of the database."""
        self._database.dispose()

    def _rows(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        with saying_what_failed(self._path), self._database.connect() as connection:
            return list(connection.execute(query).all())
