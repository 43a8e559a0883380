"""How rough every plate is, in two matrix products.

Both variances of a window are sums of squares, of its third differences and of its deviations
from the level. Combinations of samples that make both sums diagonal serve both at once.

White noise of variance v has third differences of variance 20 v, while at 60 Hz a 4 to 12 Hz
swing leaves 0 to 13 % of its power in them: that is what tells the two apart.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from store_engine.shelves.windows import Window, window_of
from store_engine.store_map import FloatArray

KINK_GAIN = 20.0  # 1 + 9 + 9 + 1: what third differences make of white noise


class Roughness(NamedTuple):
    """What one window shows of all plates, g^2."""

    # (2, cells) sample variances: what neighbouring samples disagree by (wide-band noise);
    # what they are off the level by (wide-band noise, vibration, movement)
    samples: FloatArray
    shaken: FloatArray  # (cells,) variance of the level that the vibration in it explains


class Gauge:
    """Measures one window."""

    def __init__(self, window: Window) -> None:
        samples = window.samples
        kinks = np.diff(np.eye(samples), 3, axis=0) / (KINK_GAIN * (samples - 3)) ** 0.5
        _, sizes, off = np.linalg.svd((np.eye(samples) - window.mean) / samples**0.5)
        white = off[:-1] / sizes[:-1, None]  # without the level; its deviations have variance 1
        white_shares, turn = np.linalg.eigh(white @ kinks.T @ kinks @ white.T)
        self._rows = turn.T @ (sizes[:-1, None] * off[:-1])  # (samples - 1, samples)
        ones = np.ones(samples - 1)
        # (3, samples - 1) of each row's square in a variance
        self._shares = np.array([white_shares, ones, (ones - white_shares) * window.gain.vibration])

    def measure(self, samples: FloatArray) -> Roughness:
        """Return how rough `samples` (n, cells) are; none may be missing."""
        rows = self._rows.dot(samples)
        rows *= rows
        variances = self._shares.dot(rows)
        return Roughness(variances[:2], np.maximum(variances[2], 0.0))


@lru_cache(maxsize=16)
def gauge_of(duration_s: float, rate_hz: float) -> Gauge:
    """Return the gauge for a window of this duration at this rate."""
    return Gauge(window_of(duration_s, rate_hz))
