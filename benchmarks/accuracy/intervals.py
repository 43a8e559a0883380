"""How far a figure may be off: bootstrap over sessions, seeded.

Sessions are drawn again with replacement, separately within each class, because how many there
are of each was chosen and not left to chance. Source: Efron and Tibshirani (1993),
An Introduction to the Bootstrap, chapters 8 (more than one sample) and 13 (percentile intervals).
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

RESAMPLES = 400
SEED = 20_200_518  # any; fixed, so that the same sessions give the same interval
INSIDE = 0.95  # share of resamples inside the interval


class Estimate(NamedTuple):
    """A figure and its interval; None where there is nothing to measure."""

    value: float | None
    low: float | None
    high: float | None


def resamples(
    strata: Sequence[Hashable], *, count: int = RESAMPLES, seed: int = SEED
) -> FloatArray:
    """Return (count, n) weights: how often each session is in each resample.

    strata: (n,) what each session is a sample of. Lone ones are drawn together: a stratum of one
    would look as if it could not have come out otherwise.
    """
    rng = np.random.default_rng(seed)
    weights = np.zeros((count, len(strata)))
    sizes = Counter(strata)
    drawn_as = [stratum if sizes[stratum] > 1 else None for stratum in strata]
    for stratum in dict.fromkeys(drawn_as):
        members = [i for i, other in enumerate(drawn_as) if other == stratum]
        n = len(members)
        weights[:, members] = rng.multinomial(n, np.full(n, 1.0 / n), size=count)
    return weights


def estimate(statistic: Callable[[FloatArray], FloatArray], draws: FloatArray) -> Estimate:
    """Return a figure with its percentile interval.

    statistic: of (k, n) weights over sessions, returns (k,); NaN where there is nothing to
    measure.
    draws: (count, n) as `resamples` gives them; without rows there is no interval.
    """
    value = float(statistic(np.ones((1, draws.shape[1])))[0])
    if np.isnan(value):
        return Estimate(None, None, None)
    if not len(draws):
        return Estimate(value, None, None)
    low, high = inside(statistic(draws))
    return Estimate(value, float(low), float(high))


def inside(drawn: FloatArray) -> FloatArray:
    """Return (2, ...) the lower and upper end of the interval, over the first axis of `drawn`."""
    ends = [(1.0 - INSIDE) / 2.0, (1.0 + INSIDE) / 2.0]
    quantiles: FloatArray = np.nanquantile(drawn, ends, axis=0)
    return quantiles
