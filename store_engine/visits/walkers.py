"""Where people walked lately, as far as gates care [metres, microseconds]."""

import math
from bisect import bisect_left
from typing import Annotated

import msgspec

from store_engine.store_map import Gate
from store_engine.units import seconds_between, to_us

PATH_S = 14.0  # history kept: the longest a crossing may wait, and the seconds around it
SPACING_S = 0.08  # between kept places; people hardly turn in less (guess)
TURN_S = 1.0  # direction is judged over this long on either side of a moment (guess)
SEEN_ENOUGH_S = 0.4  # shorter paths have no direction: position noise is about 0.1 m (guess)

Seen = tuple[int, float, float]  # time_us, x, y


class Walker(msgspec.Struct, kw_only=True):
    """One followed track: its first place and its recent path, newest last."""

    track: str
    first: Seen
    path: Annotated[list[Seen], msgspec.Meta(min_length=1)]
    left_us: int | None = None  # walked out of a gate then; seen outside since

    @property
    def last(self) -> Seen:
        """Where they were seen last."""
        return self.path[-1]


def begin(track: str, seen: Seen) -> Walker:
    """Return a walker that was first seen now."""
    return Walker(track=track, first=seen, path=[seen])


def observe(walker: Walker, seen: Seen) -> None:
    """Append a place; the newest always stays, older ones are thinned and dropped by age."""
    path = walker.path
    if seen[0] <= path[-1][0]:
        return
    if len(path) > 1 and path[-1][0] - path[-2][0] < to_us(SPACING_S):
        path[-1] = seen
    else:
        path.append(seen)
    while seen[0] - path[1][0] > to_us(PATH_S):
        del path[0]


def place_at(walker: Walker, time_us: int) -> tuple[float, float]:
    """Return where they were, between observations on a straight line, never beyond them."""
    path = walker.path
    after = bisect_left(path, time_us, key=lambda seen: seen[0])
    if after == 0 or after == len(path):
        return path[min(after, len(path) - 1)][1:]
    (t0, x0, y0), (t1, x1, y1) = path[after - 1], path[after]
    share = (time_us - t0) / (t1 - t0)
    return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


def unseen_s(walker: Walker, time_us: int) -> float:
    """Return how far, in seconds, a moment lies outside of what is remembered of them."""
    return seconds_between(0, max(walker.path[0][0] - time_us, time_us - walker.last[0], 0))


def inward_mps(walker: Walker, gate: Gate, time_us: int) -> float | None:
    """Return the speed into the store around a moment, None when too little was seen of it."""
    first_us, last_us = walker.path[0][0], walker.path[-1][0]
    middle_us = min(max(time_us, first_us), last_us)
    begin_us = max(first_us, middle_us - to_us(TURN_S))
    end_us = min(last_us, middle_us + to_us(TURN_S))
    span_s = seconds_between(begin_us, end_us)
    if span_s < SEEN_ENOUGH_S:
        return None
    (x0, y0), (x1, y1) = place_at(walker, begin_us), place_at(walker, end_us)
    return ((x1 - x0) * gate.inward[0] + (y1 - y0) * gate.inward[1]) / span_s


def depth_m(gate: Gate, x: float, y: float) -> float:
    """Return how far inside the gate's line a place lies; negative is outside."""
    cx, cy = gate.centre
    return (x - cx) * gate.inward[0] + (y - cy) * gate.inward[1]


def gate_distance_m(gate: Gate, x: float, y: float) -> float:
    """Return the distance from a place to the gate's line segment."""
    (ax, ay), (bx, by) = gate.ends
    length2 = (bx - ax) ** 2 + (by - ay) ** 2
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2 if length2 else 0.0
    share = min(1.0, max(0.0, along))
    return math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay))


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """A gate's word that somebody passed, until it is judged who."""

    crossing: str  # MessageRef
    gate: str
    time_us: int
    position: tuple[float, float] | None  # where they passed, when the gate can tell

    def distance_m(self, gate: Gate, x: float, y: float) -> float:
        """Return the distance from a place to where they passed."""
        if self.position is None:
            return gate_distance_m(gate, x, y)
        return math.hypot(x - self.position[0], y - self.position[1])
