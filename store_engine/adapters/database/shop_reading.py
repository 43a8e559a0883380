"""What one store's engine kept, a page at a time (port `ShopRecords`)."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.engine_tables import events, receipts
from store_engine.adapters.database.office_tables import parties
from store_engine.adapters.database.rows import decode_event, decode_receipt, in_parts
from store_engine.events import CartChanged, Event, VisitStarted
from store_engine.messages import LiveCart, Receipt
from store_engine.ports.api import Visit


class ShopReader:
    """Answers questions about one store."""

    def __init__(self, database: Database, *, store: str) -> None:
        self._database = database
        self._store = store

    # ---- visits

    def visits(
        self, *, account: str = "", before: int | None = None, limit: int = 50
    ) -> list[Visit]:
        """Return visits, newest first, those before a position."""
        query = self._started().order_by(events.c.position.desc()).limit(limit)
        if before is not None:
            query = query.where(events.c.position < before)
        if account:
            query = query.where(events.c.visit.in_(self._visits_of(account)))
        return self._told(query)

    def visit(self, visit: str, *, account: str = "") -> Visit | None:
        """Return one visit."""
        found = self._told(self._started().where(events.c.visit == visit))
        if account:
            theirs = self._parties_of(account)
            found = [one for one in found if one.party in theirs]
        return found[0] if found else None

    def _started(self) -> sa.Select[Any]:
        query = sa.select(events.c.position, events.c.payload)
        return query.where(events.c.store == self._store, events.c.type == "visit_started")

    def _visits_of(self, account: str) -> list[str]:
        """Return the visits of an account: those with a receipt, and the one that is under way."""
        theirs = self._parties_of(account)
        query = sa.select(receipts.c.visit).where(receipts.c.account.in_(_parties(account)))
        with self._database.reading() as connection:
            left = [row.visit for row in connection.execute(query)]
        inside = [c.visit for c in self.carts() if self._is_of(c.visit, theirs)]
        return [*left, *inside]

    def _parties_of(self, account: str) -> set[str]:
        with self._database.reading() as connection:
            return {row.party for row in connection.execute(_parties(account))}

    def _is_of(self, visit: str, parties_: set[str]) -> bool:
        started = self._told(self._started().where(events.c.visit == visit))
        return any(one.party in parties_ for one in started)

    def _told(self, query: sa.Select[Any]) -> list[Visit]:
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            started = [(row.position, decode_event(row.payload)) for row in rows]
            names = [event.visit for _, event in started if isinstance(event, VisitStarted)]
            ended, paper = self._ends(connection, names)
        return [
            Visit(
                visit=event.visit,
                store=self._store,
                party=event.account,
                gate=event.gate,
                started_us=event.time_us,
                ended_us=ended.get(event.visit),
                receipt=paper.get(event.visit, ""),
                position=position,
            )
            for position, event in started
            if isinstance(event, VisitStarted)
        ]

    def _ends(
        self, connection: sa.Connection, visits: Sequence[str]
    ) -> tuple[dict[str, int], dict[str, str]]:
        ended: dict[str, int] = {}
        paper: dict[str, str] = {}
        for some in in_parts(visits):
            over = sa.select(events.c.visit, events.c.time_us).where(
                events.c.store == self._store,
                events.c.visit.in_(some),
                events.c.type == "visit_ended",
            )
            ended |= {row.visit: row.time_us for row in connection.execute(over)}
            named = sa.select(receipts.c.visit, receipts.c.receipt).where(
                receipts.c.store == self._store, receipts.c.visit.in_(some)
            )
            paper |= {row.visit: row.receipt for row in connection.execute(named)}
        return ended, paper

    def events(self, visit: str) -> Sequence[Event]:
        """Return what was decided about a visit, in order."""
        query = sa.select(events.c.payload).where(
            events.c.store == self._store, events.c.visit == visit
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(events.c.position)).all()
        return [decode_event(row.payload) for row in rows]

    # ---- carts

    def carts(self, *, account: str = "") -> list[LiveCart]:
        """Return the cart of every visit that has not ended."""
        ours = events.c.store == self._store
        ended = sa.select(events.c.visit).where(ours, events.c.type == "visit_ended")
        last = (
            sa.select(sa.func.max(events.c.position))
            .where(ours, events.c.type == "cart_changed", events.c.visit.not_in(ended))
            .group_by(events.c.visit)
        )
        query = sa.select(events.c.payload).where(events.c.position.in_(last))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(events.c.position)).all()
        changed = [decode_event(row.payload) for row in rows]
        carts = [event.cart for event in changed if isinstance(event, CartChanged)]
        if not account:
            return carts
        theirs = self._parties_of(account)
        return [cart for cart in carts if self._is_of(cart.visit, theirs)]

    # ---- receipts

    def receipts(
        self, *, account: str = "", left_before_us: int | None = None, limit: int = 50
    ) -> list[Receipt]:
        """Return receipts, newest first, of those who left before a moment."""
        query = self._papers(account).order_by(receipts.c.left_us.desc(), receipts.c.receipt)
        if left_before_us is not None:
            query = query.where(receipts.c.left_us < left_before_us)
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return [decode_receipt(row.payload) for row in rows]

    def receipt(self, receipt: str, *, account: str = "") -> Receipt | None:
        """Return a receipt."""
        with self._database.reading() as connection:
            query = self._papers(account).where(receipts.c.receipt == receipt)
            payload = connection.scalar(query)
        return None if payload is None else decode_receipt(payload)

    def _papers(self, account: str) -> sa.Select[Any]:
        query = sa.select(receipts.c.payload).where(receipts.c.store == self._store)
        if account:
            query = query.where(receipts.c.account.in_(_parties(account)))
        return query


def _parties(account: str) -> sa.Select[Any]:
    return sa.select(parties.c.party).where(parties.c.account == account)
