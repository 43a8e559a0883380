"""What the counter keeps (port `Casebook`), on SQLite and PostgreSQL."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.case_tables import case_events, cases
from store_engine.adapters.database.connection import Database
from store_engine.adapters.database.office_tables import parties
from store_engine.adapters.database.statements import keep_row
from store_engine.adapters.database.webhooks import write_notes
from store_engine.case_events import CaseEvent
from store_engine.errors import ConflictError
from store_engine.ports.office import CaseRow

_decode = msgspec.json.Decoder[CaseEvent](CaseEvent).decode
_ROW = [cases.c[name] for name in CaseRow.__struct_fields__]


class SqlCasebook:
    """Cases of one database: listed of `store` alone, or of all. Any number may use it."""

    def __init__(self, database: Database, *, store: str | None = None) -> None:
        self._database = database
        self._store = store

    def load(self, case: str) -> list[CaseEvent]:
        """Return everything decided about a case, oldest first."""
        query = sa.select(case_events.c.payload).where(case_events.c.case == case)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(case_events.c.position)).all()
        return [_decode(row.payload) for row in rows]

    def append(self, row: CaseRow, events: Sequence[CaseEvent], *, after: int) -> None:
        """Keep `events` behind the first `after` ones, and the case's row, or nothing.

        Raises:
            ConflictError: there are not exactly `after` events: somebody else decided meanwhile.
        """
        values = {**msgspec.structs.asdict(row), "events": after + len(events)}
        rows = [
            {
                "case": row.case,
                "position": position,
                "type": type(event).__struct_config__.tag,
                "time_us": event.time_us,
                "payload": msgspec.json.encode(event).decode(),
            }
            for position, event in enumerate(events, after + 1)
        ]
        with self._database.writing() as connection:
            if not keep_row(connection, cases, values, after=after):
                raise ConflictError(f"case {row.case}: not at its first {after} events any more")
            connection.execute(sa.insert(case_events), rows)
            write_notes(connection, about=row.case, store=row.store, words=events, after=after)

    def cases(
        self, *, receipt: str = "", states: Sequence[str] = (), limit: int = 100
    ) -> list[CaseRow]:
        """Return cases of a receipt or of all, in some states or in any, oldest first."""
        query = sa.select(*_ROW).order_by(cases.c.opened_us, cases.c.case).limit(limit)
        if receipt:
            query = query.where(cases.c.receipt == receipt)
        if states:
            query = query.where(cases.c.state.in_(states))
        if self._store is not None:
            query = query.where(cases.c.store == self._store)
        with self._database.reading() as connection:
            return [CaseRow(**row) for row in connection.execute(query).mappings()]

    def refunds_at_once(self, *, payment: str, since_us: int) -> int:
        """Count the refunds that no person decided, of the account behind a payment, since then."""
        whose = sa.select(parties.c.account).where(parties.c.party == payment).scalar_subquery()
        theirs = sa.select(parties.c.party).where(parties.c.account == whose)
        ours = sa.or_(cases.c.payment == payment, cases.c.payment.in_(theirs))
        query = sa.select(sa.func.count()).where(
            cases.c.at_once, cases.c.opened_us >= since_us, ours
        )
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)
