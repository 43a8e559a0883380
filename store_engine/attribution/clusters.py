"""Simultaneous steps of neighbouring plates, and the ways to divide them into parts.

A *cluster* is a set of steps that may have one cause: neighbouring plates, about the same
moment. A *part* is a run of its steps that one movement of goods explains: an item that straddles
two plates changes both. A *shape* is one division of a cluster into parts; explanations compare
all shapes ("one 1 L bottle on two plates" against "two small items, one on each").
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from store_engine.attribution.naming import Named
from store_engine.attribution.reach import Reach
from store_engine.signals import WeightStep
from store_engine.units import Gtin, MessageRef, PlateId, TrackId, to_us

ALL_SHAPES_MAX = 4  # steps; larger clusters are divided into singles and single pairs only
CROSSTALK = 0.015  # of a change shows on neighbouring plates (measured: about 1 %)

STRADDLES = math.log(0.3)  # goods stand on two plates (guess)
STRADDLES_OPPOSED = math.log(0.03)  # ... and one of them got heavier meanwhile (guess)
SPLIT_MIN_G = 50.0  # a split is spread evenly over the mass, and over at least this

AT_ONCE_US = to_us(0.4)  # a hand takes this long from one place to the next (guess)
LIKELY_NATS = 4.6  # people this much less likely than the likeliest are not (1 %; guess)

Order = tuple[int, str, int]  # names a step, and orders steps by event time


class Evidence:
    """One step and everybody who may have caused it, by the moves heard so far. Immutable.

    Compared by identity: who judges a step again keeps the evidence that did not change.
    """

    __slots__ = ("named", "order", "reach", "step")

    def __init__(
        self, step: WeightStep, reach: tuple[Reach, ...], named: tuple[Named, ...] = ()
    ) -> None:
        self.step = step
        self.reach = reach  # by track
        self.named = named  # what cameras saw in their hands, by track
        self.order = order_of(step)


def order_of(step: WeightStep) -> Order:
    """Return what orders steps, totally, by event time."""
    return (step.moment_us, step.plate, step.began_us)


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Steps explained by one movement of goods."""

    run: tuple[int, int]  # [first, last) among the steps of its cluster along the shelf
    evidence: tuple[Evidence, ...]  # along the shelf
    change_g: float
    var_g2: float
    crosstalk_g: float  # the largest change on neighbouring plates outside the part
    log_split: float  # log density of how the change is divided over the plates

    @cached_property
    def plates(self) -> tuple[PlateId, ...]:
        """The plates that changed, along the shelf."""
        return tuple(dict.fromkeys(one.step.plate for one in self.evidence))

    @cached_property
    def main_plate(self) -> PlateId:
        """The plate that changed most."""
        return max(self.evidence, key=lambda one: abs(one.step.change_g)).step.plate

    @cached_property
    def reach(self) -> tuple[Reach, ...]:
        """The best reach of every candidate over the part's plates, by track."""
        best: dict[TrackId, Reach] = {}
        for one in self.evidence:
            for reach in one.reach:
                if reach.track not in best or reach.log_ratio > best[reach.track].log_ratio:
                    best[reach.track] = reach
        return tuple(best[track] for track in sorted(best))

    @cached_property
    def named(self) -> Mapping[TrackId, Named]:
        """What cameras saw in the hands of every candidate, by the first plate that has any."""
        return {named.track: named for one in reversed(self.evidence) for named in one.named}

    def log_named(self, track: TrackId, gtin: Gtin) -> float:
        """Return what names in somebody's hand add for a product; 0 where there are none."""
        named = self.named.get(track)
        return 0.0 if named is None else named.log_ratio(gtin)


