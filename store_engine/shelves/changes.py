"""When, within a touch, did the level change?"""

from typing import NamedTuple

import numpy as np

from store_engine.shelves.cadence import TimesUs
from store_engine.store_map import FloatArray

NEAR_SIGMA = 4.0  # a sample this many standard deviations off is no longer at that level
NEAR_MIN_G = 2.0  # guess: what a breath of contact does


class When(NamedTuple):
    """Contact from `began_us` to `ended_us`; the level changed at `moment_us`."""

    began_us: int
    moment_us: int
    ended_us: int


def locate(
    times_us: TimesUs, grams: FloatArray, *, before: float, after: float, rough_g2: float
) -> When:
    """Return when the level went from `before` to `after` [g], given samples (n,) around it.

    The moment is the least-squares change point between the two known levels (Hinkley 1970):
    the split that leaves most samples before it nearer to `before` and most after it nearer to
    `after`. Each sample's vote is capped, so a hard press counts as long as it lasts, not as hard.

    rough_g2: variance of single samples at rest.
    """
    change = after - before
    votes = np.clip((grams - 0.5 * (before + after)) / change, -0.5, 0.5)  # -0.5: before
    evidence = np.concatenate(([0.0], np.cumsum(votes)))
    split = min(max(int(np.argmin(evidence)), 1), len(grams) - 1)
    near = min(max(NEAR_MIN_G, NEAR_SIGMA * rough_g2**0.5), 0.5 * abs(change))
    off_before = np.abs(grams[:split] - before) > near
    off_after = np.abs(grams[split:] - after) > near
    began = int(np.argmax(off_before)) if off_before.any() else split
    ended = split + len(off_after) - int(np.argmax(off_after[::-1])) if off_after.any() else split
    return When(
        began_us=int(times_us[max(began - 1, 0)]),
        moment_us=int(times_us[split - 1] + times_us[split]) // 2,
        ended_us=int(times_us[min(ended, len(grams) - 1)]),
    )


def first_contact(
    times_us: TimesUs, grams: FloatArray, *, before: float, rough_g2: float, off_g: float
) -> int:
    """Return the time of the first sample that left `before`; `off_g`: how far it is off by now."""
    near = min(max(NEAR_MIN_G, NEAR_SIGMA * rough_g2**0.5), 0.5 * abs(off_g))
    off = np.abs(grams - before) > near
    return int(times_us[int(np.argmax(off))] if off.any() else times_us[-1])
