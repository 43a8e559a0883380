"""Reading all payments at one moment, while others go on: for inspections."""

from collections.abc import Iterator

import sqlalchemy as sa

from store_engine.adapters.database.books import PAYMENT_ROW, decode_word
from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.office_tables import payment_events, payments
from store_engine.payment_events import PaymentEvent
from store_engine.ports.office import PaymentRow

AT_A_TIME = 500  # payments in memory (guess)


def told_payments(database: Database) -> Iterator[tuple[PaymentRow, list[PaymentEvent]]]:
    """Yield every payment and everything decided about it, oldest word first."""
    last = ""
    with database.reading() as connection:
        while rows := _rows(connection, after=last):
            told: dict[str, list[PaymentEvent]] = {row.payment: [] for row in rows}
            first, last = rows[0].payment, rows[-1].payment
            for payment, payload in connection.execute(_WORDS, {"first": first, "last": last}):
                told[payment].append(decode_word(payload))
            yield from ((row, told[row.payment]) for row in rows)


_WORDS = (
    sa.select(payment_events.c.payment, payment_events.c.payload)
    .where(payment_events.c.payment.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(payment_events.c.payment, payment_events.c.position)
)


def _rows(connection: sa.Connection, *, after: str) -> list[PaymentRow]:
    query = sa.select(*PAYMENT_ROW).where(payments.c.payment > after)
    found = connection.execute(query.order_by(payments.c.payment).limit(AT_A_TIME))
    return [PaymentRow(**row) for row in found.mappings()]