class Cluster:
    """Steps that may have one cause, and every shape they may have. Immutable.

    Compared by identity: `Grouping` makes one cluster only of the same evidence.
    """

    def __init__(self, evidence: tuple[Evidence, ...], place: Mapping[PlateId, int]) -> None:
        self.evidence = evidence  # in order of moment
        along = tuple(sorted(evidence, key=lambda one: (place[one.step.plate], one.order)))
        self.shapes = tuple(
            tuple(_part(along, first, last) for first, last in shape)
            for shape in _shapes(len(along))
            if _is_joined(along, shape, place)
        )

    @property
    def order(self) -> Order:
        """The order of its first step; no two clusters share a step."""
        return self.evidence[0].order

    @property
    def orders(self) -> list[Order]:
        """What names it: its steps."""
        return [one.order for one in self.evidence]

    @property
    def moment_us(self) -> int:
        """The moment of its first step."""
        return self.evidence[0].step.moment_us

    @property
    def tracks(self) -> tuple[TrackId, ...]:
        """Everybody who may have caused any of it, sorted."""
        return self._tracks

    @cached_property
    def _tracks(self) -> tuple[TrackId, ...]:
        return tuple(sorted({reach.track for one in self.evidence for reach in one.reach}))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every distinct part of its shapes."""
        parts = {part.run: part for shape in self.shapes for part in shape}
        return tuple(parts[run] for run in sorted(parts))

    @cached_property
    def likely(self) -> frozenset[TrackId]:
        """Who is not much less likely than somebody else to have caused any of it, by reach."""
        everybody = [reach for one in self.evidence for reach in one.reach]
        ranked = sorted(everybody, key=lambda reach: reach.log_ratio)
        best = {reach.track: reach.log_ratio for reach in ranked}
        floor = max(best.values(), default=0.0) - LIKELY_NATS
        return frozenset(track for track, log_ratio in best.items() if log_ratio >= floor)

    def is_at_once_with(self, other: "Cluster") -> bool:
        """Whether nobody could be at both with the same hand."""
        return abs(self.moment_us - other.moment_us) <= AT_ONCE_US

    def told(self, track: TrackId) -> Iterator[tuple[int, MessageRef]]:
        """Yield (time, message) of all that tells what somebody did in it."""
        for one in self.evidence:
            yield from ((one.step.moment_us, ref) for ref in one.step.causes)
            yield from ((r.time_us, r.cause) for r in one.reach if r.track == track)


def _shapes(count: int) -> list[list[tuple[int, int]]]:
    """Return ways to cut `count` steps into runs [first, last)."""
    singles = [(at, at + 1) for at in range(count)]
    if count > ALL_SHAPES_MAX:
        pairs = [[*singles[:at], (at, at + 2), *singles[at + 2 :]] for at in range(count - 1)]
        return [singles, *pairs]
    shapes = []
    for cuts in range(2 ** (count - 1)):
        ends = [at + 1 for at in range(count - 1) if not cuts >> at & 1]
        shapes.append(list(pairwise([0, *ends, count])))
    return shapes


def _is_joined(
    along: tuple[Evidence, ...], shape: list[tuple[int, int]], place: Mapping[PlateId, int]
) -> bool:
    """Whether every run consists of plates that follow each other, or are the same."""
    return all(
        place[b.step.plate] - place[a.step.plate] <= 1
        for first, last in shape
        for a, b in pairwise(along[first:last])
    )


def _part(along: tuple[Evidence, ...], first: int, last: int) -> Part:
    run = along[first:last]
    changes = [one.step.change_g for one in run]
    beside = [abs(one.step.change_g) for one in (*along[:first][-1:], *along[last : last + 1])]
    log_split = 0.0
    if len(run) > 1:
        opposed = min(changes) < 0.0 < max(changes)
        spread_g = max(SPLIT_MIN_G, abs(sum(changes)))
        log_split = STRADDLES_OPPOSED if opposed else STRADDLES
        log_split -= (len(run) - 1) * math.log(spread_g)
    return Part(
        run=(first, last),
        evidence=run,
        change_g=sum(changes),
        var_g2=sum(one.step.std_g**2 for one in run),
        crosstalk_g=max(beside, default=0.0),
        log_split=log_split,
    )
