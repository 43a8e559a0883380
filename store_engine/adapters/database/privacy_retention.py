"""Deletes what its time is over for (port `RetentionBook`), a few rows at a time.

Every batch is a transaction of its own, so an engine's commits wait for one batch at most. Never
touched: what is pending, a visit or payment that is not over, and whatever an engine that starts
again would ask for.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.access_tables import entry_answers, used_codes, vault
from store_engine.adapters.database.api_tables import api_tokens, audit
from store_engine.adapters.database.case_tables import case_events, cases
from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.engine_tables import dead_letters, receipts
from store_engine.adapters.database.office_tables import parties, payment_events, payments
from store_engine.adapters.database.privacy_events import drop_events
from store_engine.adapters.database.privacy_person import CLOSED, payments_of
from store_engine.adapters.database.privacy_texts import rewrite, without_text
from store_engine.adapters.database.rows import in_parts
from store_engine.adapters.database.trip_tables import (
    trip_entries,
    trip_orders,
    trip_refunds,
    trip_settlements,
    trips,
)
from store_engine.adapters.database.voucher_tables import vouchers
from store_engine.adapters.database.webhook_tables import notes
from store_engine.ports.privacy import ERASED, Kind

_WAITING_TRIP = "waiting"  # in line: the retailer has not been told yet


class _Timed(msgspec.Struct):
    time_us: int


_decode_time = msgspec.json.Decoder(_Timed).decode


class SqlRetentionBook:
    """Everything in one database, of all its stores.

    Args:
        database: which.
        settled: states of payments in which nothing more is going to happen by itself.
    """

    def __init__(self, database: Database, *, settled: Collection[str]) -> None:
        self._database = database
        self._settled = tuple(settled)
        self._drop: Mapping[Kind, Callable[[sa.Connection, int, int], int]] = {
            "vault": partial(_aged, vault.c.kept_us),
            "answers": _answers,
            "refused payloads": partial(_aged, dead_letters.c.received_us),
            "events": drop_events,
            "notes": _notes,
            "audit": partial(_aged, audit.c.time_us),
            "tokens": _tokens,
            "case texts": _case_texts,
            "links": self._links,
            "money": self._money,
        }

    def drop(self, kind: Kind, *, before_us: int, limit: int) -> int:
        """Delete about `limit` rows from before then that nobody needs; return how many."""
        with self._database.writing() as connection:
            return self._drop[kind](connection, before_us, limit)

    def _links(self, connection: sa.Connection, before_us: int, limit: int) -> int:
        """Cut links of visits that are over: their payments are settled, their cases closed."""
        old = sa.and_(parties.c.opened_us < before_us, ~parties.c.open)
        order = sa.select(parties.c.party).where(old).order_by(parties.c.opened_us, parties.c.party)
        over: list[str] = []
        for page in _pages(connection, order, limit):
            over += [party for party in page if self._is_over(connection, party)]
            if len(over) >= limit:
                break
        return _delete(connection, parties.c.party, over)

    def _is_over(self, connection: sa.Connection, party: str) -> bool:
        theirs = payments_of(connection, [party])
        unsettled = sa.and_(
            payments.c.payment.in_(theirs),
            sa.or_(payments.c.state.not_in(self._settled), payments.c.waiting != ""),
        )
        open_case = sa.and_(cases.c.payment == party, cases.c.state != CLOSED)
        going_on = sa.or_(
            sa.exists(sa.select(payments.c.payment).where(unsettled)),
            sa.exists(sa.select(cases.c.case).where(open_case)),
        )
        return not connection.scalar(sa.select(going_on))

    def _money(self, connection: sa.Connection, before_us: int, limit: int) -> int:
        over = sa.and_(
            payments.c.updated_us < before_us,
            payments.c.state.in_(self._settled),
            payments.c.waiting == "",
        )
        closed = sa.and_(cases.c.updated_us < before_us, cases.c.state == CLOSED)
        left = sa.and_(trips.c.left_us < before_us, trips.c.state != _WAITING_TRIP)
        take = partial(_keys, connection, limit=limit)
        told = take(trips.c.trip, left)
        for table in (trip_orders, trip_refunds, trip_settlements):
            _delete(connection, table.c.trip, told)
        paid, answered = take(payments.c.payment, over), take(cases.c.case, closed)
        _delete(connection, payment_events.c.payment, paid)
        _delete(connection, case_events.c.case, answered)
        return (
            _delete(connection, trips.c.trip, told)
            + _delete(connection, payments.c.payment, paid)
            + _delete(connection, cases.c.case, answered)
            + _aged(trip_entries.c.time_us, connection, before_us, limit)
            + _aged(receipts.c.left_us, connection, before_us, limit)
            + _vouchers(connection, before_us, limit)
        )


def _answers(connection: sa.Connection, before_us: int, limit: int) -> int:
    return _aged(entry_answers.c.time_us, connection, before_us, limit) + _aged(
        used_codes.c.expires_us, connection, before_us, limit
    )


def _vouchers(connection: sa.Connection, before_us: int, limit: int) -> int:
    """Delete vouchers that are used, void or expired; those kept for a visit stay."""
    used = vouchers.c.used_us < before_us
    ended = sa.or_(vouchers.c.void_us < before_us, vouchers.c.until_us < before_us)
    return _some(
        connection, vouchers, sa.or_(used, sa.and_(ended, vouchers.c.receipt == "")), limit
    )


def _tokens(connection: sa.Connection, before_us: int, limit: int) -> int:
    over = sa.or_(api_tokens.c.expires_us < before_us, api_tokens.c.revoked_us < before_us)
    return _some(connection, api_tokens, over, limit)


def _notes(connection: sa.Connection, before_us: int, limit: int) -> int:
    """Notes have no time of their own: the word in them has."""
    query = sa.select(notes.c.position, notes.c.payload).order_by(notes.c.position).limit(limit)
    old = [
        row.position
        for row in connection.execute(query)
        if _decode_time(row.payload).time_us < before_us
    ]
    return _delete(connection, notes.c.position, old)


def _case_texts(connection: sa.Connection, before_us: int, limit: int) -> int:
    """Clear what people wrote in cases that have long been closed, and in their refunds."""
    text = case_events.c.payload
    written = sa.and_(
        case_events.c.type == "case_opened",
        text.not_like('%"reason":""%'),
        text.not_like(f'%"reason":"{ERASED}"%'),
    )
    closed = sa.and_(cases.c.state == CLOSED, cases.c.updated_us < before_us)
    query = sa.select(cases.c.case, cases.c.payment).join(case_events).where(closed, written)
    rows = connection.execute(query.order_by(cases.c.case).limit(limit)).all()
    paid = payments_of(connection, sorted({row.payment for row in rows}))
    rewrite(connection, without_text, payments=paid, cases=[row.case for row in rows])
    return len(rows)


def _aged(time_us: sa.Column[Any], connection: sa.Connection, before_us: int, limit: int) -> int:
    return _some(connection, time_us.table, time_us < before_us, limit)


def _some(
    connection: sa.Connection, table: sa.FromClause, over: sa.ColumnElement[bool], limit: int
) -> int:
    """Delete up to `limit` rows by their primary key, which may be a pair."""
    keys = list(table.primary_key)
    some = sa.select(*keys).where(over).order_by(*keys).limit(limit)
    gone = sa.delete(table).where(sa.tuple_(*keys).in_(some))  # type: ignore[arg-type]
    return connection.execute(gone).rowcount


def _keys(
    connection: sa.Connection, column: sa.Column[Any], old: sa.ColumnElement[bool], *, limit: int
) -> list[Any]:
    return list(connection.scalars(sa.select(column).where(old).order_by(column).limit(limit)))


def _delete(connection: sa.Connection, column: sa.Column[Any], values: list[Any]) -> int:
    return sum(
        connection.execute(sa.delete(column.table).where(column.in_(part))).rowcount
        for part in in_parts(values)
    )


def _pages(connection: sa.Connection, order: sa.Select[Any], limit: int) -> Iterator[list[str]]:
    """Yield what `order` selects, `limit` at a time."""
    start = 0
    while page := list(connection.scalars(order.limit(limit).offset(start))):
        yield page
        start += limit
