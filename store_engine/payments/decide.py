"""What people and providers want of a payment: the words that follow, or why there are none."""

from typing import NamedTuple, TypeAlias

from store_engine.payment_events import (
    DisputeClosed,
    DisputeOpened,
    LinkPaid,
    Owed,
    PaymentEvent,
    RefundFailed,
    WrittenOff,
)
from store_engine.payments.asking import ask_hold, give_back
from store_engine.payments.payment import Payment
from store_engine.payments.steps import DEBTS
from store_engine.payments.table import MOVES, Move


class No(NamedTuple):
    """A command that is refused."""

    reason: str


Decision: TypeAlias = list[PaymentEvent] | No  # an empty list: it is so already


def may(payment: Payment, move: Move) -> bool:
    """Whether the table has this move from where the payment stands."""
    return move in MOVES[payment.state]


def owe(payment: Payment, *, request: str, receipt: str, amount: int, now_us: int) -> Decision:
    """The visit is over and costs `amount`, once."""
    if payment.request == request and payment.owed is not None:
        same = payment.owed == amount
        return [] if same else No(f"{request}: {payment.owed} is owed, now {amount} is asked for")
    if not may(payment, "owe" if amount else "owe nothing"):
        return _no(payment, f"nothing more can be owed ({request})")
    owed = Owed(
        payment=payment.payment, time_us=now_us, request=request, receipt=receipt, amount=amount
    )
    return [owed]


def adjust(payment: Payment, *, amount: int, now_us: int) -> Decision:
    """Make the hold of somebody inside `amount` in all."""
    if amount <= 0:
        return No(f"a hold of {amount}: it must be above 0")
    if not may(payment, "adjust") or payment.hold is None:
        return _no(payment, "there is no hold to adjust")
    if payment.waiting:
        return _no(payment, f"{payment.waiting[0].operation} is not answered yet")
    if payment.hold.amount == amount:
        return []
    return [ask_hold(payment, "adjust", amount, now_us=now_us)]


def refund(
    payment: Payment,
    *,
    refund: str,
    amount: int,
    reason: str,
    lines: tuple[str, ...] = (),
    now_us: int,
) -> Decision:
    """Give `amount` back, once per name; what is still owed is forgiven first."""
    if (known := refund_of(payment, refund)) is not None:
        same = known == amount
        return [] if same else No(f"refund {refund}: {known} was asked for, now {amount}")
    if amount <= 0:
        return No(f"a refund of {amount}: it must be above 0")
    if payment.disputed:
        return _no(payment, "no refunds while a dispute is open")
    if not (may(payment, "refund all") or payment.state in DEBTS):
        return _no(payment, "there is nothing to give back")
    forgiven = min(payment.outstanding, amount)
    if amount - forgiven > payment.refundable:
        left = payment.outstanding + payment.refundable
        return No(f"a refund of {amount}: {left} can be given back, {payment.refunded} was already")
    return [
        *_forgive(payment, forgiven, refund, reason, now_us),
        *give_back(
            payment, amount - forgiven, request=refund, now_us=now_us, reason=reason, lines=lines
        ),
    ]


def refund_of(payment: Payment, refund: str) -> int | None:
    """Return how much a refund asked for, None where nobody asked for it."""
    parts = [asked.amount for asked in payment.asked if asked.request == refund]
    forgiven = payment.forgiven.get(refund)
    return None if not parts and forgiven is None else sum(parts) + (forgiven or 0)


def _forgive(
    payment: Payment, amount: int, refund: str, reason: str, now_us: int
) -> list[WrittenOff]:
    if amount == 0:
        return []
    word = WrittenOff(
        payment=payment.payment, time_us=now_us, amount=amount, reason=reason, request=refund
    )
    return [word]


def write_off(payment: Payment, *, reason: str, now_us: int) -> Decision:
    """Give the debt up."""
    if payment.state == "written off":
        return []
    if not may(payment, "write off"):
        return _no(payment, "there is no debt to write off")
    word = WrittenOff(
        payment=payment.payment, time_us=now_us, amount=payment.outstanding, reason=reason
    )
    return [word]


def link_paid(payment: Payment, *, link: str, amount: int, ref: str, now_us: int) -> Decision:
    """The shopper paid by the link; money that came is never refused but where it is not ours."""
    if any(capture.ref == ref for capture in payment.captures):
        return []
    if not payment.link or payment.link != link:
        return _no(payment, f"it has no link {link}")
    paid = LinkPaid(payment=payment.payment, time_us=now_us, link=link, amount=amount, ref=ref)
    return [paid]


def refund_failed(
    payment: Payment, *, operation: str, capture: str, amount: int, reason: str, now_us: int
) -> Decision:
    """A refund came back to us after it was done."""
    if operation in payment.undone:
        return []
    if not any(one.ref == capture and one.refunded >= amount for one in payment.captures):
        return _no(payment, f"{amount} of {capture} was never given back")
    failed = RefundFailed(
        payment=payment.payment,
        time_us=now_us,
        operation=operation,
        capture=capture,
        amount=amount,
        reason=reason,
    )
    return [failed]


# ---- disputes ----------------------------------------------------------------------------------


def open_dispute(payment: Payment, *, dispute: str, amount: int, now_us: int) -> Decision:
    """A bank took money back; news of a dispute that is known says nothing new."""
    if any(known.dispute == dispute for known in payment.disputes):
        return []
    if not 0 < amount <= payment.captured:
        return _no(payment, f"a dispute of {amount}, {payment.captured} was taken")
    opened = DisputeOpened(payment=payment.payment, time_us=now_us, dispute=dispute, amount=amount)
    return [opened]


def close_dispute(
    payment: Payment, *, dispute: str, amount: int, won: bool, now_us: int
) -> Decision:
    """A bank decided; it may say so before it said that there was a dispute."""
    known = next((known for known in payment.disputes if known.dispute == dispute), None)
    if known is not None and known.won is not None:
        return []
    opened = open_dispute(payment, dispute=dispute, amount=amount, now_us=now_us)
    if isinstance(opened, No):
        return opened
    closed = DisputeClosed(payment=payment.payment, time_us=now_us, dispute=dispute, won=won)
    return [*opened, closed]


def _no(payment: Payment, why: str) -> No:
    return No(f"payment {payment.payment} is {payment.state}: {why}")
