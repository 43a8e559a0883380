"""Who is who in one frame: gated global nearest neighbour."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from store_engine.store_map import FloatArray
from store_engine.tracking.kalman import Beliefs

GATE = 13.8  # squared Mahalanobis distance: 99.9 % of true pairs, chi-square with 2 dof
_OUT = 1e6  # cost of a pair outside the gate: any number of gated pairs is cheaper


def assign(
    beliefs: Beliefs, fixes: FloatArray, handicap: FloatArray
) -> tuple[list[int], list[int]]:
    """Return the likeliest pairing of people with sightings, as (rows, columns).

    Minimises the sum of d^2 + ln det S + handicap over pairs within the gate, where
    S = H P H' + R and d is the Mahalanobis distance under it: minus twice the log-likelihood, up
    to a constant (Bar-Shalom et al. 2001; optimal assignment by `linear_sum_assignment`).

    Args:
        beliefs: about t people.
        fixes: (d, 5) x, y, xx, xy, yy of the sightings, metres and m^2.
        handicap: broadcasts to (t, d); what speaks against (or, negative, for) each pair.
    """
    if not len(fixes) or not len(beliefs.mean):
        return [], []
    x, y, xx, xy, yy = fixes.T
    cov = beliefs.cov
    dx, dy = x - beliefs.mean[:, :1], y - beliefs.mean[:, 1:2]
    sxx, sxy, syy = xx + cov[:, 0, :1], xy + cov[:, 0, 1:2], yy + cov[:, 1, 1:2]
    det = sxx * syy - sxy * sxy
    square = (syy * dx * dx - 2.0 * sxy * dx * dy + sxx * dy * dy) / det
    cost = np.where(square <= GATE, square + np.log(det) + handicap, _OUT)
    rows, columns = linear_sum_assignment(cost)
    kept = cost[rows, columns] < _OUT
    return rows[kept].tolist(), columns[kept].tolist()
