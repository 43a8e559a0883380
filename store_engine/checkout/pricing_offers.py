"""Which promotion each unit of a basket gets: one at most, the best for the shopper.

The rule, in full:

1. Every unit gets at most one promotion: a percentage, the member price, or a place in a set of a
   multi-buy. What is sold by weight is one unit a line, and never in a set.
2. Among all ways to give them out, the one that saves the shopper most counts, reckoned exactly,
   before any rounding. (A product is in one multi-buy at a time: see `price_book`.)
3. Ties go to the single promotion before the set, the member price before percentages, and then
   to the promotion whose id sorts first. The order of the basket means nothing.
4. What a promotion saves is rounded once for the whole basket and shared out over its lines in
   proportion to their amounts in it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from store_engine.catalog import Catalog, Product, half_even
from store_engine.checkout.pricing_sets import Unit, best_sets
from store_engine.checkout.pricing_shares import share_out
from store_engine.messages import Reduction
from store_engine.promotions import (
    MEMBER_PRICE,
    PER_MILLION,
    MultiBuy,
    PercentOff,
    Promotion,
    Shopper,
)


class Weighed(NamedTuple):
    """One line at shelf prices, its mass settled."""

    product: Product
    quantity: int
    mass_g: int | None  # None: sold by the piece
    amount: int  # minor units


class _Single(NamedTuple):
    """The best promotion for the units of a line outside of any set."""

    saving_ppm: int = 0  # millionths of a minor unit, per unit
    promotion: Promotion | None = None  # None with a saving: the member price


def apply_promotions(
    lines: Sequence[Weighed], book: Catalog, shopper: Shopper, *, at_us: int
) -> list[tuple[Reduction, ...]]:
    """Return what promotions take off each line; together never more than its amount."""
    live = [one for one in book.promotions if one.holds(at_us=at_us, member=shopper.member)]
    live.sort(key=lambda one: one.promotion)
    singles = [_single(line, live, shopper) for line in lines]
    taken: list[list[Reduction]] = [[] for _ in lines]
    in_sets = [0] * len(lines)  # units of each line
    for promotion, offer, units in _multi_buys(lines, singles, live):
        sets = best_sets(units, offer)
        weights: dict[int, int] = {}
        for unit in sets.units:
            in_sets[unit.line] += 1
            weights[unit.line] = weights.get(unit.line, 0) + unit.price
        _take(taken, promotion, sets.saving, weights)
    _apply_singles(taken, lines, singles, in_sets)
    return [tuple(reductions) for reductions in taken]


def _single(line: Weighed, live: Iterable[Promotion], shopper: Shopper) -> _Single:
    product, unit_amount = line.product, _unit_amount(line)
    best = _Single()
    if shopper.member and product.member_price is not None:
        saving = unit_amount - product.amount(1, line.mass_g, per=product.member_price)
        best = _Single(max(0, saving) * PER_MILLION)
    for one in live:
        if isinstance(one.offer, PercentOff) and one.on(product.gtin, product.tax_class):
            saving_ppm = unit_amount * one.offer.rate_ppm
            if saving_ppm > best.saving_ppm:
                best = _Single(saving_ppm, one)
    return best


def _unit_amount(line: Weighed) -> int:
    return line.amount if line.mass_g is not None else line.product.price


def _multi_buys(
    lines: Sequence[Weighed], singles: Sequence[_Single], live: Iterable[Promotion]
) -> Iterable[tuple[Promotion, MultiBuy, list[Unit]]]:
    """Yield each multi-buy with the pieces it competes for; a line is in the first that fits."""
    free = {index for index, line in enumerate(lines) if line.mass_g is None}
    for promotion in live:
        if isinstance(promotion.offer, PercentOff):
            continue
        inside = [
            index
            for index in sorted(free)
            if promotion.on(lines[index].product.gtin, lines[index].product.tax_class)
        ]
        free -= set(inside)
        units = [
            Unit(lines[index].product.price, singles[index].saving_ppm, index)
            for index in inside
            for _ in range(lines[index].quantity)
        ]
        yield promotion, promotion.offer, units


def _apply_singles(
    taken: list[list[Reduction]],
    lines: Sequence[Weighed],
    singles: Sequence[_Single],
    in_sets: Sequence[int],
) -> None:
    """Give every unit outside of sets its single promotion, each promotion rounded once."""
    given: dict[str, tuple[Promotion | None, dict[int, int]]] = {}
    for index, (line, single) in enumerate(zip(lines, singles, strict=True)):
        units = 1 if line.mass_g is not None else line.quantity - in_sets[index]
        if units and single.saving_ppm:
            name = single.promotion.promotion if single.promotion else MEMBER_PRICE
            given.setdefault(name, (single.promotion, {}))[1][index] = units * single.saving_ppm
    for name in sorted(given):
        promotion, savings_ppm = given[name]
        saving = half_even(sum(savings_ppm.values()), PER_MILLION)
        _take(taken, promotion, saving, savings_ppm)


def _take(
    taken: list[list[Reduction]], promotion: Promotion | None, saving: int, weights: dict[int, int]
) -> None:
    for index, share in share_out(saving, dict(sorted(weights.items()))).items():
        if share:
            taken[index].append(_reduction(promotion, share))


def _reduction(promotion: Promotion | None, share: int) -> Reduction:
    if promotion is None:
        return Reduction(kind=MEMBER_PRICE, id=MEMBER_PRICE, name="Member price", amount=-share)
    return Reduction(kind="promotion", id=promotion.promotion, name=promotion.name, amount=-share)
