"""The store of record in one SQLite file (port `Records`).

What one batch of arrivals did is kept in one transaction: its payloads, the events they decided,
the effects those ask for, the effects they answered. So a crash at any moment leaves either all
of it or nothing, and nothing leaves the house before it is kept.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.sqlite_schema import (
    DATABASE_VERSION,
    dead_letters,
    events,
    facts,
    journal,
    open_database,
    outbox,
    receipts,
    saying_what_failed,
    snapshots,
)
from store_engine.errors import RecordsError
from store_engine.events import (
    ChargeRequested,
    EntryRequested,
    Event,
    ReceiptIssued,
    visit_of,
)
from store_engine.ports import DeadLetter, Kept, RawArrival

EFFECTS = (EntryRequested, ChargeRequested)

_decode_event = msgspec.json.Decoder[Event](Event).decode


class SqliteRecords:
    """Keeps what one store heard, decided and owes. One engine writes; anyone may read."""

    def __init__(self, path: Path, *, store: str) -> None:
        self.path = path
        self._database = open_database(path)
        self._connection = self._database.connect()
        with self._transaction():
            self._check("database version", str(DATABASE_VERSION))
            self._check("store", store)
            self._published = int(self._fact("published") or 0)
            self._last_event = self._connection.scalar(sa.select(sa.func.max(events.c.position)))

    # ---- written by the engine's loop ---------------------------------------------------------

    def begin_life(self) -> int:
        """Count this start of the engine and return its number, from 1."""
        with self._transaction():
            boot = int(self._fact("boot") or 0) + 1
            self._set_fact("boot", str(boot))
        return boot

    def commit(self, kept: Kept) -> list[Event]:
        """Keep everything of `kept`; return its events that were not known yet, in order."""
        published = (self._last_event or 0) if kept.published else self._published
        with self._transaction():
            self._insert(journal, [raw._asdict() for raw in kept.journal])
            new = self._insert_events(kept.events)
            self._insert(dead_letters, [_dead_letter_row(letter) for letter in kept.dead_letters])
            for event in kept.answered:
                done = sa.update(outbox).where(outbox.c.event == event).values(state="done")
                self._connection.execute(done)
            if published != self._published:
                self._set_fact("published", str(published))
            last = self._connection.scalar(sa.select(sa.func.max(events.c.position)))
        self._published, self._last_event = published, last
        return new

    def save_snapshot(self, state: bytes) -> None:
        """Keep the engine's state after everything journaled; the journal starts anew."""
        with self._transaction():
            self._connection.execute(sa.delete(snapshots))
            self._insert(snapshots, [{"state": state}])
            self._connection.execute(sa.delete(journal))

    # ---- read back when the engine starts -----------------------------------------------------

    def snapshot(self) -> bytes | None:
        """The last saved state, None before the first."""
        with self._transaction():
            state: bytes | None = self._connection.scalar(sa.select(snapshots.c.state))
        return state

    def journal(self) -> Iterator[RawArrival]:
        """Payloads accepted since the snapshot, in the order they were handled."""
        query = sa.select(journal.c.received_us, journal.c.topic, journal.c.payload)
        for row in self._rows(query.order_by(journal.c.position)):
            yield RawArrival(row.received_us, row.topic, row.payload)

    def decided(self, events_asked: Sequence[str]) -> dict[str, Event]:
        """Return the known ones among these event ids."""
        query = sa.select(events.c.payload)
        known = [
            event
            for some in _in_parts(events_asked)
            for event in self._events(query.where(events.c.event.in_(some)))
        ]
        return {event.event: event for event in known}

    def pending_effects(self) -> list[Event]:
        """Events whose effect has not been answered, in order."""
        query = sa.select(events.c.payload).join(outbox).where(outbox.c.state == "pending")
        return self._events(query.order_by(events.c.position))

    def unpublished(self) -> list[Event]:
        """Events that may not have reached the broker, in order."""
        query = sa.select(events.c.payload).where(events.c.position > self._published)
        return self._events(query.order_by(events.c.position))

    def live_carts(self) -> list[Event]:
        """The last `CartChanged` of every visit that has not ended."""
        ended = sa.select(events.c.visit).where(events.c.type == "visit_ended")
        last = (
            sa.select(sa.func.max(events.c.position))
            .where(events.c.type == "cart_changed", events.c.visit.not_in(ended))
            .group_by(events.c.visit)
        )
        query = sa.select(events.c.payload).where(events.c.position.in_(last))
        return self._events(query.order_by(events.c.position))

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
        self._database.dispose()

    # ---- pieces ------------------------------------------------------------------------------

    def _insert(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(sa.insert(table), rows)

    def _insert_events(self, decided: Sequence[Event]) -> list[Event]:
        """First decision wins: an event already known is neither kept nor performed again."""
        if not decided:
            return []
        asked = [event.event for event in decided]
        query = sa.select(events.c.event)
        known = {
            row.event
            for some in _in_parts(asked)
            for row in self._connection.execute(query.where(events.c.event.in_(some)))
        }
        first: dict[str, Event] = {}
        for event in decided:
            if event.event not in known:
                first.setdefault(event.event, event)
        new = list(first.values())
        self._insert(events, [_event_row(event) for event in new])
        self._insert(receipts, [_receipt_row(e) for e in new if isinstance(e, ReceiptIssued)])
        effects = [{"event": e.event, "state": "pending"} for e in new if isinstance(e, EFFECTS)]
        self._insert(outbox, effects)
        return new

    def _events(self, query: sa.Select[Any]) -> list[Event]:
        return [_decode_event(row.payload) for row in self._rows(query)]

    def _rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with self._transaction():
            return self._connection.execute(query).all()

    def _fact(self, name: str) -> str | None:
        value: str | None = self._connection.scalar(
            sa.select(facts.c.value).where(facts.c.name == name)
        )
        return value

    def _set_fact(self, name: str, value: str) -> None:
        self._connection.execute(sa.delete(facts).where(facts.c.name == name))
        self._insert(facts, [{"name": name, "value": value}])

    def _check(self, name: str, expected: str) -> None:
        found = self._fact(name)
        if found is None:
            self._set_fact(name, expected)
        elif found != expected:
            raise RecordsError(f"{self.path}: {name} is {found!r}, expected {expected!r}")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with saying_what_failed(self.path), self._connection.begin():
            yield


SQL_PARAMETERS = 500  # SQLite takes at least 999 in one statement (sqlite.org/limits)


def _in_parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), SQL_PARAMETERS):
        yield names[start : start + SQL_PARAMETERS]


def _event_row(event: Event) -> dict[str, Any]:
    return {
        "event": event.event,
        "type": type(event).__struct_config__.tag,
        "visit": visit_of(event),
        "time_us": event.time_us,
        "payload": msgspec.json.encode(event).decode(),
    }


def _receipt_row(issued: ReceiptIssued) -> dict[str, Any]:
    receipt = issued.receipt
    return {
        "receipt": receipt.receipt,
        "visit": receipt.visit,
        "account": receipt.account,
        "left_us": receipt.left_us,
        "total": receipt.total,
        "currency": receipt.currency,
        "payload": msgspec.json.encode(receipt).decode(),
    }


def _dead_letter_row(letter: DeadLetter) -> dict[str, Any]:
    return {**letter.raw._asdict(), "reason": letter.reason}
