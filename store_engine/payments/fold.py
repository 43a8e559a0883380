"""What every word does to a payment. `apply` never fails: what happened has happened."""

from collections.abc import Iterable
from functools import reduce
from typing import Any

import msgspec

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
from store_engine.payments.moves import move_of
from store_engine.payments.payment import Capture, Dispute, Hold, Payment
from store_engine.payments.table import MOVES

_with = msgspec.structs.replace


def fold(events: Iterable[PaymentEvent], payment: Payment | None = None) -> Payment:
    """Return the payment that these words tell, from nothing or from where it stood."""
    return reduce(apply, events, payment or Payment(payment=""))


def apply(payment: Payment, event: PaymentEvent) -> Payment:
    """Return the payment after one more word."""
    after = _with(
        _figures(payment, event),
        payment=event.payment,
        count=payment.count + 1,
        updated_us=event.time_us,
    )
    move = move_of(payment, after, event)
    state = MOVES[payment.state].get(move, payment.state) if move else payment.state
    return _with(after, state=state)


def _figures(payment: Payment, event: PaymentEvent) -> Payment:
    match event:
        case Opened():
            return _opened(payment, event)
        case Asked():
            return _with(payment, asked=(*payment.asked, event))
        case Answered():
            return _answered(payment, event)
        case Owed():
            return _with(payment, request=event.request, receipt=event.receipt, owed=event.amount)
        case LinkPaid():
            return _captured(payment, event.ref, event.amount)
        case LinkOffered():
            return _with(payment, link=event.link, linked_us=event.time_us)
        case WrittenOff():
            given_up = _with(payment, written_off=payment.written_off + event.amount)
            forgiven = {**payment.forgiven, event.request: event.amount} if event.request else {}
            return _with(given_up, forgiven=forgiven or payment.forgiven)
        case Refused():
            return _with(payment, declined=event.reason)
        case RefundFailed() | DisputeOpened() | DisputeClosed():
            return _taken_back(payment, event)


def _taken_back(payment: Payment, event: RefundFailed | DisputeOpened | DisputeClosed) -> Payment:
    match event:
        case RefundFailed():
            again = _with(payment, undone=payment.undone | {event.operation})
            return _refunded(again, event.capture, -event.amount)
        case DisputeOpened():
            opened = Dispute(dispute=event.dispute, amount=event.amount)
            return _with(payment, disputes=(*payment.disputes, opened))
        case DisputeClosed():
            return _with(payment, disputes=_decided(payment, event))


def _opened(payment: Payment, event: Opened) -> Payment:
    told: dict[str, Any] = {
        name: getattr(event, name) for name in ("party", "store", "entry", "currency", "exponent")
    }
    return _with(payment, **told, hold_wanted=event.hold, opened_us=event.time_us)


def _answered(payment: Payment, event: Answered) -> Payment:
    asked = next((one for one in payment.asked if one.operation == event.operation), None)
    if asked is None or event.operation in payment.answered:
        return payment
    payment = _with(payment, answered={**payment.answered, event.operation: event})
    if event.outcome == "declined":
        return _declined(payment, asked, event)
    match asked.kind:
        case "authorise":
            held = Hold(ref=event.ref, amount=event.amount, method=asked.method)
            return _with(payment, hold=held)
        case "adjust":
            hold = payment.hold
            return _with(payment, hold=hold and _with(hold, amount=event.amount))
        case "capture":
            return _captured(_with(payment, hold=None), event.ref, event.amount)
        case "release":
            return _with(payment, hold=None)
        case "refund":
            return _refunded(payment, asked.on, event.amount)


def _declined(payment: Payment, asked: Asked, event: Answered) -> Payment:
    """What could not be let go of is gone; a method that said no is spent.

    A method whose hold could not be taken is asked for a new one, once: the old may have expired.
    """
    if asked.kind == "refund":
        return payment
    if asked.kind == "release":
        return _with(payment, hold=None)
    payment = _with(payment, declined=event.reason or "no reason given")
    if asked.kind == "capture" and payment.hold:
        payment = _with(payment, hold=_with(payment.hold, stale=True))
    again = asked.kind == "capture" and not _declined_before(payment, asked)
    if payment.owed is None or again:
        return payment
    return _with(payment, spent=payment.spent | {asked.method})


def _declined_before(payment: Payment, asked: Asked) -> bool:
    return any(
        other.kind == "capture"
        and other.method == asked.method
        and other.operation != asked.operation
        and payment.answered[other.operation].outcome == "declined"
        for other in payment.asked
        if other.operation in payment.answered
    )


def _captured(payment: Payment, ref: str, amount: int) -> Payment:
    return _with(payment, captures=(*payment.captures, Capture(ref=ref, amount=amount)))


def _refunded(payment: Payment, ref: str, amount: int) -> Payment:
    captures = tuple(
        _with(capture, refunded=capture.refunded + amount) if capture.ref == ref else capture
        for capture in payment.captures
    )
    return _with(payment, captures=captures)


def _decided(payment: Payment, event: DisputeClosed) -> tuple[Dispute, ...]:
    return tuple(
        _with(dispute, won=event.won) if dispute.dispute == event.dispute else dispute
        for dispute in payment.disputes
    )
