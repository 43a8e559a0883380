"""What people wrote, taken out of words that stay.

The free text of a case stands in the case's words, in the reason of its refund, and in the notes
that tell back ends of both. All of them are written anew; whatever counts money stays as it is.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import msgspec
import sqlalchemy as sa

from store_engine.adapters.database.case_tables import case_events
from store_engine.adapters.database.office_tables import payment_events
from store_engine.adapters.database.rows import in_parts
from store_engine.adapters.database.trip_tables import trip_refunds, trips
from store_engine.adapters.database.webhook_tables import notes
from store_engine.case_events import CaseDecided, CaseEvent, CaseOpened, CaseSettled
from store_engine.payment_events import Asked, PaymentEvent, RefundFailed, WrittenOff
from store_engine.ports.privacy import ERASED

Word: TypeAlias = PaymentEvent | CaseEvent

_decode = msgspec.json.Decoder[Word](Word).decode
_with = msgspec.structs.replace


def without_text(word: Word) -> Word:
    """Return a word without what a person wrote into it."""
    match word:
        case CaseOpened() | WrittenOff() | RefundFailed() | Asked():
            return _with(word, reason=_gone(word.reason))
        case CaseDecided() | CaseSettled():
            return _with(word, note=_gone(word.note))
        case _:
            return word


def without_person(word: Word) -> Word:
    """... and without the name of a payment method, which a card's own name may be part of."""
    word = without_text(word)
    return _with(word, method=_gone(word.method)) if isinstance(word, Asked) else word


def rewrite(
    connection: sa.Connection,
    change: Callable[[Word], Word],
    *,
    payments: Sequence[str],
    cases: Sequence[str],
) -> dict[str, int]:
    """Change the words about payments and cases wherever they stand; return rows by table."""
    told: list[str] = []
    counts = dict.fromkeys(("payment_events", "case_events", "notes"), 0)
    for table, column, names in (
        (payment_events, payment_events.c.payment, payments),
        (case_events, case_events.c.case, cases),
    ):
        for part in in_parts(names):
            rows = connection.execute(sa.select(table).where(column.in_(part))).mappings().all()
            told += [f"{row[column.name]}/{row['position']}" for row in rows]
            for row in rows:
                here = sa.and_(column == row[column.name], table.c.position == row["position"])
                counts[table.name] += _put(connection, table, here, row["payload"], change)
    counts["notes"] = _rewrite_notes(connection, change, told)
    return counts


def clear_trips(connection: sa.Connection, receipts: Iterable[str]) -> dict[str, int]:
    """Clear what a retailer wrote about the trips of these receipts; return rows by table."""
    counts = {"trips": 0, "trip_refunds": 0}
    for part in in_parts(list(receipts)):
        theirs = sa.select(trips.c.trip).where(trips.c.receipt.in_(part))
        for table in (trips, trip_refunds):
            written = sa.and_(table.c.trip.in_(theirs), table.c.reason != "")
            cleared = sa.update(table).where(written).values(reason=ERASED)
            counts[table.name] += connection.execute(cleared).rowcount
    return counts


def _rewrite_notes(
    connection: sa.Connection, change: Callable[[Word], Word], names: Sequence[str]
) -> int:
    count = 0
    for part in in_parts(names):
        query = sa.select(notes.c.position, notes.c.payload).where(notes.c.name.in_(part))
        for row in connection.execute(query).all():
            here = notes.c.position == row.position
            count += _put(connection, notes, here, row.payload, change)
    return count


def _put(
    connection: sa.Connection,
    table: sa.Table,
    here: sa.ColumnElement[bool],
    payload: str,
    change: Callable[[Word], Word],
) -> int:
    word = _decode(payload)
    changed = change(word)
    if changed == word:
        return 0
    text = msgspec.json.encode(changed).decode()
    return connection.execute(sa.update(table).where(here).values(payload=text)).rowcount


def _gone(text: str) -> str:
    return ERASED if text else ""
