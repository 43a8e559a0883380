"""What an engine keeps (port `Records`), on SQLite and PostgreSQL.

What one batch of arrivals did is kept in one transaction: its payloads, the events they decided,
the effects those ask for, the effects they answered. So a crash at any moment leaves either all
of it or nothing, and nothing leaves the house before it is kept. What a lost connection leaves
open is settled by the store's place, see `places`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.engine_tables import (
    dead_letters,
    events,
    journal,
    outbox,
    receipts,
    snapshots,
)
from store_engine.adapters.database.places import PLACE, Facts, Place
from store_engine.adapters.database.rows import (
    dead_letter_row,
    decode_event,
    event_row,
    in_parts,
    receipt_row,
)
from store_engine.errors import RecordsError, SupersededError
from store_engine.events import (
    ChargeRequested,
    EntryRequested,
    Event,
    ReceiptIssued,
    ReleaseRequested,
)
from store_engine.ports import Kept, RawArrival

# Run at each commit, so built once. `in_parts` keeps their lists short enough for SQLite.
_OURS = events.c.store == sa.bindparam("of")
_SOME: sa.BindParameter[Any] = sa.bindparam("some", expanding=True)
_KNOWN = sa.select(events.c.event).where(_OURS, events.c.event.in_(_SOME))
_POSITION = sa.select(events.c.position).where(_OURS, events.c.event == sa.bindparam("one"))
_DONE = (
    sa.update(outbox)
    .where(outbox.c.store == sa.bindparam("of"), outbox.c.event.in_(_SOME))
    .values(state="done")
)
_INSERTS = {
    table: sa.insert(table)
    for table in (dead_letters, events, journal, outbox, receipts, snapshots)
}

EFFECTS = (EntryRequested, ChargeRequested, ReleaseRequested)


class _Attempt(NamedTuple):
    """A commit that was ready to be kept, and what it would leave behind."""

    kept: Kept
    new: list[Event]
    published: int
    last_event: int


class SqlRecords:
    """Keeps what one store heard, decided and owes. One engine writes; anyone may read."""

    def __init__(self, database: Database, *, store: str) -> None:
        self._database = database
        self._store = store
        self._facts = Facts(store)
        self._attempt: _Attempt | None = None
        with database.writing() as connection:
            self._place = self._facts.lock_place(connection)
            self._published = int(self._facts.get(connection, "published") or 0)
            self._last_event = self._last_position(connection)

    # ---- written by the engine's loop ---------------------------------------------------------

    def begin_life(self) -> int:
        """Count this start of the engine and return its number, from 1.

        Whoever began a life of this store before keeps nothing from now on.
        """
        with self._database.writing() as connection:
            origin = self._facts.lock_place(connection)
            boot = int(self._facts.get(connection, "boot") or 0) + 1
            self._facts.set(connection, "boot", str(boot))
            self._facts.move_place(connection, origin=origin, to=Place(boot))
        self._place = Place(boot)
        return boot

    def commit(self, kept: Kept) -> list[Event]:
        """Keep everything of `kept`; return its events that were not known yet, in order.

        After a `RecordsError` the same `kept` can be committed again: what was kept the first
        time, if it was, is not kept twice, and its events are returned as new.

        Raises:
            SupersededError: another engine of this store has started.
            RecordsError: it cannot be kept now.
        """
        with self._database.writing() as connection:
            done = self._move_on(connection, kept)
            if done is None:
                self._attempt = None
                attempt = self._write(connection, kept)
                self._attempt = attempt  # from here on it may be kept without our hearing of it
            else:
                attempt = done
        self._attempt = None
        self._place = self._place.next()
        self._published, self._last_event = attempt.published, attempt.last_event
        return attempt.new

    def save_snapshot(self, state: bytes) -> None:
        """Keep the engine's state after everything journaled; the journal starts anew."""
        if self._attempt is not None:
            raise RecordsError(f"{self._database.name}: the last commit must be settled first")
        with self._database.writing() as connection:
            if not self._facts.move_place(connection, origin=self._place, to=self._place):
                raise self._superseded()
            connection.execute(sa.delete(snapshots).where(snapshots.c.store == self._store))
            self._insert(connection, snapshots, [{"state": state}])
            connection.execute(sa.delete(journal).where(journal.c.store == self._store))

    # ---- read back when the engine starts -----------------------------------------------------

    def snapshot(self) -> bytes | None:
        """The last saved state, None before the first."""
        query = sa.select(snapshots.c.state).where(snapshots.c.store == self._store)
        rows = self._rows(query)
        return bytes(rows[0].state) if rows else None

    def journal(self) -> Iterator[RawArrival]:
        """Payloads accepted since the snapshot, in the order they were handled."""
        query = sa.select(journal.c.received_us, journal.c.topic, journal.c.payload)
        query = query.where(journal.c.store == self._store).order_by(journal.c.position)
        for row in self._rows(query):
            yield RawArrival(row.received_us, row.topic, row.payload)

    def decided(self, events_asked: Sequence[str]) -> dict[str, Event]:
        """Return the known ones among these event ids."""
        known = [
            event
            for some in in_parts(events_asked)
            for event in self._events(sa.select(events.c.payload).where(events.c.event.in_(some)))
        ]
        return {event.event: event for event in known}

    def pending_effects(self) -> list[Event]:
        """Events whose effect has not been answered, in order."""
        query = sa.select(events.c.payload).join(outbox).where(outbox.c.state == "pending")
        return self._events(query)

    def unpublished(self) -> list[Event]:
        """Events that may not have reached the broker, in order."""
        return self._events(sa.select(events.c.payload).where(events.c.position > self._published))

    def live_carts(self) -> list[Event]:
        """The last `CartChanged` of every visit that has not ended."""
        ours = events.c.store == self._store
        ended = sa.select(events.c.visit).where(ours, events.c.type == "visit_ended")
        last = (
            sa.select(sa.func.max(events.c.position))
            .where(ours, events.c.type == "cart_changed", events.c.visit.not_in(ended))
            .group_by(events.c.visit)
        )
        return self._events(sa.select(events.c.payload).where(events.c.position.in_(last)))

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # ---- pieces ------------------------------------------------------------------------------

    def _move_on(self, connection: sa.Connection, kept: Kept) -> _Attempt | None:
        """Take the next place; return the last attempt when that one was kept after all."""
        to = self._place.next()
        if self._facts.move_place(connection, origin=self._place, to=to):
            return None
        if self._attempt is None or self._facts.get(connection, PLACE) != str(to):
            raise self._superseded()
        if self._attempt.kept != kept:
            raise RecordsError(
                f"{self._database.name}: the last commit was kept but not announced; start again"
            )
        return self._attempt

    def _superseded(self) -> SupersededError:
        return SupersededError(
            f"{self._database.name}: another engine of store {self._store!r} has started; "
            "this one keeps nothing more"
        )

    def _write(self, connection: sa.Connection, kept: Kept) -> _Attempt:
        published = self._last_event if kept.published else self._published
        self._insert(connection, journal, [raw._asdict() for raw in kept.journal])
        new = self._insert_events(connection, kept.events)
        letters = [dead_letter_row(letter) for letter in kept.dead_letters]
        self._insert(connection, dead_letters, letters)
        for some in in_parts(kept.answered):
            connection.execute(_DONE, {"of": self._store, "some": some})
        if published != self._published:
            self._facts.set(connection, "published", str(published))
        last = self._position(connection, new[-1]) if new else self._last_event
        return _Attempt(kept, new, published, last)

    def _insert(
        self, connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]
    ) -> None:
        if rows:
            connection.execute(_INSERTS[table], [{"store": self._store, **row} for row in rows])

    def _insert_events(self, connection: sa.Connection, decided: Sequence[Event]) -> list[Event]:
        """First decision wins: an event already known is neither kept nor performed again."""
        first: dict[str, Event] = {}
        for event in decided:
            first.setdefault(event.event, event)
        for some in in_parts(list(first)):
            for row in connection.execute(_KNOWN, {"of": self._store, "some": some}):
                del first[row.event]
        new = list(first.values())
        self._insert(connection, events, [event_row(event) for event in new])
        issued = [receipt_row(e) for e in new if isinstance(e, ReceiptIssued)]
        self._insert(connection, receipts, issued)
        effects = [{"event": e.event, "state": "pending"} for e in new if isinstance(e, EFFECTS)]
        self._insert(connection, outbox, effects)
        return new

    def _events(self, query: sa.Select[Any]) -> list[Event]:
        ours = query.where(events.c.store == self._store).order_by(events.c.position)
        return [decode_event(row.payload) for row in self._rows(ours)]

    def _rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with self._database.reading() as connection:
            return connection.execute(query).all()

    def _last_position(self, connection: sa.Connection) -> int:
        query = sa.select(sa.func.max(events.c.position)).where(events.c.store == self._store)
        return connection.scalar(query) or 0

    def _position(self, connection: sa.Connection, event: Event) -> int:
        one = {"of": self._store, "one": event.event}
        return int(connection.execute(_POSITION, one).scalar_one())
