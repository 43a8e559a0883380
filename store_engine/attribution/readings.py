"""What a cluster may have been, as far as no account of other clusters is needed: read once."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.goods import (
    RETURN_ASTRAY,
    RETURN_HOME,
    RETURNED,
    UNITS_MAX,
    Goods,
    log_count,
    log_nothing,
)
from store_engine.attribution.guests import arriving
from store_engine.attribution.mass import HANDLING_STD_G, Unit, could_reweigh, log_units
from store_engine.attribution.takes import Take, takes_of
from store_engine.units import Gtin, TrackId

Run = tuple[int, int]  # names a part within its cluster


class Grab(NamedTuple):
    """A product that somebody may have taken in one cluster."""

    track: TrackId
    gtin: Gtin
    unit_g: float
    log_share: float  # how much less likely than the likeliest explanation of its part, <= 0


class Gain:
    """A part whose plates got heavier, weighed once against each piece that may have come back."""

    def __init__(self, part: Part, goods: Goods) -> None:
        self.part = part
        self.log_nothing = log_nothing(part) - part.log_split
        self.guest = arriving(part)
        self._goods = goods
        self._std_g = math.sqrt(part.var_g2)
        self._weights: dict[tuple[Gtin, float], float] = {}

    def log_weight(self, gtin: Gtin, unit_g: float) -> float:
        """Return the log weight of pieces of `unit_g` coming back here, -inf if they cannot.

        More pieces than one cluster supplied may come back together, taken one by one.
        """
        weight = self._weights.get((gtin, unit_g))
        if weight is None:
            weight = self._weights[gtin, unit_g] = self._weigh(gtin, unit_g)
        return weight

    def _weigh(self, gtin: Gtin, unit_g: float) -> float:
        change_g, var_g2 = self.part.change_g, self.part.var_g2
        nearest = max(1, min(round(change_g / unit_g), UNITS_MAX))
        if not could_reweigh(change_g, self._std_g, unit_g, nearest):
            return -math.inf
        place = RETURN_HOME if self._goods.belongs(gtin, self.part.plates) else RETURN_ASTRAY
        units = (Unit(unit_g, HANDLING_STD_G**2),) * nearest
        return RETURNED + place + log_count(nearest) + log_units(change_g, var_g2, units)


class Reading:
    """One cluster, read part by part, by the planogram and the strays known now."""

    def __init__(self, cluster: Cluster, goods: Goods) -> None:
        self._parts = cluster.parts
        self._goods = goods
        self.plates = frozenset(one.step.plate for one in cluster.evidence)

    @cached_property
    def takes(self) -> Mapping[Run, Sequence[Take]]:
        """Who may have taken what, part by part."""
        return {part.run: takes_of(part, self._goods) for part in self._parts}

    @cached_property
    def grabs(self) -> Sequence[Grab]:
        """The pieces that somebody may have taken."""
        return _grabs(self.takes.values())

    @cached_property
    def gains(self) -> Sequence[Gain]:
        """The parts that got heavier."""
        return [Gain(part, self._goods) for part in self._parts if part.change_g > 0.0]

    @cached_property
    def losses(self) -> Sequence[tuple[Part, float]]:
        """The parts that did not, with the log weight of their best explanation by itself."""
        return [(part, self._best(part)) for part in self._parts if part.change_g <= 0.0]

    def _best(self, part: Part) -> float:
        return max((take.log_weight for take in self.takes[part.run]), default=log_nothing(part))


def _grabs(parts: Iterable[Sequence[Take]]) -> list[Grab]:
    """Return the likeliest way to each (track, product, mass), over all parts."""
    found: dict[tuple[TrackId, Gtin, float], float] = {}
    for takes in parts:
        for take in takes:
            log_share = take.weight_alone - takes[0].weight_alone
            for reach, gtin, units in take.grabs:
                key = (reach.track, gtin, units[0].mass_g)
                found[key] = max(log_share, found.get(key, log_share))
    return [Grab(*key, log_share) for key, log_share in sorted(found.items())]
