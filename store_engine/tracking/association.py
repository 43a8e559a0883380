"""Who is who in one frame: gated global nearest neighbour."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from store_engine.tracking.cameras import Fix

GATE = 13.8  # squared Mahalanobis distance: 99.9 % of true pairs, chi-square with 2 dof
_OUT = 1e6  # cost of a pair outside the gate: any number of gated pairs is cheaper

Pair = tuple[int, int]  # row of a person, column of the sighting that is theirs
Handicap = Callable[[int, int], float]


def assign(expected: Sequence[Fix], fixes: Sequence[Fix], handicap: Handicap) -> list[Pair]:
    """Return the likeliest pairing of people with sightings, by row.

    Minimises the sum of d^2 + ln det S + handicap over pairs within the gate, where
    S = H P H' + R and d is the Mahalanobis distance under it: minus twice the log-likelihood, up
    to a constant (Bar-Shalom et al. 2001; optimal by `scipy.optimize.linear_sum_assignment`).

    Args:
        expected: where people should be.
        fixes: where somebody was seen.
        handicap: (row, column) -> what speaks against (or, negative, for) a pair in the gate;
            infinite where it cannot be.
    """
    costs = _costs(expected, fixes, handicap)
    favourites = _favourites(costs)
    if len(set(favourites.values())) == len(favourites):
        return sorted((row, column) for column, row in favourites.items())
    table = np.full((len(expected), len(fixes)), _OUT)
    for pair, cost in costs.items():
        table[pair] = cost
    rows, columns = linear_sum_assignment(table)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [pair for pair in pairs if pair in costs]


def _favourites(costs: Mapping[Pair, float]) -> dict[int, int]:
    """Return the likeliest person (row) of every sighting (column).

    Where these are all different people, nothing can explain more sightings, or any of them
    better. Only a frame in twelve of a busy shop is harder than that (measured).
    """
    least: dict[int, float] = {}
    favourites: dict[int, int] = {}
    for (row, column), cost in costs.items():
        if cost < least.get(column, math.inf):
            least[column] = cost
            favourites[column] = row
    return favourites


def _costs(expected: Sequence[Fix], fixes: Sequence[Fix], handicap: Handicap) -> dict[Pair, float]:
    """Return the cost of every possible pair within the gate, row by row.

    d^2 is never below its share along one axis, which rules most pairs out cheaply.
    """
    costs: dict[Pair, float] = {}
    seen = [(column, at.x, at.y, at.xx, at.xy, at.yy) for column, at in enumerate(fixes)]
    for row, at in enumerate(expected):
        x, y, xx, xy, yy = at.x, at.y, at.xx, at.xy, at.yy
        for column, fx, fy, rxx, rxy, ryy in seen:
            dx, sxx = fx - x, xx + rxx
            if dx * dx > GATE * sxx:
                continue
            dy, syy = fy - y, yy + ryy
            if dy * dy > GATE * syy:
                continue
            sxy = xy + rxy
            det = sxx * syy - sxy * sxy
            square = (syy * dx * dx - 2.0 * sxy * dx * dy + sxx * dy * dy) / det
            if square <= GATE and (against := handicap(row, column)) < math.inf:
                costs[row, column] = square + math.log(det) + against
    return costs
