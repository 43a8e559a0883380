"""What one window shows of every plate, in two matrix products.

White noise of variance v has third differences of variance 20 v, while at 60 Hz a 4 to 12 Hz
swing leaves 0 to 13 % of its power in them: that is what tells the two apart.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from store_engine.shelves.windows import Window, window_of
from store_engine.store_map import FloatArray

KINK_GAIN = 20.0  # 1 + 9 + 9 + 1: what third differences make of white noise


class Reading(NamedTuple):
    """What one window shows of all plates."""

    level: FloatArray  # (cells,) g, at the middle of the window
    # (2, cells) g^2, sample variances: what neighbouring samples disagree by (wide-band noise);
    # what they are off the level by (wide-band noise, vibration, movement)
    rough: FloatArray
    shaken: FloatArray  # (cells,) g^2, variance of the level that the vibration in it explains


class Gauge:
    """Reads one window; its rows: the level, third differences, deviations from the level."""

    def __init__(self, window: Window) -> None:
        samples = window.samples
        kinks = np.diff(np.eye(samples), 3, axis=0)
        around = np.eye(samples) - window.mean
        self._rows = np.vstack((window.mean, kinks, around))
        self._shares = np.zeros((3, len(self._rows)))  # of each row's square in a variance
        self._shares[0, 1 : 1 + len(kinks)] = 1.0 / (KINK_GAIN * len(kinks))
        self._shares[1, 1 + len(kinks) :] = 1.0 / samples
        self._shares[2] = (self._shares[1] - self._shares[0]) * window.gain.vibration

    def read(self, samples: FloatArray) -> Reading:
        """Read a window of `samples` (n, cells), none missing."""
        rows = self._rows @ samples
        variances = self._shares @ (rows * rows)
        return Reading(rows[0], variances[:2], np.maximum(variances[2], 0.0))


@lru_cache(maxsize=16)
def gauge_of(duration_s: float, rate_hz: float) -> Gauge:
    """Return the gauge for a window of this duration at this rate."""
    return Gauge(window_of(duration_s, rate_hz))
