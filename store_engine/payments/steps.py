"""What comes next for a payment, by itself: the same at the gate, at the exit, after a crash.

Asking somebody who comes in: every method of theirs once, in their order, until one is held.
Taking what is owed: the hold is raised to it; where that is declined, what is held is taken and the
rest is a debt. A debt is taken from every other method, once each; then a link is offered; what
is not paid `WRITE_OFF_S` later is written off. What was taken beyond what is owed (a link and a
method paid at one moment) is given back.
"""

from collections.abc import Sequence

from store_engine.payment_events import (
    LinkOffered,
    Owed,
    PaymentEvent,
    Refused,
    WrittenOff,
)
from store_engine.payments.asking import ask, ask_hold, give_back
from store_engine.payments.payment import SURPLUS, Payment
from store_engine.units import to_us

HOLD_S = 12 * 3_600.0  # a hold is let go after this long: longer than any store is open (guess)
WRITE_OFF_S = 14 * 86_400.0  # a link stays open for two weeks (guess)

DEBTS = ("in debt", "link offered")  # states in which somebody should pay, and has not


def next_step(payment: Payment, methods: Sequence[str], *, now_us: int) -> list[PaymentEvent]:
    """Return what is to be kept next; nothing while the provider is to answer, or all is done.

    methods: names of the account's payment methods, its favourite first.
    """
    if payment.waiting:
        return []
    if payment.surplus:
        return [*give_back(payment, payment.surplus, request=SURPLUS, now_us=now_us)]
    match payment.state:
        case "asking":
            return [_authorise_or_refuse(payment, methods, now_us)]
        case "held" if now_us >= payment.opened_us + to_us(HOLD_S):
            return [owed_nothing(payment, request="", now_us=now_us)]
        case "owing" | "in debt" | "link offered":
            return _settle(payment, methods, now_us)
        case "charged back" if payment.outstanding:
            return [_write_off(payment, "charged back", now_us)]
        case state if payment.hold and state != "held":
            return [ask_hold(payment, "release", 0, now_us=now_us)]
        case _:
            return []


def needs_methods(payment: Payment) -> bool:
    """Whether what comes next depends on the account's payment methods."""
    if payment.waiting or payment.hold:
        return False
    return payment.state in ("asking", "owing", *DEBTS)


def due_us(payment: Payment) -> int | None:
    """Return when `next_step` has something to say, None: never by itself."""
    if payment.waiting or payment.surplus:
        return payment.updated_us
    match payment.state:
        case "held":
            return payment.opened_us + to_us(HOLD_S)
        case "asking" | "leaving" | "owing" | "in debt":
            return payment.updated_us
        case "link offered" if payment.hold is None:
            return payment.linked_us + to_us(WRITE_OFF_S)
        case state if payment.hold or (state == "charged back" and payment.outstanding):
            return payment.updated_us
        case _:
            return None


# ---- coming in ---------------------------------------------------------------------------------


def _authorise_or_refuse(payment: Payment, methods: Sequence[str], now_us: int) -> PaymentEvent:
    tried = {asked.method for asked in payment.asked}
    method = next((method for method in methods if method not in tried), None)
    if method is None:
        reason = payment.declined or "no payment method"
        return Refused(payment=payment.payment, time_us=now_us, reason=reason)
    return ask(payment, "authorise", payment.hold_wanted, now_us=now_us, method=method)


def owed_nothing(payment: Payment, *, request: str, now_us: int) -> Owed:
    """Return the word that nothing was taken; what is held is let go after it."""
    return Owed(payment=payment.payment, time_us=now_us, request=request, receipt="", amount=0)


# ---- the exit ----------------------------------------------------------------------------------


def _settle(payment: Payment, methods: Sequence[str], now_us: int) -> list[PaymentEvent]:
    hold, outstanding = payment.hold, payment.outstanding
    if hold:
        if hold.stale:
            return [ask_hold(payment, "release", 0, now_us=now_us)]
        if hold.amount < outstanding and hold.method not in payment.spent:
            return [ask_hold(payment, "adjust", outstanding, now_us=now_us)]
        taken = min(hold.amount, outstanding)
        return [ask_hold(payment, "capture", taken, now_us=now_us)]
    method = next((method for method in methods if method not in payment.spent), None)
    if method is not None:
        return [ask(payment, "authorise", outstanding, now_us=now_us, method=method)]
    if payment.state != "link offered":
        link = f"{payment.payment}/link"
        offer = LinkOffered(payment=payment.payment, time_us=now_us, link=link, amount=outstanding)
        return [offer]
    if now_us >= payment.linked_us + to_us(WRITE_OFF_S):
        return [_write_off(payment, "not paid by link", now_us)]
    return []


def _write_off(payment: Payment, reason: str, now_us: int) -> WrittenOff:
    return WrittenOff(
        payment=payment.payment, time_us=now_us, amount=payment.outstanding, reason=reason
    )
