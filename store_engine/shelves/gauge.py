"""How rough every plate is, in two matrix products.

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
    """Measures one window; its rows: third differences, deviations from the level."""

    def __init__(self, window: Window) -> None:
        samples = window.samples
        kinks = np.diff(np.eye(samples), 3, axis=0)
        self._rows = np.vstack((kinks, np.eye(samples) - window.mean))
        self._shares = np.zeros((3, len(self._rows)))  # of each row's square in a variance
        self._shares[0, : len(kinks)] = 1.0 / (KINK_GAIN * len(kinks))
        self._shares[1, len(kinks) :] = 1.0 / samples
        self._shares[2] = (self._shares[1] - self._shares[0]) * window.gain.vibration

    def measure(self, samples: FloatArray) -> Roughness:
        """Return how rough `samples` (n, cells) are; none may be missing."""
        rows = self._rows @ samples
        rows *= rows
        variances = self._shares @ rows
        return Roughness(variances[:2], np.maximum(variances[2], 0.0))


@lru_cache(maxsize=16)
def gauge_of(duration_s: float, rate_hz: float) -> Gauge:
    """Return the gauge for a window of this duration at this rate."""
    return Gauge(window_of(duration_s, rate_hz))
