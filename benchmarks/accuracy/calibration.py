"""Whether stated certainty is true certainty: reliability, calibration error, and review.

Everything takes weights, (k, n) for k bootstrap resamples of the same n lines or trips, because a
resample is another weighting of the same data. What is equally sure is exchangeable: ties share
their outcomes evenly, whatever their order.

Sources: Guo et al. (2017), On Calibration of Modern Neural Networks (expected calibration error);
Nixon et al. (2019), Measuring Calibration in Deep Learning (bins of equal count).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

BINS = 10
REVIEW_RATES = tuple(percent / 100 for percent in range(21))  # 0 .. 20 % of trips


@dataclass(frozen=True, kw_only=True)
class Bins:
    """What was said and what was right, bin by bin. Empty bins are left out."""

    weight: tuple[float, ...]  # lines in the bin
    said: tuple[float, ...]  # mean posterior
    right: tuple[float, ...]  # share that was right


class Binned(NamedTuple):
    """Sums over the lines of each bin, (k, BINS), one row each weighting."""

    weight: FloatArray
    said: FloatArray  # posteriors
    right: FloatArray

    @property
    def calibration_error(self) -> FloatArray:
        """(k,) mean |said - right| over lines; NaN without lines."""
        gaps, lines = np.abs(self.said - self.right).sum(axis=1), self.weight.sum(axis=1)
        error: FloatArray = np.divide(gaps, lines, out=np.full_like(gaps, np.nan), where=lines > 0)
        return error

    @property
    def bins(self) -> Bins:
        """The first weighting's bins."""
        filled = self.weight[0] > 0.0
        weight, said, right = (sums[0][filled] for sums in self)
        return Bins(
            weight=tuple(weight.tolist()),
            said=tuple((said / weight).tolist()),
            right=tuple((right / weight).tolist()),
        )


class _Ranked(NamedTuple):
    """Distinct values, ascending, and what weighs on them."""

    values: FloatArray  # (m,)
    weight: FloatArray  # (k, m)
    hits: FloatArray  # (k, m) weight of those that were hits


def equal_count(
    posteriors: FloatArray, right: FloatArray, weights: FloatArray | None = None
) -> Binned:
    """Return `BINS` bins with the same number of lines each; ties are split between bins.

    posteriors, right: (n,); `right` is 1 where exactly the line's quantity was right.
    weights: (k, n); every line once when not given.
    """
    ranked = _ranked(posteriors, right, weights)
    edges = np.linspace(0.0, ranked.weight.sum(axis=1), BINS + 1, axis=1)
    said = np.diff(_below(ranked, ranked.weight * ranked.values, edges))
    hits = np.diff(_below(ranked, ranked.hits, edges))
    return Binned(np.diff(edges), said, hits)


def equal_width(
    posteriors: FloatArray, right: FloatArray, weights: FloatArray | None = None
) -> Binned:
    """Return `BINS` bins of equal width between 0 and 1. Arguments as `equal_count`."""
    weights = np.ones((1, len(posteriors))) if weights is None else weights
    bins = np.minimum((posteriors * BINS).astype(int), BINS - 1)
    inside = (bins[:, None] == np.arange(BINS)).astype(np.float64)  # (n, BINS)
    return Binned(weights @ inside, weights * posteriors @ inside, weights * right @ inside)


def wrong_after_review(
    certainty: FloatArray,
    wrong: FloatArray,
    weights: FloatArray | None = None,
    rates: Sequence[float] = REVIEW_RATES,
) -> FloatArray:
    """Return (k, rates) the share of wrong receipts among those not reviewed.

    certainty, wrong: (n,) over trips; weights: (k, n). The least sure trips are reviewed first.
    """
    ranked = _ranked(certainty, wrong, weights)
    trips = ranked.weight.sum(axis=1, keepdims=True)
    reviewed = trips * np.array(rates)
    left = ranked.hits.sum(axis=1, keepdims=True) - _below(ranked, ranked.hits, reviewed)
    share: FloatArray = np.maximum(left, 0.0) / (trips - reviewed)
    return share


def _ranked(values: FloatArray, hits: FloatArray, weights: FloatArray | None) -> _Ranked:
    weights = np.ones((1, len(values))) if weights is None else weights
    order = np.argsort(values, kind="stable")
    distinct, first = np.unique(values[order], return_index=True)
    weight = np.add.reduceat(weights[:, order], first, axis=1)
    return _Ranked(distinct, weight, np.add.reduceat((weights * hits)[:, order], first, axis=1))


def _below(ranked: _Ranked, amounts: FloatArray, edges: FloatArray) -> FloatArray:
    """Return (k, e) how much of `amounts` lies in the lowest-ranked weight up to each edge.

    amounts: (k, m); edges: (k, e).
    """
    from_zero = ((0, 0), (1, 0))
    weight = np.pad(np.cumsum(ranked.weight, axis=1), from_zero)
    below = np.pad(np.cumsum(amounts, axis=1), from_zero)
    rows = zip(edges, weight, below, strict=True)
    return np.array([np.interp(edge, w, b) for edge, w, b in rows], dtype=np.float64)
