"""Payments: the life of a payment, decided [money, in minor units].

    what somebody wants ─▶ decide ─▶ words | No(reason)
    what comes next by itself ─▶ next_step ─▶ words
    words ─▶ apply ─▶ Payment (its state by `MOVES`)        words ─▶ balance ─▶ Balance

The office keeps the words, asks the provider what `Asked` says, and keeps what it `Answered`. The
first payment of a party has its name; whoever comes in again while the first is being settled gets
a second one, "<party>.2", with an authorisation of its own.
"""

from store_engine.payments.decide import Decision, No
from store_engine.payments.fold import apply, fold
from store_engine.payments.ledger import Balance, balance
from store_engine.payments.payment import SURPLUS, Capture, Dispute, Hold, Payment
from store_engine.payments.steps import DEBTS, HOLD_S, WRITE_OFF_S, due_us, needs_methods, next_step
from store_engine.payments.table import MOVES, Move, State

__all__ = [
    "DEBTS",
    "HOLD_S",
    "MOVES",
    "SURPLUS",
    "WRITE_OFF_S",
    "Balance",
    "Capture",
    "Decision",
    "Dispute",
    "Hold",
    "Move",
    "No",
    "Payment",
    "State",
    "apply",
    "balance",
    "due_us",
    "fold",
    "needs_methods",
    "next_step",
]
