"""What the till answers."""

from typing import Literal, NamedTuple

from store_engine.payments import DEBTS, Payment, decide
from store_engine.ports import ChargeOutcome
from store_engine.units import format_money

NEVER_PAYS = "staff and testers never pay"


class Entry(NamedTuple):
    """Whether somebody may come in on a payment."""

    outcome: Literal["held", "declined", "closed"]
    reason: str = ""

    @property
    def accepted(self) -> bool:
        """Whether they may come in."""
        return self.outcome == "held"

    @property
    def closed(self) -> bool:
        """The party's last visit is being settled: the account needs a new party."""
        return self.outcome == "closed"


class Adjusted(NamedTuple):
    """What is held for a party after it was asked to be another amount."""

    outcome: Literal["done", "declined", "waiting", "refused"]
    held: int  # minor units; 0 while waiting and when refused
    reason: str = ""


class Refunded(NamedTuple):
    """What became of a refund."""

    outcome: Literal["done", "waiting", "declined", "refused"]
    amount: int  # minor units given back, or forgiven where they were still owed
    reason: str = ""


def charge_outcome(payment: Payment) -> ChargeOutcome:
    """Return what a charge came to."""
    if payment.free:
        return ChargeOutcome("released", 0, "", NEVER_PAYS)
    ref = payment.captures[-1].ref if payment.captures else ""
    if payment.state in (*DEBTS, "owing", "written off"):
        return ChargeOutcome("declined", payment.captured, ref, _debt(payment))
    return ChargeOutcome("charged", payment.owed or 0, ref, "")


def refund_outcome(payment: Payment, refund: str) -> Refunded:
    """Return what a refund came to; one that was answered in part is what was given back."""
    parts = [asked for asked in payment.asked if asked.request == refund]
    if any(asked.operation not in payment.answered for asked in parts):
        return Refunded("waiting", 0, "the provider has not answered yet")
    answers = [payment.answered[asked.operation] for asked in parts]
    kept = [answer for answer in answers if answer.operation not in payment.undone]
    given = sum(answer.amount for answer in kept) + payment.forgiven.get(refund, 0)
    if given == decide.refund_of(payment, refund):
        return Refunded("done", given)
    reasons = [answer.reason for answer in answers if answer.outcome == "declined"]
    return Refunded("declined", given, reasons[0] if reasons else "the refund came back")


def _debt(payment: Payment) -> str:
    why = payment.declined or "no payment method"
    if not payment.captured:
        return why
    still = format_money(payment.outstanding, currency=payment.currency, exponent=payment.exponent)
    return f"{why}; {still} still to be paid"
