"""Who is who in one frame: gated global nearest neighbour."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from store_engine.tracking.cameras import Fix
from store_engine.tracking.kalman import Belief

GATE = 13.8  # squared Mahalanobis distance: 99.9 % of true pairs, chi-square with 2 dof
_OUT = 1e6  # cost of a pair outside the gate: any number of gated pairs is cheaper

Handicap = Callable[[int, int], float]


class Pair(NamedTuple):
    """A person and the sighting that is theirs."""

    row: int  # of the person
    column: int  # of the sighting


def assign(beliefs: Sequence[Belief], fixes: Sequence[Fix], handicap: Handicap) -> list[Pair]:
    """Return the likeliest pairing of people with sightings, by row.

    Minimises the sum of d^2 + ln det S + handicap over pairs within the gate, where
    S = H P H' + R and d is the Mahalanobis distance under it: minus twice the log-likelihood, up
    to a constant (Bar-Shalom et al. 2001; optimal by `scipy.optimize.linear_sum_assignment`).

    Args:
        beliefs: where people are expected.
        fixes: where somebody was seen.
        handicap: (row, column) -> what speaks against (or, negative, for) a pair in the gate;
            infinite where it cannot be.
    """
    costs = {
        pair: cost + against
        for pair, cost in _gated(beliefs, fixes).items()
        if (against := handicap(*pair)) < math.inf
    }
    if len({row for row, _ in costs}) == len(costs) == len({column for _, column in costs}):
        return [Pair(*pair) for pair in costs]  # nobody contests anything
    table = np.full((len(beliefs), len(fixes)), _OUT)
    for pair, cost in costs.items():
        table[pair] = cost
    rows, columns = linear_sum_assignment(table)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [Pair(*pair) for pair in pairs if pair in costs]


def _gated(beliefs: Sequence[Belief], fixes: Sequence[Fix]) -> dict[tuple[int, int], float]:
    """Return (row, column) -> d^2 + ln det S of every pair within the gate, row by row.

    d^2 is never below its share along one axis, which rules most pairs out cheaply.
    """
    costs: dict[tuple[int, int], float] = {}
    for row, belief in enumerate(beliefs):
        x, y, _, _, xx, xy, _, _, yy, *_ = belief
        for column, (fx, fy, rxx, rxy, ryy) in enumerate(fixes):
            dx, dy = fx - x, fy - y
            sxx, syy = xx + rxx, yy + ryy
            if dx * dx > GATE * sxx or dy * dy > GATE * syy:
                continue
            sxy = xy + rxy
            det = sxx * syy - sxy * sxy
            square = (syy * dx * dx - 2.0 * sxy * dx * dy + sxx * dy * dy) / det
            if square <= GATE:
                costs[row, column] = square + math.log(det)
    return costs
