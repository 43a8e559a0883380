"""What a cluster may have been, as far as no account of other clusters is needed: read once."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from store_engine.attribution.history import Holder
from store_engine.attribution.mass import HANDLING_STD_G, Unit, could_reweigh, log_units
from store_engine.attribution.supplies import Supplies, Supply
from store_engine.attribution.swaps import Swaps
from store_engine.attribution.takes import Take, takes_of
from store_engine.units import Gtin, TrackId

Run = tuple[int, int]  # names a part within its cluster


class Grab(NamedTuple):
    """A product that somebody may have taken in one cluster."""

    track: TrackId
    gtin: Gtin
    unit_g: float
    log_share: float  # how much less likely than the likeliest explanation of its part, <= 0


class PutBack(NamedTuple):
    """Pieces that may have come back."""

    log_weight: float
    quantity: int
    kept: tuple[Unit, ...]  # what stays in the cart


class Gain:
    """A part whose plates got heavier, weighed once against each piece that may have come back."""

    def __init__(self, part: Part, goods: Goods) -> None:
        self.part = part
        self.log_nothing = log_nothing(part) - part.log_split
        self.guest = arriving(part)
        self._goods = goods
        self._std_g = math.sqrt(part.var_g2)
        self._weights: dict[tuple[Gtin, float], float] = {}
        self._backs: dict[tuple[Unit, ...], Sequence[PutBack]] = {}
        self._fits: dict[Supplies, Sequence[tuple[Supply, float]]] = {}

    def fits(self, supplies: Supplies) -> Sequence[tuple[Supply, float]]:
        """Return which pieces may come back here, and the log weight of it.

        More pieces than one cluster supplied may come back together, taken one by one.
        """
        found = self._fits.get(supplies)
        if found is None:
            weights = [(one, self._log_weight(one.gtin, one.unit_g)) for one in supplies.pieces]
            found = tuple((one, weight) for one, weight in weights if weight > -math.inf)
            self._fits[supplies] = found
        return found

    def _log_weight(self, gtin: Gtin, unit_g: float) -> float:
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

    def put_back(self, units: tuple[Unit, ...]) -> Sequence[PutBack]:
        """Return which of the pieces in a cart may have come back here, and how well they fit."""
        backs = self._backs.get(units)
        if backs is None:
            backs = self._backs[units] = tuple(self._put_back(units))
        return backs

    def _put_back(self, units: tuple[Unit, ...]) -> Iterator[PutBack]:
        change_g, var_g2 = self.part.change_g, self.part.var_g2
        for count in range(1, min(len(units), UNITS_MAX) + 1):
            put, kept = _closest(units, change_g, count)
            if could_reweigh(change_g, self._std_g, sum(u.mass_g for u in put) / count, count):
                yield PutBack(log_count(count) + log_units(change_g, var_g2, put), count, kept)


class Reading:
    """One cluster, read part by part, by the planogram and the strays known now."""

    def __init__(self, cluster: Cluster, goods: Goods) -> None:
        self._parts = cluster.parts
        self._tracks = cluster.tracks
        self._supplies: dict[tuple[Holder, ...], Mapping[Holder, Supplies]] = {}
        self._goods = goods
        self.plates = frozenset(one.step.plate for one in cluster.evidence)
        self.settled = {plate: goods.settled_on(plate) for plate in self.plates}

    @cached_property
    def takes(self) -> Mapping[Run, Sequence[Take]]:
        """Who may have taken what, part by part."""
        return {part.run: takes_of(part, self._goods) for part in self._parts}

    def agrees(self, other: "Reading") -> bool:
        """Whether another reading of the same cluster, by other knowledge, says the same."""
        return self.settled == other.settled and self.takes == other.takes

    @cached_property
    def grabs(self) -> Sequence[Grab]:
        """The pieces that somebody may have taken."""
        return _grabs(self.takes.values())

    def supplies(self, holders: tuple[Holder, ...]) -> Mapping[Holder, Supplies]:
        """Return what may have come into whose cart, of the cluster's tracks in their order."""
        found = self._supplies.get(holders)
        if found is None:
            fills = dict(zip(self._tracks, holders, strict=True))
            pieces: dict[Holder, dict[Supply, None]] = {}
            for track, gtin, unit_g, log_share in self.grabs:
                supply = Supply(fills[track], gtin, unit_g, log_share)
                pieces.setdefault(supply.holder, {})[supply] = None
            found = {holder: Supplies(its) for holder, its in pieces.items()}
            self._supplies[holders] = found
        return found

    @cached_property
    def swaps(self) -> Mapping[Run, Swaps]:
        """What may have been exchanged, part by part."""
        return {part.run: Swaps(part, self._goods) for part in self._parts}

    @cached_property
    def gains(self) -> Sequence[Gain]:
        """The parts that got heavier."""
        return [Gain(part, self._goods) for part in self._parts if part.change_g > 0.0]

    @cached_property
    def gain_of(self) -> Mapping[Run, Gain]:
        """The parts that got heavier, by name."""
        return {gain.part.run: gain for gain in self.gains}

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


def _closest(
    units: tuple[Unit, ...], mass_g: float, count: int
) -> tuple[tuple[Unit, ...], tuple[Unit, ...]]:
    """Return (the `count` pieces closest in mass, the rest)."""
    ranked = sorted(range(len(units)), key=lambda at: (abs(units[at].mass_g - mass_g / count), at))
    chosen = set(ranked[:count])
    put = tuple(units[at] for at in ranked[:count])
    return put, tuple(unit for at, unit in enumerate(units) if at not in chosen)
