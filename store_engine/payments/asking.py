"""Questions to the provider, each under a name of its own: the idempotency key."""

from store_engine.errors import InvariantError
from store_engine.payment_events import Asked, Operation
from store_engine.payments.payment import Capture, Payment


def ask(
    payment: Payment, kind: Operation, amount: int, *, now_us: int, method: str = "", on: str = ""
) -> Asked:
    """Return the payment's next question, under a name that none had before."""
    return Asked(
        payment=payment.payment,
        time_us=now_us,
        operation=_name(payment, kind, 1),
        kind=kind,
        amount=amount,
        method=method,
        on=on,
    )


def ask_hold(payment: Payment, kind: Operation, amount: int, *, now_us: int) -> Asked:
    """Return the next question about what is held.

    Raises:
        InvariantError: nothing is held.
    """
    if payment.hold is None:
        raise InvariantError(f"payment {payment.payment}: {kind} of a hold, and there is none")
    hold = payment.hold
    return ask(payment, kind, amount, now_us=now_us, method=hold.method, on=hold.ref)


def give_back(
    payment: Payment,
    amount: int,
    *,
    request: str,
    now_us: int,
    reason: str = "",
    lines: tuple[str, ...] = (),
) -> list[Asked]:
    """Return the questions that give back `amount`, from the latest capture backwards.

    Less than `amount` where less is left to give back.
    """
    asked: list[Asked] = []
    for capture in reversed(payment.captures):
        part = min(amount, _left(payment, capture))
        if part > 0:
            asked.append(
                Asked(
                    payment=payment.payment,
                    time_us=now_us,
                    operation=_name(payment, "refund", len(asked) + 1),
                    kind="refund",
                    amount=part,
                    on=capture.ref,
                    reason=reason,
                    request=request,
                    lines=lines,
                )
            )
            amount -= part
    return asked


def _left(payment: Payment, capture: Capture) -> int:
    """Return what of a capture is neither refunded nor being refunded."""
    waiting = sum(asked.amount for asked in payment.waiting if asked.on == capture.ref)
    return capture.amount - capture.refunded - waiting


def _name(payment: Payment, kind: Operation, place: int) -> str:
    return f"{payment.payment}/{kind}/{len(payment.asked) + place}"
