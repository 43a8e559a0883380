"""What the office keeps (port `Books`), on SQLite and PostgreSQL.

A payment's events are appended behind the ones that were read, or not at all: whoever decided on
an older state must read again. A lost answer is harmless for the same reason. The second attempt
finds its own events there, gets a `ConflictError`, reads, and sees that it has decided already.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.office_tables import (
    parties,
    payment_events,
    payment_methods,
    payments,
)
from store_engine.adapters.database.statements import insert_new, keep_row
from store_engine.adapters.database.webhooks import write_notes
from store_engine.errors import ConflictError
from store_engine.payment_events import Answered, LinkPaid, PaymentEvent
from store_engine.ports.office import PaymentMethod, PaymentRow

decode_word = msgspec.json.Decoder[PaymentEvent](PaymentEvent).decode
PAYMENT_ROW = [payments.c[name] for name in PaymentRow.__struct_fields__]

# Asked for at each entry and exit, so built once.
_WORDS = (
    sa.select(payment_events.c.payload)
    .where(payment_events.c.payment == sa.bindparam("payment"))
    .order_by(payment_events.c.position)
)
_ADD_WORDS = sa.insert(payment_events)
_METHODS = (
    sa.select(payment_methods.c.method, payment_methods.c.token)
    .join(parties, parties.c.account == payment_methods.c.account)
    .where(parties.c.party == sa.bindparam("party"))
    .order_by(payment_methods.c.rank, payment_methods.c.method)
)
_OPEN_PARTY = sa.and_(
    parties.c.account == sa.bindparam("account"),
    parties.c.store == sa.bindparam("store"),
    parties.c.open,
)
_PARTIES = sa.select(parties.c.party).where(
    sa.or_(parties.c.party == sa.bindparam("party"), _OPEN_PARTY)
)
_PART = sa.update(parties).where(parties.c.party == sa.bindparam("this")).values(open=False)


class SqlBooks:
    """Payments, parties and payment methods. Any number of processes may use them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- payments ------------------------------------------------------------------------------

    def load(self, payment: str) -> list[PaymentEvent]:
        """Return everything decided about a payment, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_WORDS, {"payment": payment}).all()
        return [decode_word(row.payload) for row in rows]

    def append(self, row: PaymentRow, events: Sequence[PaymentEvent], *, after: int) -> None:
        """Keep `events` behind the first `after` ones, and the payment's row, or nothing.

        Raises:
            ConflictError: there are not exactly `after` events: somebody else decided meanwhile.
            RecordsError: it cannot be kept now.
        """
        values = {**msgspec.structs.asdict(row), "events": after + len(events)}
        with self._database.writing() as connection:
            if not keep_row(connection, payments, values, after=after):
                raise ConflictError(
                    f"payment {row.payment}: somebody else decided since its first {after} events"
                )
            if events:
                rows = [_event_row(row.payment, at, e) for at, e in enumerate(events, after + 1)]
                connection.execute(_ADD_WORDS, rows)
                write_notes(
                    connection, about=row.payment, store=row.store, words=events, after=after
                )

    def payment(self, payment: str) -> PaymentRow | None:
        """Return a payment at a glance."""
        found = self._payments(sa.select(*PAYMENT_ROW).where(payments.c.payment == payment))
        return found[0] if found else None

    def payment_of(self, ref: str) -> str | None:
        """Return the payment whose `Answered` or `LinkPaid` carries this provider reference."""
        named = sa.and_(payment_events.c.ref == ref, payment_events.c.ref != "")
        with self._database.reading() as connection:
            return connection.scalar(sa.select(payment_events.c.payment).where(named).limit(1))

    def due(self, *, now_us: int, limit: int) -> list[PaymentRow]:
        """Return payments that the worker should look at, longest due first."""
        query = sa.select(*PAYMENT_ROW).where(payments.c.try_at_us <= now_us)
        query = query.order_by(payments.c.try_at_us, payments.c.payment)
        return self._payments(query.limit(limit))

    def _payments(self, query: sa.Select[Any]) -> list[PaymentRow]:
        with self._database.reading() as connection:
            return [PaymentRow(**row) for row in connection.execute(query).mappings()]

    # ---- parties -------------------------------------------------------------------------------

    def bind(self, *, party: str, account: str, store: str, time_us: int) -> str:
        """Return the open party of an account in a store: an earlier one, or `party` from now on.

        A party that was closed meanwhile stays closed, but is still the answer to whoever asks
        with it again: the same entry, retried.
        """
        row = {"account": account, "store": store, "opened_us": time_us, "open": True}
        with self._database.writing() as connection:
            while not insert_new(connection, parties, {"party": party, **row}):
                known = _party(connection, party=party, account=account, store=store)
                if known is not None:
                    return known
        return party

    def part(self, *, party: str) -> None:
        """Close a party: the account's next entry is a new visit."""
        with self._database.writing() as connection:
            connection.execute(_PART, {"this": party})

    def methods(self, party: str) -> list[PaymentMethod]:
        """Return the payment methods of the account behind a party, its favourite first."""
        with self._database.reading() as connection:
            rows = connection.execute(_METHODS, {"party": party}).all()
        return [PaymentMethod(row.method, row.token) for row in rows]


def _party(connection: sa.Connection, *, party: str, account: str, store: str) -> str | None:
    """Return `party` if it is known, else the account's open party in the store."""
    asked = {"party": party, "account": account, "store": store}
    known = {row.party for row in connection.execute(_PARTIES, asked)}
    return party if party in known else next(iter(known), None)


def _event_row(payment: str, position: int, event: PaymentEvent) -> dict[str, Any]:
    return {
        "payment": payment,
        "position": position,
        "type": type(event).__struct_config__.tag,
        "time_us": event.time_us,
        "ref": event.ref if isinstance(event, Answered | LinkPaid) else "",
        "payload": msgspec.json.encode(event).decode(),
    }
