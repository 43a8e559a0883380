"""Who may have taken what from a part, as far as no account of earlier clusters is needed."""

import math
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import permutations
from operator import itemgetter
from typing import NamedTuple

from store_engine.attribution.clusters import Part
from store_engine.attribution.goods import TAKEN, Bundle, Goods, log_count, log_nothing
from store_engine.attribution.mass import Unit
from store_engine.attribution.reach import Reach
from store_engine.units import Gtin, TrackId

TAKES_MAX = 24  # kept per part
TAKES_NATS = 8.0  # those this much less likely than the best are dropped (3e-4; guess)
SHARED = math.log(0.15)  # somebody else acts there at the same moment (guess, tuned in benchmarks)
TWO_ACTS = TAKEN + 2 * log_count(1) - log_count(2)  # two take one each, against one taking two


class Take(NamedTuple):
    """Goods leaving a part's plates in somebody's hands; `log_weight` is without reach."""

    log_weight: float
    grabs: tuple[tuple[Reach, Gtin, tuple[Unit, ...]], ...]
    recalled: bool  # a stray that somebody left who is gone already

    @property
    def weight_alone(self) -> float:
        """Its log weight if nobody did anything else meanwhile."""
        weight, acted = self.log_weight, set[TrackId]()
        for reach, _, _ in self.grabs:
            weight += reached(reach, acted)
            acted.add(reach.track)
        return weight


def takes_of(part: Part, goods: Goods) -> list[Take]:
    """Return who may have taken what from a part, best first."""
    if part.change_g >= 0.0:
        return []
    floor = log_nothing(part) - TAKES_NATS
    ranked: list[tuple[float, Take]] = []
    for bundle in goods.bundles(part):
        for weight, take in _takes(bundle, part, floor):
            ranked.append((weight, take))
            floor = max(floor, weight - TAKES_NATS)
    ranked.sort(key=itemgetter(0), reverse=True)
    return [take for weight, take in ranked[:TAKES_MAX] if weight >= floor]


def reached(reach: Reach, acted: AbstractSet[TrackId]) -> float:
    """Return what reach adds for somebody, given who else acted in the same cluster.

    Being near speaks once for each person, not once for each piece; and of two people near, one
    seldom acts at the very moment the other does.
    """
    if reach.track in acted:
        return min(0.0, reach.log_ratio)
    return reach.log_ratio + SHARED if acted else reach.log_ratio


def _takes(bundle: Bundle, part: Part, floor: float) -> Iterator[tuple[float, Take]]:
    """Return who may have taken a bundle, with the weights alone, from `floor` up."""
    weight = bundle.log_weight + part.log_split
    for one in part.reach:
        held = sum(part.log_named(one.track, gtin) for gtin, _ in bundle.items)
        alone = weight + held + one.log_ratio
        for _ in bundle.items[1:]:
            alone += reached(one, {one.track})
        if alone >= floor:
            grabs = tuple((one, gtin, units) for gtin, units in bundle.items)
            yield alone, Take(weight + held, grabs, bundle.stray)
    pieces = [(gtin, (unit,)) for gtin, units in bundle.items for unit in units]
    if len(pieces) == 2:
        same = pieces[0][0] == pieces[1][0]
        for a, b in permutations(part.reach, 2):
            held = part.log_named(a.track, pieces[0][0]) + part.log_named(b.track, pieces[1][0])
            apart = weight + held + (TWO_ACTS if same else 0.0)
            alone = apart + a.log_ratio + (b.log_ratio + SHARED)
            if alone >= floor and (not same or a.track < b.track):
                grabs = ((a, *pieces[0]), (b, *pieces[1]))
                yield alone, Take(apart, grabs, bundle.stray)
