"""Is a store of record whole? Looks at what one table says about another."""

import sqlalchemy as sa

from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.engine_tables import events, receipts
from store_engine.adapters.database.office_tables import payment_events, payments

SHOWN = 5  # of each kind of damage (guess): enough to see what it is


def row_counts(database: Database) -> dict[str, int]:
    """Return how many rows each table has, at one moment."""
    with database.reading() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0
            for name in sorted(sa.inspect(connection).get_table_names())
        }


def damage(database: Database) -> list[str]:
    """Return what is wrong, one line each; nothing when the database is whole."""
    with database.reading() as connection:
        found = _file_damage(connection) if database.is_sqlite else []
        return found + _lost_receipts(connection) + _lost_words(connection)


def _file_damage(connection: sa.Connection) -> list[str]:
    said = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
    found = [f"file: {line}" for line in said if line != "ok"]
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        found.append(f"{table}: row {row} points to nothing in {parent}")
    return found[:SHOWN]


def _lost_receipts(connection: sa.Connection) -> list[str]:
    """Every receipt was issued by an event, and every such event left its receipt."""
    issued = sa.select(events.c.store, events.c.visit).where(events.c.type == "receipt_issued")
    kept = sa.select(receipts.c.store, receipts.c.visit)
    return [
        f"receipts: visit {visit} of store {store} has {what}"
        for one, other, what in (
            (issued, kept, "an event that issued it, and no receipt"),
            (kept, issued, "a receipt that no event issued"),
        )
        for store, visit in connection.execute(sa.except_(one, other).limit(SHOWN))
    ]


def _lost_words(connection: sa.Connection) -> list[str]:
    """A payment's events are numbered from 1 without a gap, and its row says how many."""
    count = sa.func.count(payment_events.c.position)
    last = sa.func.coalesce(sa.func.max(payment_events.c.position), 0)
    query = (
        sa.select(payments.c.payment, payments.c.events, count, last)
        .join_from(payments, payment_events, isouter=True)
        .group_by(payments.c.payment, payments.c.events)
        .having(sa.or_(count != payments.c.events, last != payments.c.events))
    )
    return [
        f"payments: {payment} stands at event {stands}, {has} are there, the last is {last_one}"
        for payment, stands, has, last_one in connection.execute(query.limit(SHOWN))
    ]
