"""The engine's words as rows, and back."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from store_engine.events import Event, ReceiptIssued, visit_of
from store_engine.messages import Receipt
from store_engine.ports import DeadLetter

SQL_PARAMETERS = 500  # SQLite takes at least 999 in one statement (sqlite.org/limits)

decode_event = msgspec.json.Decoder[Event](Event).decode
decode_receipt = msgspec.json.Decoder(Receipt).decode


def in_parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield `names` in parts that one statement can take."""
    for start in range(0, len(names), SQL_PARAMETERS):
        yield names[start : start + SQL_PARAMETERS]


def event_row(event: Event) -> dict[str, Any]:
    """Return an event as a row of `events`."""
    return {
        "event": event.event,
        "type": type(event).__struct_config__.tag,
        "visit": visit_of(event),
        "time_us": event.time_us,
        "payload": msgspec.json.encode(event).decode(),
    }


def receipt_row(issued: ReceiptIssued) -> dict[str, Any]:
    """Return a receipt as a row of `receipts`."""
    receipt = issued.receipt
    return {
        "receipt": receipt.receipt,
        "visit": receipt.visit,
        "account": receipt.account,
        "left_us": receipt.left_us,
        "total": receipt.total,
        "currency": receipt.currency,
        "payload": msgspec.json.encode(receipt).decode(),
    }


def dead_letter_row(letter: DeadLetter) -> dict[str, Any]:
    """Return a refused payload as a row of `dead_letters`.

    A NUL in its topic or reason becomes a replacement character: PostgreSQL takes none in text,
    and bad input must never be what keeps the rest from being kept.
    """
    row = {**letter.raw._asdict(), "reason": letter.reason}
    return {k: v.replace("\0", "\ufffd") if isinstance(v, str) else v for k, v in row.items()}
