"""Who a person is in the tables, and what is going on with them."""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, NamedTuple

import sqlalchemy as sa

from store_engine.adapters.database.access_tables import accounts, credentials
from store_engine.adapters.database.case_tables import cases
from store_engine.adapters.database.engine_tables import (
    events,
    journal,
    outbox,
    receipts,
    snapshots,
)
from store_engine.adapters.database.office_tables import parties, payment_methods, payments
from store_engine.adapters.database.rows import decode_event, in_parts
from store_engine.ports.privacy import Standing

CLOSED = "closed"  # the last state of a case
FOLLOW_UPS_FROM = 2  # a party's payments are named party, party.2, party.3, ...


class Person(NamedTuple):
    """An account, and the names of everything that is theirs."""

    account: str
    name: str
    handles: Sequence[str]  # of what they present
    tokens: Sequence[str]  # of how they pay
    parties: Sequence[str]
    receipts: Sequence[str]
    visits: Sequence[str]
    payments: Sequence[str]
    cases: Sequence[str]


def person_of(connection: sa.Connection, account: str) -> Person | None:
    """Return a person, None when nothing is kept about an account of this name."""
    name = connection.scalar(sa.select(accounts.c.name).where(accounts.c.account == account))
    query = sa.select(parties.c.party, parties.c.store).where(parties.c.account == account)
    bound = connection.execute(query.order_by(parties.c.party)).all()
    theirs = [row.party for row in bound]
    begun = [row.party.removeprefix(f"{row.store}.") for row in bound]  # see `desk.party_of`
    if name is None and not theirs:
        return None
    papers = _rows_with(
        connection, receipts.c.account, theirs, receipts.c.receipt, receipts.c.visit
    )
    return Person(
        account=account,
        name=name or "",
        handles=_column(connection, credentials.c.handle, credentials.c.account == account),
        tokens=_column(connection, payment_methods.c.token, payment_methods.c.account == account),
        parties=theirs,
        receipts=sorted(row.receipt for row in papers),
        visits=sorted({row.visit for row in papers} | set(begun)),
        payments=payments_of(connection, theirs),
        cases=sorted(
            row.case for row in _rows_with(connection, cases.c.payment, theirs, cases.c.case)
        ),
    )


def payments_of(connection: sa.Connection, theirs: Sequence[str]) -> list[str]:
    """Return all payments of parties: each one's own, and those that followed it."""
    found: list[str] = []
    more = _known(connection, theirs)
    for number in count(FOLLOW_UPS_FROM):
        if not more:
            break
        found += more
        more = _known(connection, [f"{party}.{number}" for party in theirs])
    return sorted(found)


def standing(connection: sa.Connection, person: Person) -> Standing:
    """Return what is going on with a person."""
    inside = sa.and_(parties.c.account == person.account, parties.c.open)
    return Standing(
        visits=[
            *_column(connection, parties.c.party, inside),
            *_unended(connection, person.visits),
        ],
        payments=_states(connection, person.payments),
        cases={
            row.case: row.state
            for row in _rows_with(
                connection, cases.c.case, person.cases, cases.c.case, cases.c.state
            )
        },
        requests=_unanswered(connection, set(person.parties)),
        engines=_engines_with(connection, person.handles),
    )


# ---- pieces ------------------------------------------------------------------------------------


def _states(connection: sa.Connection, names: Sequence[str]) -> dict[str, str]:
    wanted = payments.c.payment, payments.c.state, payments.c.waiting
    return {
        row.payment: f"waiting for {row.waiting}" if row.waiting else row.state
        for row in _rows_with(connection, payments.c.payment, names, *wanted)
    }


def _unended(connection: sa.Connection, visits: Sequence[str]) -> list[str]:
    begun = events.c.type.in_(["visit_started", "visit_ended"])
    found: dict[str, set[str]] = {}
    for part in in_parts(visits):
        query = sa.select(events.c.visit, events.c.type).where(events.c.visit.in_(part), begun)
        for row in connection.execute(query):
            found.setdefault(row.visit, set()).add(row.type)
    return sorted(visit for visit, types in found.items() if types == {"visit_started"})


def _unanswered(connection: sa.Connection, theirs: set[str]) -> list[str]:
    query = sa.select(events.c.payload).join(outbox).where(outbox.c.state == "pending")
    waiting = (decode_event(row.payload) for row in connection.execute(query))
    return sorted(event.event for event in waiting if getattr(event, "account", "") in theirs)


def _engines_with(connection: sa.Connection, handles: Sequence[str]) -> list[str]:
    """Return the stores whose engine would know a handle after a restart."""
    from_gates = journal.c.topic.like("%/gates/%")
    minds = [
        *connection.execute(sa.select(snapshots.c.store, snapshots.c.state)),
        *connection.execute(sa.select(journal.c.store, journal.c.payload).where(from_gates)),
    ]
    marks = [handle.encode() for handle in handles]
    return sorted({store for store, mind in minds if any(mark in mind for mark in marks)})


def _known(connection: sa.Connection, names: Sequence[str]) -> list[str]:
    rows = _rows_with(connection, payments.c.payment, names, payments.c.payment)
    return [row.payment for row in rows]


def _column(
    connection: sa.Connection, column: sa.Column[Any], where: sa.ColumnElement[bool]
) -> list[str]:
    query = sa.select(column).where(where).order_by(column)
    return [str(value) for value in connection.scalars(query)]


def _rows_with(
    connection: sa.Connection,
    column: sa.Column[Any],
    values: Iterable[str],
    *wanted: sa.Column[Any],
) -> list[sa.Row[Any]]:
    found: list[sa.Row[Any]] = []
    for part in in_parts(list(values)):
        found += connection.execute(sa.select(*wanted).where(column.in_(part))).all()
    return found
