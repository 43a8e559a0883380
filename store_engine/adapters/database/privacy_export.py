"""Everything that is kept about a person, as plain values in a fixed order."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.access_tables import accounts, credentials
from store_engine.adapters.database.api_tables import api_tokens, audit
from store_engine.adapters.database.case_tables import case_events, cases
from store_engine.adapters.database.engine_tables import events, receipts
from store_engine.adapters.database.office_tables import (
    parties,
    payment_events,
    payment_methods,
    payments,
)
from store_engine.adapters.database.privacy_person import Person
from store_engine.adapters.database.rows import in_parts
from store_engine.adapters.database.trip_tables import trips
from store_engine.adapters.database.voucher_tables import vouchers

Row = dict[str, Any]


def everything_about(connection: sa.Connection, person: Person) -> dict[str, Any]:
    """Return a person's rows, section by section; times are microseconds since the epoch.

    Not among them: hashes of credentials and of API tokens, which would tell nothing and could be
    misused, and recordings, which show everybody who was in the shop.
    """
    theirs = person.account
    return {
        "account": _rows(connection, accounts, accounts.c.account == theirs),
        "payment_methods": _rows(connection, payment_methods, payment_methods.c.account == theirs),
        "credentials": _without(
            _rows(connection, credentials, credentials.c.account == theirs), "handle"
        ),
        "api_tokens": _without(
            _rows(connection, api_tokens, api_tokens.c.account == theirs), "digest"
        ),
        "vouchers": _rows(connection, vouchers, vouchers.c.account == theirs),
        "entries": _entries(connection, person.handles),
        "visits": _rows(connection, parties, parties.c.account == theirs),
        "visit_events": _payloads(connection, events, events.c.visit, person.visits),
        "receipts": _payloads(connection, receipts, receipts.c.receipt, person.receipts),
        "payments": _named(connection, payments, payments.c.payment, person.payments),
        "payment_events": _payloads(
            connection, payment_events, payment_events.c.payment, person.payments
        ),
        "cases": _named(connection, cases, cases.c.case, person.cases),
        "case_events": _payloads(connection, case_events, case_events.c.case, person.cases),
        "trips": _named(connection, trips, trips.c.receipt, person.receipts),
        "audit": _audit(connection, person),
    }


def _rows(connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool]) -> list[Row]:
    query = sa.select(table).where(where).order_by(*table.primary_key)
    return [dict(row) for row in connection.execute(query).mappings()]


def _named(
    connection: sa.Connection, table: sa.Table, column: sa.Column[Any], names: Sequence[str]
) -> list[Row]:
    return [row for part in in_parts(names) for row in _rows(connection, table, column.in_(part))]


def _payloads(
    connection: sa.Connection, table: sa.Table, column: sa.Column[Any], names: Sequence[str]
) -> list[Row]:
    return [msgspec.json.decode(row["payload"]) for row in _named(connection, table, column, names)]


def _entries(connection: sa.Connection, handles: Sequence[str]) -> list[Row]:
    """Return what gates asked with what they present, let in or not."""
    named = sa.or_(
        sa.false(), *(events.c.payload.contains(one, autoescape=True) for one in handles)
    )
    asked = _rows(connection, events, sa.and_(events.c.type == "entry_requested", named))
    return _without([msgspec.json.decode(row["payload"]) for row in asked], "credential")


def _audit(connection: sa.Connection, person: Person) -> list[Row]:
    """Return what was done on what is theirs, and what they did with tokens of their own."""
    names = {person.account, *person.parties, *person.receipts, *person.visits, *person.cases}
    mine = sa.select(api_tokens.c.token).where(api_tokens.c.account == person.account)
    tokens = set(connection.scalars(mine))
    return [
        row
        for row in _rows(connection, audit, sa.true())
        if row["who"] in tokens or any(name in names for name in _values(row["on"]))
    ]


def _values(on: str) -> Iterable[str]:
    return (part.partition("=")[2] for part in on.split(" "))


def _without(rows: Iterable[Row], field: str) -> list[Row]:
    return [{name: value for name, value in row.items() if name != field} for row in rows]
