"""Which units of a basket form the sets of a multi-buy, at the best for the shopper."""

from collections.abc import Sequence
from typing import NamedTuple

from store_engine.promotions import PER_MILLION, MultiBuy, PayFewer


class Unit(NamedTuple):
    """One piece that may be in a set."""

    price: int  # minor units
    else_ppm: int  # what it saves outside of any set, in millionths of a minor unit
    line: int


class Sets(NamedTuple):
    """The units in sets, and what the sets save together."""

    units: tuple[Unit, ...]
    saving: int  # minor units, exact: sets are priced in whole ones


def best_sets(units: Sequence[Unit], offer: MultiBuy) -> Sets:
    """Return the sets that save most, counting what their units would save outside of them.

    Exact: among any chosen units, sets of neighbours in price save most (the cheapest of a set
    are free, so cheap units should not waste dear ones), hence a walk down the prices that
    chooses or leaves each unit, and remembers how far the current set is, sees the best of all.
    Time: units times units of a set. Ties leave units out of sets.
    """
    ordered = sorted(units, key=lambda unit: (-unit.price, unit.line))
    best: list[int | None] = [0] + [None] * (offer.take - 1)  # saving by units in the open set
    walk: list[list[bool]] = []  # for each unit and state after it: was it chosen?
    for unit in ordered:
        best, chosen = _step(best, unit, offer)
        walk.append(chosen)
    picked = _trace(ordered, walk, offer.take)
    return Sets(tuple(picked), _saving(picked, offer))


def _step(
    best: list[int | None], unit: Unit, offer: MultiBuy
) -> tuple[list[int | None], list[bool]]:
    """Return the best savings one unit later, and where choosing it led there."""
    after = [None if saving is None else saving + unit.else_ppm for saving in best]
    chosen = [False] * offer.take
    for place, saving in enumerate(best):
        if saving is None:
            continue
        into = (place + 1) % offer.take
        with_unit = saving + PER_MILLION * _gain(unit.price, place, offer)
        if (known := after[into]) is None or with_unit > known:
            after[into], chosen[into] = with_unit, True
    return after, chosen


def _gain(price: int, place: int, offer: MultiBuy) -> int:
    """What a unit at `place` (from 0, dearest first) of a set saves, in minor units."""
    if isinstance(offer, PayFewer):
        return price if place >= offer.pay else 0
    return price - (offer.price if place == offer.take - 1 else 0)


def _trace(ordered: Sequence[Unit], walk: Sequence[Sequence[bool]], take: int) -> list[Unit]:
    """Follow the choices back from the end, where no set may be open."""
    picked: list[Unit] = []
    place = 0
    for unit, chosen in zip(reversed(ordered), reversed(walk), strict=True):
        if chosen[place]:
            picked.append(unit)
            place = (place - 1) % take
    return picked[::-1]


def _saving(picked: Sequence[Unit], offer: MultiBuy) -> int:
    return sum(_gain(unit.price, index % offer.take, offer) for index, unit in enumerate(picked))
