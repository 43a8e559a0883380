"""Deletes old events, and none that anybody may still ask for.

What an engine asked for and nobody answered stays, and so does every event of a visit that has no
end, whatever has not reached the broker, whatever a journal may decide again, and each store's
last event: positions and what was published never go back.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from store_engine.adapters.database.engine_tables import events, facts, journal, outbox
from store_engine.adapters.database.rows import in_parts
from store_engine.units import to_us

JOURNAL_MARGIN_S = 86_400.0  # an event's own time is before its arrival by less (guess: a day)
PENDING = "pending"


def drop_events(connection: sa.Connection, before_us: int, limit: int) -> int:
    """Delete up to `limit` events per store; return how many."""
    stores = list(connection.scalars(sa.select(facts.c.store).distinct().order_by(facts.c.store)))
    return sum(_of_store(connection, store, before_us, limit) for store in stores)


def _of_store(connection: sa.Connection, store: str, before_us: int, limit: int) -> int:
    ours = events.c.store == store
    last = connection.scalar(sa.select(sa.func.max(events.c.position)).where(ours)) or 0
    old = sa.and_(
        ours,
        events.c.time_us < min(before_us, _journal_us(connection, store)),
        events.c.position < last,
        events.c.position <= _published(connection, store),
        ~_waits(),
        ~_is_inside(store),
    )
    query = sa.select(events.c.position, events.c.event).where(old).order_by(events.c.position)
    rows = connection.execute(query.limit(limit)).all()
    _delete(connection, outbox.c.event, outbox.c.store == store, [row.event for row in rows])
    return _delete(connection, events.c.position, ours, [row.position for row in rows])


def _waits() -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(
            outbox.c.store == events.c.store,
            outbox.c.event == events.c.event,
            outbox.c.state == PENDING,
        )
        .correlate(events)
    )


def _is_inside(store: str) -> sa.ColumnElement[bool]:
    """Whether the event's visit has begun and not ended."""

    def has(type_: str) -> sa.ColumnElement[bool]:
        other = events.alias()
        same = sa.and_(other.c.store == store, other.c.visit == events.c.visit)
        return sa.exists().where(same, other.c.type == type_).correlate(events)

    return sa.and_(events.c.visit != "", has("visit_started"), ~has("visit_ended"))


def _journal_us(connection: sa.Connection, store: str) -> int:
    """Return the time before which no event can come of what the journal holds."""
    first = sa.select(sa.func.min(journal.c.received_us)).where(journal.c.store == store)
    received_us = connection.scalar(first)
    return 2**62 if received_us is None else int(received_us) - to_us(JOURNAL_MARGIN_S)


def _published(connection: sa.Connection, store: str) -> int:
    said = sa.select(facts.c.value).where(facts.c.store == store, facts.c.name == "published")
    return int(connection.scalar(said) or 0)


def _delete(
    connection: sa.Connection,
    column: sa.Column[Any],
    where: sa.ColumnElement[bool],
    values: Sequence[Any],
) -> int:
    return sum(
        connection.execute(sa.delete(column.table).where(where, column.in_(part))).rowcount
        for part in in_parts(values)
    )
