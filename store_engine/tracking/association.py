"""Who is who in one frame: gated global nearest neighbour."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from store_engine.tracking.cameras import Fix
from store_engine.tracking.kalman import Place

GATE = 13.8  # squared Mahalanobis distance: 99.9 % of true pairs, chi-square with 2 dof
_OUT = 1e6  # cost of a pair outside the gate: any number of gated pairs is cheaper

Pair = tuple[int, int]  # row of a person, column of the sighting that is theirs
Hint = Callable[[int, int], float]


def assign(
    expected: Sequence[Place],
    fixes: Sequence[Fix],
    handicaps: Sequence[float],
    hint: Hint | None = None,
) -> list[Pair]:
    """Return the likeliest pairing of people with sightings, by row.

    Minimises the sum of d^2 + ln det S + handicap + hint over pairs within the gate, where
    S = H P H' + R and d is the Mahalanobis distance under it: minus twice the log-likelihood, up
    to a constant (Bar-Shalom et al. 2001; optimal by `scipy.optimize.linear_sum_assignment`).

    Args:
        expected: where people should be.
        fixes: where somebody was seen.
        handicaps: what speaks against any sighting of each person.
        hint: (row, column) -> what else speaks against (or, negative, for) a pair in the gate;
            infinite where it cannot be.
    """
    costs = _costs(expected, fixes, handicaps, hint)
    favourites = _favourites(costs)
    if len(set(favourites.values())) == len(favourites):
        return sorted([(row, column) for column, row in favourites.items()])
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
        if column not in least or cost < least[column]:
            least[column] = cost
            favourites[column] = row
    return favourites


def _costs(
    expected: Sequence[Place],
    fixes: Sequence[Fix],
    handicaps: Sequence[float],
    hint: Hint | None,
) -> dict[Pair, float]:
    """Return the cost of every possible pair within the gate, row by row.

    d^2 is never below its share along one axis, which rules most pairs out cheaply.
    """
    costs: dict[Pair, float] = {}
    seen = [(column, at.x, at.y, at.xx, at.xy, at.yy) for column, at in enumerate(fixes)]
    for row, (x, y, xx, xy, yy) in enumerate(expected):
        for column, fx, fy, rxx, rxy, ryy in seen:
            dx, sxx = fx - x, xx + rxx
            square_x = dx * dx
            if square_x > GATE * sxx:
                continue
            dy, syy = fy - y, yy + ryy
            square_y = dy * dy
            if square_y > GATE * syy:
                continue
            sxy = xy + rxy
            det = sxx * syy - sxy * sxy
            square = (syy * square_x - 2.0 * sxy * dx * dy + sxx * square_y) / det
            if square > GATE:
                continue
            cost = square + math.log(det) + handicaps[row]
            if hint is not None:
                cost += hint(row, column)
            if cost < math.inf:
                costs[row, column] = cost
    return costs
