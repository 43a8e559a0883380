"""What one cluster contributes to the book: whom it concerns, what it supplies and leaves."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.groups import Stage
from store_engine.attribution.guests import Guest
from store_engine.attribution.history import Holder
from store_engine.attribution.readings import Gain, Run
from store_engine.attribution.supplies import Supplies, Supply
from store_engine.units import Gtin, PlateId, TrackId

NOBODY: Holder = ""  # stands for the carts of a cluster that nobody was near


class Stray(NamedTuple):
    """A piece that a cluster may have left in a wrong place."""

    plate: PlateId
    gtin: Gtin
    unit_g: float
    log_share: float  # how much less likely than something else, <= 0


class Entry:
    """What one cluster contributes to the book. Immutable once it is entered."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.fills = dict(zip(stage.cluster.tracks, stage.holders, strict=True))  # whose cart
        self.holders = sorted(set(stage.holders)) or [NOBODY]
        self.supplies: Mapping[Holder, Supplies] = {}  # by its own reading
        self.more: dict[Supply, None] = {}  # ... and by what others left; keeps its order
        self.strays: dict[Stray, None] = {}
        self.guests: dict[Guest, float] = {}  # with how much less likely than something else
        self.tied: set[int] = set()  # to which earlier clusters

    def concern(self, holder: Holder) -> None:
        """Note that it may concern one more cart, whoever was near."""
        if holder not in self.holders:
            self.holders = sorted([*self.holders, holder])

    @cached_property
    def supplied(self) -> Sequence[tuple[Holder, Supplies]]:
        """What it may have put into whose cart."""
        more: dict[Holder, list[Supply]] = {}
        for supply in self.more:
            more.setdefault(supply.holder, []).append(supply)
        return [*((who, Supplies(its)) for who, its in more.items()), *self.supplies.items()]

    @cached_property
    def left_on(self) -> Sequence[PlateId]:
        """The plates on which it may have left what does not belong there."""
        strays = [stray.plate for stray in self.strays]
        return list(dict.fromkeys([*strays, *(guest.plate for guest in self.guests)]))


class Back(NamedTuple):
    """A gain, and (log weight, out of one's own cart, cluster, piece) of all that it may be."""

    gain: Gain
    pieces: Sequence[tuple[float, bool, int, Supply]]

    @property
    def best(self) -> float:
        """The log weight of its likeliest explanation."""
        return max([self.gain.log_nothing, *(weight for weight, _, _, _ in self.pieces)])


def slack_of(
    cluster: Cluster, backs: Iterable[Back], losses: Iterable[tuple[Part, float]]
) -> dict[Run, float]:
    """Return, by part, how much less likely its best shape is than the best of all, <= 0."""
    best = {part.run: weight for part, weight in losses}
    best |= {back.gain.part.run: back.best + back.gain.part.log_split for back in backs}
    shapes = [(sum(best[part.run] for part in shape), shape) for shape in cluster.shapes]
    top = max(weight for weight, _ in shapes)
    found: dict[Run, float] = {}
    for weight, shape in shapes:
        for part in shape:
            found[part.run] = max(weight - top, found.get(part.run, -math.inf))
    return found


def within_reach(part: Part, fills: Mapping[TrackId, Holder]) -> dict[Holder, float]:
    """Return the best reach of every cart's people, as log likelihood ratios."""
    best: dict[Holder, float] = {}
    for reach in part.reach:
        holder = fills[reach.track]
        best[holder] = max(best.get(holder, -math.inf), reach.log_ratio)
    return best
