"""Which move of the table a word makes, given what it did to the figures."""

from store_engine.payment_events import (
    Answered,
    Asked,
    DisputeClosed,
    DisputeOpened,
    LinkOffered,
    LinkPaid,
    Opened,
    Owed,
    PaymentEvent,
    RefundFailed,
    Refused,
    WrittenOff,
)
from store_engine.payments.payment import SURPLUS, Payment
from store_engine.payments.table import Move


def move_of(before: Payment, after: Payment, event: PaymentEvent) -> Move | None:
    """Return the move that a word makes, given what it did to the figures."""
    match event:
        case Opened():
            return _open_move(event)
        case Answered():
            return None if after.answered is before.answered else _answer_move(after, event)
        case Owed():
            return _owed_move(after, event)
        case LinkPaid():
            return "take part" if after.outstanding else "take all"
        case LinkOffered():
            return "offer link"
        case WrittenOff():
            return None if after.outstanding else "write off"
        case Refused():
            return "refuse"
        case RefundFailed() | DisputeOpened() | DisputeClosed():
            return _taken_back_move(after, event)
        case _:
            return None


def _open_move(event: Opened) -> Move:
    if event.free:
        return "open free"
    return "open" if event.hold else "open on trust"


def _owed_move(after: Payment, event: Owed) -> Move:
    if event.amount > 0:
        return "owe"
    asking = any(asked.kind == "authorise" for asked in after.waiting)
    return "owe nothing" if after.hold or asking or after.free else "let go"


def _answer_move(after: Payment, event: Answered) -> Move | None:
    asked = next(one for one in after.asked if one.operation == event.operation)
    if event.outcome == "declined":
        return _declined_move(after, asked)
    match asked.kind:
        case "authorise":
            return "hold"
        case "adjust":
            return "adjust"
        case "capture":
            return "take part" if after.outstanding else "take all"
        case "release":
            return "let go"
        case "refund":
            return None if asked.request == SURPLUS else _refund_move(after)


def _declined_move(after: Payment, asked: Asked) -> Move | None:
    if asked.kind == "refund":
        return None
    if after.state == "leaving":
        return "let go"
    return "decline" if after.owed else None


def _taken_back_move(
    after: Payment, event: RefundFailed | DisputeOpened | DisputeClosed
) -> Move | None:
    match event:
        case RefundFailed():
            return _refund_move(after)
        case DisputeOpened():
            return "dispute"
        case DisputeClosed():
            return _closed_move(after)


def _refund_move(after: Payment) -> Move:
    if after.refunded <= 0:
        return "refund none"
    return "refund part" if after.refunded < after.captured else "refund all"


def _closed_move(after: Payment) -> Move | None:
    if after.disputed:
        return None
    if after.charged_back:
        return "lose"
    if after.written_off and after.captured < (after.owed or 0):
        return "win written off"
    if after.outstanding:
        return "win in debt"
    won: dict[Move, Move] = {"refund part": "win refunded in part", "refund all": "win refunded"}
    return won.get(_refund_move(after), "win")
