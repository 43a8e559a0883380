"""Shopping trips in line for a retailer's back end (port `TripBook`), on SQLite and PostgreSQL."""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.engine_tables import events
from store_engine.adapters.database.rows import decode_event
from store_engine.adapters.database.statements import insert_new, insert_or_update
from store_engine.adapters.database.trip_tables import (
    trip_entries,
    trip_orders,
    trip_places,
    trip_refunds,
    trip_settlements,
    trips,
)
from store_engine.events import ReceiptIssued
from store_engine.messages import Receipt
from store_engine.ports.trips import Order, Settlement, Trip, TripEntry, TripRefund, TripState

_ENTRY = [trip_entries.c[name] for name in TripEntry.__struct_fields__]
_TRIP = [trips.c[name] for name in Trip.__struct_fields__]
_RECEIPT_ISSUED = str(ReceiptIssued.__struct_config__.tag)

TripId = Callable[[str, int], str]  # party and number -> the retailer's name for the trip


class SqlTripBook:
    """Trips of one store. Any number of threads and processes may use it."""

    def __init__(self, database: Database, *, store: str, trip_id: TripId) -> None:
        """Open the book; receipts from before the very first time it is opened stay out of it."""
        self._database = database
        self._store = store
        self._trip_id = trip_id
        newest = sa.select(sa.func.coalesce(sa.func.max(events.c.position), 0))
        with database.writing() as connection:
            position = connection.scalar(newest.where(events.c.store == store))
            insert_new(connection, trip_places, {"store": store, "position": position})

    # ---- who came in

    def note_entry(self, entry: TripEntry) -> None:
        """Keep that somebody was let in; the same entry once."""
        row = {**msgspec.structs.asdict(entry), "store": self._store}
        with self._database.writing() as connection:
            insert_new(connection, trip_entries, row)

    def entries(self, party: str) -> list[TripEntry]:
        """Return who was let in on a party, first come first."""
        query = sa.select(*_ENTRY).where(trip_entries.c.party == party)
        query = query.order_by(trip_entries.c.time_us, trip_entries.c.entry)
        return [TripEntry(**row) for row in self._rows(query)]

    # ---- the line

    def line_up(self) -> None:
        """Take in every receipt that the engine has issued since, in its order."""
        here = trip_places.c.store == self._store
        with self._database.writing() as connection:
            place = connection.scalar(
                sa.select(trip_places.c.position).where(here).with_for_update()
            )
            query = sa.select(events.c.position, events.c.payload).where(
                events.c.store == self._store,
                events.c.type == _RECEIPT_ISSUED,
                events.c.position > place,
            )
            found = connection.execute(query.order_by(events.c.position)).all()
            for row in found:
                issued = decode_event(row.payload)
                assert isinstance(issued, ReceiptIssued)  # noqa: S101 - its type was asked for
                self._line_up(connection, issued.receipt, row.position)
            if found:
                connection.execute(
                    sa.update(trip_places).where(here).values(position=found[-1].position)
                )

    def _line_up(self, connection: sa.Connection, receipt: Receipt, position: int) -> None:
        before = sa.select(sa.func.count()).where(trips.c.party == receipt.account)
        number = int(connection.scalar(before) or 0) + 1
        trip = Trip(
            trip=self._trip_id(receipt.account, number),
            store=self._store,
            party=receipt.account,
            receipt=receipt.receipt,
            entered_us=receipt.entered_us,
            left_us=receipt.left_us,
            items=sum(line.charged for line in receipt.lines),
            role=receipt.role,
        )
        connection.execute(sa.insert(trips), {**msgspec.structs.asdict(trip), "position": position})

    def first_waiting(self) -> Trip | None:
        """Return the trip that left first of those not settled."""
        waiting = (trips.c.store == self._store) & (trips.c.state == "waiting")
        query = sa.select(*_TRIP).where(waiting).order_by(trips.c.left_us, trips.c.position)
        return self._first(query.limit(1))

    def settle(self, trip: str, *, state: TripState, purchase: str = "", reason: str = "") -> None:
        """Keep what became of a trip."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(trips)
                .where(self._is(trip))
                .values(state=state, purchase=purchase, reason=reason)
            )

    def trip(self, trip: str) -> Trip | None:
        """Return a trip."""
        return self._first(sa.select(*_TRIP).where(self._is(trip)))

    def trip_of_receipt(self, receipt: str) -> Trip | None:
        """Return the trip of a receipt."""
        ours = (trips.c.store == self._store) & (trips.c.receipt == receipt)
        return self._first(sa.select(*_TRIP).where(ours))

    def trips_of(self, party: str) -> list[Trip]:
        """Return the trips of a party, in line."""
        query = sa.select(*_TRIP).where(trips.c.store == self._store, trips.c.party == party)
        return [Trip(**row) for row in self._rows(query.order_by(trips.c.position))]

    # ---- what the retailer asked for

    def keep_order(self, order: Order) -> Order:
        """Keep an order; return the one that its trip has."""
        return Order(**self._first_come(trip_orders, msgspec.structs.asdict(order)))

    def keep_refund(self, refund: TripRefund) -> TripRefund:
        """Keep a refund; return the one that has its name."""
        return TripRefund(**self._first_come(trip_refunds, msgspec.structs.asdict(refund)))

    def keep_settlement(self, settlement: Settlement) -> None:
        """Keep what a retailer said last."""
        with self._database.writing() as connection:
            insert_or_update(connection, trip_settlements, msgspec.structs.asdict(settlement))

    # ---- rows

    def _is(self, trip: str) -> sa.ColumnElement[bool]:
        return sa.and_(trips.c.trip == trip, trips.c.store == self._store)

    def _first_come(self, table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
        (key,) = table.primary_key
        with self._database.writing() as connection:
            if insert_new(connection, table, row):
                return row
            query = sa.select(table).where(key == row[key.name])
            return dict(connection.execute(query).mappings().one())

    def _first(self, query: sa.Select[Any]) -> Trip | None:
        rows = self._rows(query)
        return Trip(**rows[0]) if rows else None

    def _rows(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]
