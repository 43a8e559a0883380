"""Receipts against the truth, by the competition's rule: shopper and product must both be right.

Source of the rule: AutoCheckout competition, CPS-IoT Week 2020; see docs/guide.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store_engine.messages import Receipt

Basket = Mapping[str, int]  # GTIN -> quantity
Baskets = Mapping[str, Basket]  # account -> basket


@dataclass(frozen=True, kw_only=True)
class Score:
    """Counts that add up over sessions; every rate is derived from them."""

    right: int = 0  # items on the right shopper's receipt
    extra: int = 0  # items on a receipt that should not be there
    missing: int = 0  # items that should be on a receipt and are not
    exact: int = 0  # shoppers whose basket is entirely right
    shoppers: int = 0
    money_wrong: int = 0  # sum over shoppers of |charged - owed|, minor units
    money_owed: int = 0
    money_over: int = 0  # the part of `money_wrong` that shoppers were charged too much

    def __add__(self, other: "Score") -> "Score":
        return Score(
            right=self.right + other.right,
            extra=self.extra + other.extra,
            missing=self.missing + other.missing,
            exact=self.exact + other.exact,
            shoppers=self.shoppers + other.shoppers,
            money_wrong=self.money_wrong + other.money_wrong,
            money_owed=self.money_owed + other.money_owed,
            money_over=self.money_over + other.money_over,
        )

    @property
    def precision(self) -> float:
        """Share of receipt items that are right; 1 when there are none."""
        return _share(self.right, self.right + self.extra)

    @property
    def recall(self) -> float:
        """Share of true items that are on the right receipt; 1 when there are none."""
        return _share(self.right, self.right + self.missing)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _share(2 * self.right, 2 * self.right + self.extra + self.missing)

    @property
    def exact_share(self) -> float:
        """Share of shoppers whose receipt is entirely right."""
        return _share(self.exact, self.shoppers)

    @property
    def money_error(self) -> float:
        """Money on wrong receipts as a share of the money owed."""
        return self.money_wrong / self.money_owed if self.money_owed else float(self.money_wrong)


def baskets_of(receipts: Iterable[Receipt]) -> dict[str, Counter[str]]:
    """Return what each account was charged for."""
    baskets: dict[str, Counter[str]] = {}
    for receipt in receipts:
        basket = baskets.setdefault(receipt.account, Counter())
        for line in receipt.lines:
            if line.charged:
                basket[line.gtin] += line.quantity
    return baskets


def score(*, charged: Baskets, owed: Baskets, prices: Mapping[str, int]) -> Score:
    """Compare what accounts were charged for with what they owe. Prices in minor units."""
    total = Score()
    for account in sorted({*charged, *owed}):
        total += _score_one(charged.get(account, {}), owed.get(account, {}), prices)
    return total


def same_basket(one: Basket, other: Basket) -> bool:
    """Return whether two baskets hold the same; products counted 0 times do not matter."""
    return {g: n for g, n in one.items() if n} == {g: n for g, n in other.items() if n}


def _score_one(charged: Basket, owed: Basket, prices: Mapping[str, int]) -> Score:
    right = sum(min(quantity, owed.get(gtin, 0)) for gtin, quantity in charged.items())
    charged_money = sum(prices[gtin] * quantity for gtin, quantity in charged.items())
    owed_money = sum(prices[gtin] * quantity for gtin, quantity in owed.items())
    return Score(
        right=right,
        extra=sum(charged.values()) - right,
        missing=sum(owed.values()) - right,
        exact=int(same_basket(charged, owed)),
        shoppers=1,
        money_wrong=abs(charged_money - owed_money),
        money_owed=owed_money,
        money_over=max(0, charged_money - owed_money),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
