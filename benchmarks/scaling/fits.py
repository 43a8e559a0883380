"""How steeply a cost grows."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from benchmarks.scaling.words import Point


def exponent(points: Sequence[Point], *, above: float = 0.0) -> float | None:
    """Return b of the least-squares fit cost - above = a * size^b, on logarithms; 1 is linear.

    above: what the cost is without any of it. None where fewer than two points are left.
    """
    sized = [(p.size, p.cpu_s - above) for p in points if p.size > 0 and p.cpu_s > above]
    if len({size for size, _ in sized}) < 2:
        return None
    x, y = np.log(np.array(sized)).T
    slope, _ = np.polyfit(x, y, 1)
    return float(slope)


def local_exponents(points: Sequence[Point]) -> list[float]:
    """Return the log-log slope from each point to the next: bends that one fit hides."""
    return [slope for pair in pairwise(points) if (slope := exponent(pair)) is not None]
