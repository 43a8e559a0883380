"""What a basket costs: a pure function of the basket, the price book and the shopper.

    items ─▶ shelf amounts ─▶ promotions ─▶ vouchers ─▶ taxes, line by line ─▶ totals are sums
             (one rounding    (one rounding each,        (one rounding
              a line)          shared out over lines)     a line)

Everything is whole minor units; ties in rounding go to the even one. Promotions and vouchers lower
the price as it stands on the shelf, so where a tax is added to prices, it is added afterwards.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from store_engine.catalog import Catalog, Product, half_even
from store_engine.checkout.pricing_offers import Weighed, apply_promotions
from store_engine.checkout.pricing_shares import share_out
from store_engine.messages import Reduction
from store_engine.promotions import PER_MILLION, Shopper, Voucher


class Item(NamedTuple):
    """One line to be priced."""

    gtin: str
    quantity: int
    measured_g: float | None = None  # what a scale says all of it weighs


class PricedLine(NamedTuple):
    """What one line costs. All money in minor units."""

    product: Product
    quantity: int
    mass_g: int | None  # grams charged; None: sold by the piece
    amount: int  # at shelf prices
    reductions: tuple[Reduction, ...]
    tax: int  # on, or contained in, what the reductions leave of `amount`
    tax_included: bool
    owed: int  # what the shopper pays for it

    @property
    def discount(self) -> int:
        """The sum of its reductions, 0 or below."""
        return sum(reduction.amount for reduction in self.reductions)


class PricedBasket(NamedTuple):
    """What a basket costs: every total is the sum of its lines."""

    lines: tuple[PricedLine, ...]  # in the order of the items
    redeemed: tuple[str, ...]  # ids of the vouchers it used up

    @property
    def owed(self) -> int:
        """What the shopper pays."""
        return sum(line.owed for line in self.lines)


def price(items: Sequence[Item], book: Catalog, shopper: Shopper, *, at_us: int) -> PricedBasket:
    """Return what `items` cost a shopper whose visit started `at_us`.

    Each product is on one line at most. The order of the items changes nothing but the order of
    the lines. Which promotion a unit gets: see `pricing_offers`; vouchers: see `_redeem`.

    Raises:
        InvariantError: a product is unknown, or its tax class has no rate.
    """
    order = sorted(range(len(items)), key=lambda index: items[index].gtin)
    lines = [_weigh(items[index], book) for index in order]
    reductions = apply_promotions(lines, book, shopper, at_us=at_us)
    reductions, redeemed = _redeem(lines, reductions, shopper.vouchers, at_us=at_us)
    priced = {
        index: _tax(line, reduced, book)
        for index, line, reduced in zip(order, lines, reductions, strict=True)
    }
    return PricedBasket(tuple(priced[index] for index in range(len(items))), redeemed)


def at_shelf_price(item: Item, book: Catalog) -> PricedLine:
    """Return what a line costs without promotions, to nobody in particular."""
    return _tax(_weigh(item, book), (), book)


def _weigh(item: Item, book: Catalog) -> Weighed:
    product = book.product(item.gtin)
    mass_g = product.charged_mass_g(item.quantity, item.measured_g)
    return Weighed(product, item.quantity, mass_g, product.amount(item.quantity, mass_g))


def _redeem(
    lines: Sequence[Weighed],
    reductions: list[tuple[Reduction, ...]],
    vouchers: Iterable[Voucher],
    *,
    at_us: int,
) -> tuple[list[tuple[Reduction, ...]], tuple[str, ...]]:
    """Return the reductions with the vouchers' added, and the ids of those used up.

    Shares come before amounts, since a share of more is more; the greatest share first. Then
    amounts, those that run out first, then the smallest. A voucher takes off what is left at
    most (it never gives change), and one that finds nothing left stays good.
    """
    left = {
        index: line.amount + sum(reduction.amount for reduction in reductions[index])
        for index, line in enumerate(lines)
    }
    redeemed: list[str] = []
    for voucher in sorted(_good(vouchers, at_us), key=_turn):
        owed = sum(left.values())
        share = half_even(owed * voucher.rate_ppm, PER_MILLION)
        off = min(owed, voucher.amount or share)
        if not off:
            continue
        redeemed.append(voucher.voucher)
        for index, amount in share_out(off, left).items():
            left[index] -= amount
            if amount:
                reductions[index] += (_reduction(voucher, amount),)
    return reductions, tuple(redeemed)


def _good(vouchers: Iterable[Voucher], at_us: int) -> Iterable[Voucher]:
    by_id = {voucher.voucher: voucher for voucher in vouchers}  # one presented twice is one
    return (one for one in by_id.values() if one.until_us is None or at_us < one.until_us)


def _turn(voucher: Voucher) -> tuple[bool, int, bool, int, int, str]:
    return (
        bool(voucher.amount),
        -voucher.rate_ppm,
        voucher.until_us is None,
        voucher.until_us or 0,
        voucher.amount,
        voucher.voucher,
    )


def _reduction(voucher: Voucher, amount: int) -> Reduction:
    return Reduction(kind="voucher", id=voucher.voucher, name=voucher.name, amount=-amount)


def _tax(line: Weighed, reductions: tuple[Reduction, ...], book: Catalog) -> PricedLine:
    left = line.amount + sum(reduction.amount for reduction in reductions)
    tax = book.tax(left, line.product.tax_class)
    included = book.includes_tax(line.product.tax_class)
    return PricedLine(
        product=line.product,
        quantity=line.quantity,
        mass_g=line.mass_g,
        amount=line.amount,
        reductions=reductions,
        tax=tax,
        tax_included=included,
        owed=left if included else left + tax,
    )
