"""What a retailer's back end is told, as CloudEvents (version 1.0, structured JSON).

    VisitStarted, VisitEnded, ReceiptIssued     (decided by the engine)
    Answered: captures and refunds, Disputes    (decided by the till)
    CaseOpened, CaseDecided, CaseSettled        (decided at the counter)

The CloudEvent's id is the id of what happened, so a delivery that comes twice is recognised.
Source: cloudevents/spec v1.0.2, sections "Required Attributes" and "JSON Event Format".
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from store_engine.case_events import CaseDecided, CaseOpened, CaseSettled
from store_engine.events import ReceiptIssued, VisitEnded, VisitStarted
from store_engine.payment_events import Answered, DisputeClosed, DisputeOpened
from store_engine.ports.webhooks import Happened, Note

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/cloudevents+json"

TYPES: dict[type, str] = {
    VisitStarted: "store.visit.started",
    VisitEnded: "store.visit.ended",
    ReceiptIssued: "store.receipt.issued",
    DisputeOpened: "store.payment.disputed",
    DisputeClosed: "store.payment.dispute.closed",
    CaseOpened: "store.case.opened",
    CaseDecided: "store.case.decided",
    CaseSettled: "store.case.settled",
}
ANSWERED = {  # by the kind of operation, which stands in its name
    ("capture", "done"): "store.payment.captured",
    ("capture", "declined"): "store.payment.declined",
    ("refund", "done"): "store.refund.made",
    ("refund", "declined"): "store.refund.declined",
}
ALL_TYPES = tuple(sorted({*TYPES.values(), *ANSWERED.values()}))


def cloud_event(note: Note) -> dict[str, Any] | None:
    """Return what happened as a CloudEvent, None where nobody outside is told."""
    kind = type_of(note.happened)
    if kind is None:
        return None
    data = msgspec.to_builtins(note.happened)
    return {
        "specversion": SPEC_VERSION,
        "id": note.name,
        "source": f"/stores/{note.store}",
        "type": kind,
        "subject": _subject(note.happened),
        "time": _time(note.happened.time_us),
        "datacontenttype": "application/json",
        "data": data.get("receipt", data) if isinstance(note.happened, ReceiptIssued) else data,
    }


def type_of(happened: Happened) -> str | None:
    """Return the CloudEvents type, None where nobody outside is told."""
    if isinstance(happened, Answered):
        return ANSWERED.get((happened.kind, happened.outcome))
    return TYPES.get(type(happened))


def _subject(happened: Happened) -> str:
    if isinstance(happened, ReceiptIssued):
        return happened.receipt.receipt
    for name in ("case", "payment", "visit"):
        if hasattr(happened, name):
            return str(getattr(happened, name))
    return ""


def _time(time_us: int) -> str:
    whole = datetime.fromtimestamp(time_us // 1_000_000, UTC)
    return whole.replace(microsecond=time_us % 1_000_000).isoformat().replace("+00:00", "Z")
