"""Carts as a retailer priced them: do they add up? Pure.

    priceTotal = subTotal - promotionsTotal + salesTaxTotal

That is what the published sample shows (1.00 - 0.01 + 0.00 = 0.99). Deposits and fees are taken to
be in the subTotal, and lines are not summed: how they round is not published (inferred).
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from store_engine.errors import RequestError
from store_engine.ports.trips import minor_units


class Money(NamedTuple):
    """An amount as the retailer wrote it, in major units."""

    amount: Decimal
    currency: str


class Totals(NamedTuple):
    """What a cart comes to."""

    price: Money
    sub: Money
    promotions: Money
    sales_tax: Money


class PricedCart(NamedTuple):
    """A trip's cart, priced by the retailer."""

    trip: str
    totals: Totals
    amounts: Sequence[tuple[str, Money]]  # every other amount in it, with where it stands
    digest: str


def checked_minor(money: Money, *, what: str, currency: str, exponent: int) -> int:
    """Return an amount in minor units.

    Raises:
        RequestError: it is of another currency, or not rounded to this one.
    """
    if money.currency != currency:
        raise RequestError(f"{what}: this store takes {currency}")
    try:
        return minor_units(money.amount, exponent)
    except ValueError as error:
        raise RequestError(f"{what}: {error}") from error


def checked_total(cart: PricedCart, *, currency: str, exponent: int) -> int:
    """Return what a cart comes to, in minor units, if it adds up.

    Raises:
        RequestError: names what is wrong and where.
    """

    def minor(what: str, money: Money) -> int:
        return checked_minor(money, what=what, currency=currency, exponent=exponent)

    for where, money in cart.amounts:
        minor(where, money)
    names = ("priceTotal", "subTotal", "promotionsTotal", "salesTaxTotal")
    price, sub, promotions, tax = (
        minor(f"orderTotals.{name}", money) for name, money in zip(names, cart.totals, strict=True)
    )
    if min(price, sub, promotions, tax) < 0:
        raise RequestError("orderTotals: no total may be below 0")
    if price != sub - promotions + tax:
        raise RequestError(
            "orderTotals: priceTotal must be subTotal - promotionsTotal + salesTaxTotal"
        )
    return price
