"""The books of payments in double entry: every word moves money from one account to another."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from store_engine.payment_events import (
    Answered,
    Asked,
    DisputeClosed,
    DisputeOpened,
    LinkPaid,
    Opened,
    Owed,
    PaymentEvent,
    RefundFailed,
    WrittenOff,
)
from store_engine.payments.payment import SURPLUS

Account: TypeAlias = Literal[
    "sales",  # what was owed, as a negative number: all else adds up to it
    "receivable",  # owed and not paid
    "cash",  # with the provider, for us
    "returns",  # given back
    "disputed",  # with a bank, until it decides
    "charged back",  # lost to a bank
    "bad debt",  # given up
    "waived",  # owed by those who never pay
    "surplus",  # taken beyond what was owed and not given back yet, as a negative number
]


class Balance(NamedTuple):
    """Where the money of some payments is, minor units of one currency.

    owed == cash + returned + disputed + charged_back + outstanding + written_off + waived - surplus
    """

    owed: int
    cash: int
    returned: int
    disputed: int
    charged_back: int
    outstanding: int
    written_off: int
    waived: int
    surplus: int

    @property
    def difference(self) -> int:
        """What is missing: 0, or the books are wrong."""
        accounted = self.cash + self.returned + self.disputed + self.charged_back
        unpaid = self.outstanding + self.written_off + self.waived
        return self.owed + self.surplus - accounted - unpaid


def balance(events: Iterable[PaymentEvent]) -> Balance:
    """Return where the money stands after these words of any payments in one currency."""
    ledgers: dict[str, Ledger] = {}
    for event in events:
        ledgers.setdefault(event.payment, Ledger()).post(event)
    total: Counter[Account] = Counter()
    for ledger in ledgers.values():
        total.update(ledger.accounts)
    return Balance(
        owed=-total["sales"],
        cash=total["cash"],
        returned=total["returns"],
        disputed=total["disputed"],
        charged_back=total["charged back"],
        outstanding=total["receivable"],
        written_off=total["bad debt"],
        waived=total["waived"],
        surplus=-total["surplus"],
    )


class Ledger:
    """The accounts of one payment; their sum is 0 after every word."""

    def __init__(self) -> None:
        self.accounts: Counter[Account] = Counter()
        self._asked: dict[str, Asked] = {}
        self._disputes: dict[str, int] = {}
        self._owes_to: Account = "receivable"

    def post(self, event: PaymentEvent) -> None:
        """Write one word down."""
        match event:
            case Opened(free=True):
                self._owes_to = "waived"
            case Asked():
                self._asked[event.operation] = event
            case Answered(outcome="done"):
                self._answer(event)
            case Owed():
                self._move(event.amount, "sales", self._owes_to)
            case LinkPaid():
                self._take(event.amount)
            case WrittenOff():
                self._move(event.amount, "receivable", "bad debt")
            case RefundFailed():
                self._move(event.amount, "returns", "cash")
            case DisputeOpened():
                self._disputes[event.dispute] = event.amount
                self._move(event.amount, "cash", "disputed")
            case DisputeClosed():
                amount = self._disputes.pop(event.dispute, 0)
                self._move(amount, "disputed", "cash" if event.won else "charged back")
            case _:
                pass

    def _answer(self, event: Answered) -> None:
        asked = self._asked.pop(event.operation, None)
        if asked is None:
            return
        if asked.kind == "capture":
            self._take(event.amount)
        elif asked.kind == "refund":
            self._move(event.amount, "cash", "surplus" if asked.request == SURPLUS else "returns")

    def _take(self, amount: int) -> None:
        """Money came: for what is owed first, then for what was given up, then too much."""
        for account in ("receivable", "bad debt"):
            part = min(amount, self.accounts[account])
            self._move(part, account, "cash")
            amount -= part
        self._move(amount, "surplus", "cash")

    def _move(self, amount: int, origin: Account, destination: Account) -> None:
        self.accounts[origin] -= amount
        self.accounts[destination] += amount
