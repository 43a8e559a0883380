"""A receipt with what became of it: paid or not, what was said about it, what was given back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from store_engine.messages import Receipt, ReceiptLine
from store_engine.office.contests import Contests
from store_engine.office.counter import Case, Paid
from store_engine.office.till import Till
from store_engine.office.till_money import TillMoney
from store_engine.units import format_money
from store_engine.web.doors import ShopDoor

PaymentState: TypeAlias = Literal[
    "charged", "declined", "pending", "nothing owed", "refunded in part", "refunded", "disputed"
]

WORDS: Mapping[PaymentState, tuple[str, str]] = {
    "charged": ("good", "Paid"),
    "declined": ("bad", "Card declined: payment still open"),
    "pending": ("wait", "Payment under way"),
    "nothing owed": ("good", "Nothing to pay"),
    "refunded in part": ("good", "Paid, and refunded in part"),
    "refunded": ("good", "Refunded"),
    "disputed": ("wait", "Disputed with your bank"),
}
_STATES: Mapping[str, PaymentState] = {
    "paid": "charged",
    "refunded in part": "refunded in part",
    "refunded": "refunded",
    "disputed": "disputed",
    "charged back": "disputed",
    "in debt": "declined",
    "link offered": "declined",
    "written off": "declined",
    "waived": "nothing owed",
    "released": "nothing owed",
}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One receipt, as a page or PDF shows it."""

    receipt: Receipt
    paid: PaymentState
    refunded: int = 0  # minor units
    cases: Sequence[Case] = ()  # what was said about it, oldest first

    def money(self, amount: int) -> str:
        """Return minor units as people read them."""
        exponent = self.receipt.currency_exponent
        return format_money(amount, currency=self.receipt.currency, exponent=exponent)

    def amount(self, amount: int) -> str:
        """Return minor units as people read them, without the currency."""
        return self.money(amount).removesuffix(f" {self.receipt.currency}")

    def case_of(self, line: ReceiptLine) -> Case | None:
        """Return what was said about a line."""
        about = (
            case
            for case in self.cases
            if case.opened.gtin == line.gtin and case.opened.claim != "not_charged"
        )
        return next(about, None)

    @property
    def other_cases(self) -> list[Case]:
        """What was said that is about no line."""
        about_lines = {
            case.opened.case for line in self.receipt.lines if (case := self.case_of(line))
        }
        return [case for case in self.cases if case.opened.case not in about_lines]

    def answer(self, case: Case) -> str:
        """Return what became of a case, for whoever opened it."""
        if case.state == "waiting":
            return "Somebody will look at it."
        if case.state != "closed":
            return "The money is on its way."
        if case.moved and case.decision == "refund":
            return f"Refunded: {self.money(case.moved)}. {case.note}".replace("Refunded. ", "")
        if case.moved:
            return f"Charged: {self.money(case.moved)}. {case.note}"
        return case.note


def paper_of(shop: ShopDoor, receipt: Receipt) -> Paper:
    """Return a receipt with what became of it until now."""
    money: Paid = TillMoney(shop.till).paid(receipt)
    return Paper(
        receipt=receipt,
        paid=_paid(shop.till, receipt),
        refunded=money.refunded,
        cases=contests_of(shop).cases(receipt.receipt),
    )


def contests_of(shop: ShopDoor) -> Contests:
    """Return where the receipts of a store are contested."""
    return Contests(shop.counter, shop.casebook, catalog=shop.catalog)


def _paid(till: Till, receipt: Receipt) -> PaymentState:
    if not receipt.total:
        return "nothing owed"
    name = till.charged(receipt.account, receipt=receipt.receipt)
    return "pending" if name is None else _STATES.get(till.payment(name).state, "pending")
