"""Which walker passed a gate: a cost in metres, a joint assignment, and how clear it is."""

import math
from collections.abc import Hashable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from store_engine.store_map import Gate
from store_engine.units import to_us
from store_engine.visits.walkers import (
    Crossing,
    Walker,
    depth_m,
    gate_distance_m,
    inward_mps,
    place_at,
    unseen_s,
)

WALK_MPS = 2.5  # nobody in a shop walks faster (guess: a fast walk is about 2)
UNSEEN_COST_MPS = 0.4  # a walker seen at the moment itself explains it better (guess)
HEADING_MPS = 0.2  # slower than this is standing (guess: position noise over 2 s)
NO_HEADING_COST_M = 1.0  # somebody who does not walk that way is a worse explanation (guess)
UNKNOWN_HEADING_COST_M = 0.3  # too short a path to tell (guess)
SIDE_S = 1.0  # a second from the crossing everybody is past the line, clock errors included (guess)
SIDE_M = 0.3  # ... or before it, by more than this position error (guess)
AT_LINE_M = 1.0  # a crossing told farther from its line (derived ones) tells no side (guess)
LIMIT_M = 2.5  # a worse explanation is none: half a shop entrance (guess)


class Match(NamedTuple):
    """The column that explains one row, if any does."""

    column: int | None
    cost: float
    margin: float  # how much worse the next best explanation is


def mismatch_m(
    walker: Walker, crossing: Crossing, gate: Gate, direction: Literal["in", "out"]
) -> float:
    """Return how badly `walker` explains a crossing, in metres; infinite if they cannot.

    The distance at the time of the crossing, less what they may have walked while unseen, plus
    penalties for not walking through the gate the right way. Whoever was beyond the line before,
    or is on this side of it after, did not cross it.
    """
    gap_s = unseen_s(walker, crossing.time_us)
    distance_m = crossing.distance_m(gate, *place_at(walker, crossing.time_us))
    reach_m = max(0.0, distance_m - WALK_MPS * gap_s) + UNSEEN_COST_MPS * gap_s
    if gate_distance_m(gate, *(crossing.position or gate.centre)) > AT_LINE_M:
        return reach_m
    sign = 1.0 if direction == "in" else -1.0
    if _contradicts(walker, crossing, gate, sign):
        return math.inf
    return reach_m + _heading_cost_m(inward_mps(walker, gate, crossing.time_us), sign)


def _contradicts(walker: Walker, crossing: Crossing, gate: Gate, sign: float) -> bool:
    """Whether they were seen on the wrong side `SIDE_S` before or after."""
    before_us, after_us = crossing.time_us - to_us(SIDE_S), crossing.time_us + to_us(SIDE_S)
    line_m = depth_m(gate, *(crossing.position or gate.centre))
    after_m = sign * (depth_m(gate, *place_at(walker, after_us)) - line_m)
    before_m = sign * (depth_m(gate, *place_at(walker, before_us)) - line_m)
    seen_before = walker.path[0][0] <= before_us
    seen_after = walker.last[0] >= after_us
    return (seen_after and after_m < -SIDE_M) or (seen_before and before_m > SIDE_M)


def _heading_cost_m(inward_mps: float | None, sign: float) -> float:
    if inward_mps is None:
        return UNKNOWN_HEADING_COST_M
    return 0.0 if inward_mps * sign > HEADING_MPS else NO_HEADING_COST_M


def match(
    costs: Sequence[Sequence[float]],
    *,
    limit: float = LIMIT_M,
    rows: Sequence[Hashable] | None = None,
    columns: Sequence[Hashable] | None = None,
) -> list[Match]:
    """Return the assignment of rows to columns with the least total cost.

    costs: (n rows, m columns); a cost above `limit` never matches, and leaving a row unmatched
    costs `limit`. rows, columns: a name for each; those of the same name are interchangeable
    (people of one visit), so they do not make each other unclear.
    """
    if not costs:
        return []
    n, m = len(costs), len(costs[0])
    rows, columns = rows or range(n), columns or range(m)
    table = np.full((n, m + n), limit)
    table[:, :m] = np.reshape(costs, (n, m))
    table[:, :m][table[:, :m] > limit] = 1e6  # dearer than leaving every row unmatched
    _, chosen = linear_sum_assignment(table)
    return [_match(costs, i, int(j), rows, columns) for i, j in enumerate(chosen)]


def _match(
    costs: Sequence[Sequence[float]],
    row: int,
    column: int,
    rows: Sequence[Hashable],
    columns: Sequence[Hashable],
) -> Match:
    if column >= len(columns):
        return Match(None, float("inf"), 0.0)
    cost = costs[row][column]
    others = [c for j, c in enumerate(costs[row]) if columns[j] != columns[column]]
    rivals = [costs[i][column] for i in range(len(costs)) if rows[i] != rows[row]]
    return Match(column, cost, min((*others, *rivals), default=float("inf")) - cost)
