"""What plates weighed and where people were around the steps of an explanation.

`Traces` looks on while a recording is replayed and keeps only the seconds that are asked for, so
its memory does not grow with the recording.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from store_engine.explanations import Cluster, Step
from store_engine.messages import ShelfWeights
from store_engine.signals import TrackMoved, VisitorBound
from store_engine.store_map import FloatArray, Plate, StoreMap
from store_engine.units import US_PER_S, PlateId, VisitId, to_us

AROUND_US = to_us(3.0)  # shown before the first and after the last step: an approach (guess)
LONGEST_US = to_us(15.0)  # of a long contact, shown around its moment (guess)
LEVEL_US = to_us(0.6)  # a level is what this much of quiet weighs on average (guess)
BATCH_MAX_S = 5  # longer batches lose their beginning on a plot (guess; usual: 0.2)
NEARBY_M = 2.0  # who never came closer cannot have reached it: arm and lean are 0.8 m (guess)


class Span(NamedTuple):
    """A stretch of event time, both ends included."""

    since_us: int
    until_us: int

    def __contains__(self, time_us: object) -> bool:
        return isinstance(time_us, int) and self.since_us <= time_us <= self.until_us


class PlateTrace(NamedTuple):
    """What one plate weighed."""

    plate: str
    times_us: FloatArray  # (n,) event time
    grams: FloatArray  # (n,) as the load cell says, NaN where missing

    def level_g(self, since_us: float, until_us: float) -> float:
        """Return the median weight in a stretch of time, NaN when nothing was heard."""
        there = (self.times_us >= since_us) & (self.times_us <= until_us) & ~np.isnan(self.grams)
        return float(np.median(self.grams[there])) if there.any() else math.nan

    def before_g(self, step: Step) -> float:
        """Return the level that a step started from."""
        return self.level_g(step.began_us - LEVEL_US, step.began_us)

    def after_g(self, step: Step) -> float:
        """Return the level that a step ended at."""
        return self.level_g(step.ended_us, step.ended_us + LEVEL_US)


class PersonTrace(NamedTuple):
    """How far one person was from the nearest of some plates."""

    track: str
    visit: VisitId | None
    times_us: FloatArray  # (n,) event time
    hand_m: FloatArray  # (n,) nearest wrist to the space above the plate, NaN where not seen
    body_m: FloatArray  # (n,) on the floor, to the plate's centre

    @property
    def nearest_m(self) -> float:
        """The closest that hand or body came."""
        return float(np.fmin(self.body_m, self.hand_m).min())

    def shown_m(self, time_us: float) -> float:
        """Return the distance about this time: of the hand, or of the body where none is seen."""
        at = int(np.abs(self.times_us - time_us).argmin())
        return float(self.body_m[at] if math.isnan(self.hand_m[at]) else self.hand_m[at])


class Trace(NamedTuple):
    """Everything to plot about one cluster."""

    span: Span
    plates: tuple[PlateTrace, ...]
    people: tuple[PersonTrace, ...]  # nearest first


def span_of(cluster: Cluster) -> Span:
    """Return the seconds around a cluster's steps."""
    since_us = min(max(s.began_us, s.moment_us - LONGEST_US) for s in cluster.steps)
    until_us = max(min(s.ended_us, s.moment_us + LONGEST_US) for s in cluster.steps)
    return Span(since_us - AROUND_US, until_us + AROUND_US)


class _Window:
    """What is kept for one cluster."""

    def __init__(self, cluster: Cluster, store_map: StoreMap) -> None:
        self.span = span_of(cluster)
        self.plates: list[Plate] = [store_map.plates[PlateId(one)] for one in cluster.plates]
        self.weights: list[tuple[int, ShelfWeights]] = []
        self.moves: dict[str, list[TrackMoved]] = {}
        self._devices = frozenset(plate.device for plate in self.plates)

    def weighed(self, weights: ShelfWeights, time_us: int) -> None:
        if weights.device in self._devices:
            self.weights.append((time_us, weights))

    def moved(self, moved: TrackMoved) -> None:
        if moved.time_us in self.span:
            self.moves.setdefault(moved.track, []).append(moved)


class Traces:
    """Keeps what an explanation plots (port `Onlooker`)."""

    def __init__(self, clusters: Iterable[Cluster], store_map: StoreMap) -> None:
        self._cells = store_map.cells
        self._windows = {cluster: _Window(cluster, store_map) for cluster in clusters}
        self._visit_of: dict[str, VisitId | None] = {}
        self._by_second: dict[int, list[_Window]] = {}
        for window in self._windows.values():
            first, last = (time_us // US_PER_S for time_us in window.span)
            for second in range(first - BATCH_MAX_S, last + 1):
                self._by_second.setdefault(second, []).append(window)

    def weighed(self, weights: ShelfWeights, time_us: int) -> None:
        """Keep a batch that a plot shows."""
        for window in self._by_second.get(time_us // US_PER_S, ()):
            window.weighed(weights, time_us)

    def moved(self, moved: TrackMoved) -> None:
        """Keep where a person was at a time that a plot shows."""
        for window in self._by_second.get(moved.time_us // US_PER_S, ()):
            window.moved(moved)

    def bound(self, bound: VisitorBound) -> None:
        """Remember whose cart a track fills; the last word counts, as in the inference."""
        self._visit_of[bound.track] = bound.visit

    def of(self, cluster: Cluster) -> Trace:
        """Return what is known around a cluster. Raises `KeyError` if it was not asked for."""
        window = self._windows[cluster]
        people = [
            _person(moves, self._visit_of.get(track), window.plates)
            for track, moves in window.moves.items()
        ]
        near = [person for person in people if person.nearest_m <= NEARBY_M]
        return Trace(
            window.span,
            tuple(self._plate(plate, window) for plate in window.plates),
            tuple(sorted(near, key=lambda person: (person.nearest_m, person.track))),
        )

    def _plate(self, plate: Plate, window: _Window) -> PlateTrace:
        cell = self._cells[plate.device].index(plate.plate)
        times_us, grams = [], []
        for first_us, weights in window.weights:
            if weights.device != plate.device:
                continue
            for at, sample in enumerate(weights.samples):
                time_us = first_us + at * US_PER_S / weights.rate_hz
                if window.span.since_us <= time_us <= window.span.until_us:
                    times_us.append(time_us)
                    grams.append(math.nan if sample[cell] is None else sample[cell])
        return PlateTrace(plate.plate, np.array(times_us), np.array(grams, dtype=float))


def _person(moves: list[TrackMoved], visit: VisitId | None, plates: list[Plate]) -> PersonTrace:
    return PersonTrace(
        moves[0].track,
        visit,
        np.array([moved.time_us for moved in moves], dtype=float),
        np.array([_hand_m(moved, plates) for moved in moves]),
        np.array([_body_m(moved, plates) for moved in moves]),
    )


def _hand_m(moved: TrackMoved, plates: list[Plate]) -> float:
    return min(
        (plate.distance_m(hand.x, hand.y, hand.z) for plate in plates for hand in moved.hands),
        default=math.nan,
    )


def _body_m(moved: TrackMoved, plates: list[Plate]) -> float:
    """Return the floor distance of the body, or of the head where that leans closer."""
    places = [(moved.x, moved.y)]
    if moved.head is not None:
        places.append(moved.head[:2])
    return min(plate.floor_distance_m(x, y) for plate in plates for x, y in places)
