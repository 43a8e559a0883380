"""Simultaneous steps of neighbouring plates, and the ways to divide them into parts.

A *cluster* is a set of steps that may have one cause: neighbouring plates, about the same
moment. A *part* is a run of its steps that one movement of goods explains: an item that straddles
two plates changes both. A *shape* is one division of a cluster into parts; explanations compare
all shapes ("one 1 L bottle on two plates" against "two small items, one on each").
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from store_engine.attribution.reach import Reach
from store_engine.signals import WeightStep
from store_engine.store_map import StoreMap
from store_engine.units import PlateId, ShelfId, TrackId, to_us

TOGETHER_US = to_us(0.5)  # moments of one movement differ by at most this (guess)
CLOSED_US = to_us(10.0)  # nothing joins a cluster that ended this long before (guess)
OVERLAP = 0.5  # or their spans overlap by this share of the shorter one (guess)
ALL_SHAPES_MAX = 4  # steps; larger clusters are divided into singles and single pairs only
CROSSTALK = 0.015  # of a change shows on neighbouring plates (measured: about 1 %)

STRADDLES = math.log(0.3)  # goods stand on two plates (guess)
STRADDLES_OPPOSED = math.log(0.03)  # ... and one of them got heavier meanwhile (guess)
SPLIT_MIN_G = 50.0  # a split is spread evenly over the mass, and over at least this


class Evidence(NamedTuple):
    """One step and everybody who may have caused it, by the moves heard so far."""

    step: WeightStep
    reach: tuple[Reach, ...]  # by track
    heard_until_us: int  # moves up to here are in `reach`; complete once past the window

    @property
    def order(self) -> tuple[int, str, int]:
        """Total order over steps, by event time."""
        return (self.step.moment_us, self.step.plate, self.step.began_us)


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
        return tuple(one.step.plate for one in self.evidence)

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


class Cluster:
    """Steps that may have one cause, and every shape they may have. Immutable."""

    def __init__(self, evidence: tuple[Evidence, ...], place: Mapping[PlateId, int]) -> None:
        self.evidence = evidence  # in order of moment
        self.key = tuple((*one.order, one.heard_until_us) for one in evidence)
        self.moment_us = evidence[0].step.moment_us
        along = tuple(sorted(evidence, key=lambda one: place[one.step.plate]))
        self.shapes = tuple(
            tuple(_part(along, first, last) for first, last in shape)
            for shape in _shapes(len(along))
            if _is_joined(along, shape, place)
        )

    @cached_property
    def tracks(self) -> tuple[TrackId, ...]:
        """Everybody who may have caused any of it, sorted."""
        return tuple(sorted({reach.track for one in self.evidence for reach in one.reach}))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every distinct part of its shapes."""
        parts = {part.run: part for shape in self.shapes for part in shape}
        return tuple(parts[run] for run in sorted(parts))


class Grouping:
    """Groups the steps of one store; remembers where plates lie along their shelf."""

    def __init__(self, store_map: StoreMap) -> None:
        self._shelf = {plate.plate: plate.shelf for plate in store_map.plates.values()}
        self._place = {
            plate: place
            for plates in store_map.shelves.values()
            for place, plate in enumerate(plates)
        }
        self._known: dict[tuple[tuple[tuple[int, str, int], int], ...], list[Cluster]] = {}

    def clusters(self, evidence: Iterable[Evidence]) -> list[Cluster]:
        """Return the clusters of all steps, by moment. Their order of arrival does not matter."""
        by_shelf: dict[ShelfId, list[Evidence]] = {}
        for one in sorted(evidence, key=lambda one: one.order):
            by_shelf.setdefault(self._shelf[one.step.plate], []).append(one)
        known: dict[tuple[tuple[tuple[int, str, int], int], ...], list[Cluster]] = {}
        for shelf in sorted(by_shelf):
            key = tuple((one.order, one.heard_until_us) for one in by_shelf[shelf])
            known[key] = self._known.get(key) or self._of_shelf(by_shelf[shelf])
        self._known = known
        found = [cluster for clusters in known.values() for cluster in clusters]
        return sorted(found, key=lambda cluster: cluster.key)

    def _of_shelf(self, evidence: list[Evidence]) -> list[Cluster]:
        """Connect neighbouring simultaneous steps; a plate comes once in each cluster."""
        done: list[list[Evidence]] = []
        groups: list[list[Evidence]] = []
        for one in evidence:
            done += [group for group in groups if _is_over(group, one)]
            groups = [group for group in groups if not _is_over(group, one)]
            joined = [at for at, group in enumerate(groups) if self._joins(one, group)]
            merged = [other for at in joined for other in groups[at]]
            if len({other.step.plate for other in merged}) < len(merged):
                joined = joined[-1:]
                merged = list(groups[joined[0]])
            groups = [group for at, group in enumerate(groups) if at not in joined]
            groups.append([*merged, one])
        ordered = [sorted(group, key=lambda one: one.order) for group in (*done, *groups)]
        return [Cluster(tuple(group), self._place) for group in ordered]

    def _joins(self, one: Evidence, group: list[Evidence]) -> bool:
        place = self._place[one.step.plate]
        return all(other.step.plate != one.step.plate for other in group) and any(
            abs(self._place[other.step.plate] - place) == 1 and _together(one.step, other.step)
            for other in group
        )


def _is_over(group: list[Evidence], one: Evidence) -> bool:
    return max(other.step.ended_us for other in group) + CLOSED_US < one.step.moment_us


def _together(a: WeightStep, b: WeightStep) -> bool:
    if abs(a.moment_us - b.moment_us) <= TOGETHER_US:
        return True
    overlap_us = min(a.ended_us, b.ended_us) - max(a.began_us, b.began_us)
    shorter_us = min(a.ended_us - a.began_us, b.ended_us - b.began_us)
    return overlap_us > 0 and overlap_us >= OVERLAP * shorter_us


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
    """Whether every run consists of plates that follow each other."""
    return all(
        place[b.step.plate] - place[a.step.plate] == 1
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
