"""Do the books tell the truth? Every payment is told again from its words and compared."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from store_engine.payment_events import PaymentEvent
from store_engine.payments import fold
from store_engine.payments.ledger import Balance, balance
from store_engine.ports.office import PaymentRow


class Currency(NamedTuple):
    """What amounts are counted in."""

    code: str
    exponent: int


def differences(row: PaymentRow, events: Sequence[PaymentEvent]) -> list[str]:
    """Return how a payment's row differs from what its words say, one line each."""
    told = fold(events)
    hold = told.hold.amount if told.hold else 0
    figures = {
        "state": (row.state, told.state),
        "held": (row.held, hold),
        "owed": (row.owed, told.owed or 0),
        "captured": (row.captured, told.captured),
        "refunded": (row.refunded, told.refunded),
    }
    missing = balance(events).difference
    wrong = [f"{name} is {has}, told {is_}" for name, (has, is_) in figures.items() if has != is_]
    wrong += [f"the ledger is out by {missing}"] if missing else []
    return [f"payment {row.payment}: {line}" for line in wrong]


def inspect(
    payments: Iterable[tuple[PaymentRow, Sequence[PaymentEvent]]],
) -> tuple[dict[Currency, Balance], list[str]]:
    """Return where the money of all payments is, by currency, and every difference found."""
    totals: dict[Currency, Balance] = {}
    wrong: list[str] = []
    for row, events in payments:
        wrong += differences(row, events)
        currency = Currency(row.currency, row.exponent)
        one = balance(events)
        before = totals.get(currency)
        totals[currency] = one if before is None else _sum(before, one)
    return totals, wrong


def _sum(one: Balance, other: Balance) -> Balance:
    return Balance(*(a + b for a, b in zip(one, other, strict=True)))
