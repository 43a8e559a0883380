"""How rough every plate is, in two matrix products.

White noise of variance v has third differences of variance 20 v, while at 60 Hz a 4 to 12 Hz
swing leaves 0 to 13 % of its power in them: that is what tells the two apart.
"""

from functools import lru_cache

import numpy as np

from store_engine.shelves.windows import Window, window_of
from store_engine.store_map import FloatArray

KINK_GAIN = 20.0  # 1 + 9 + 9 + 1: what third differences make of white noise


class Gauge:
    """Reads one window; its rows: third differences, deviations from the level."""

    def __init__(self, window: Window) -> None:
        samples = window.samples
        kinks = np.diff(np.eye(samples), 3, axis=0)
        around = np.eye(samples) - window.mean
        self._rows = np.vstack((kinks, around))
        self._shares = np.zeros((2, len(self._rows)))  # of each row's square in a variance
        self._shares[0, : len(kinks)] = 1.0 / (KINK_GAIN * len(kinks))
        self._shares[1, len(kinks) :] = 1.0 / samples

    def roughness(self, samples: FloatArray) -> FloatArray:
        """Return the sample variances (2, cells) [g^2] of `samples` (n, cells), none missing.

        First what neighbouring samples disagree by: wide-band noise; then what they are off the
        level by: wide-band noise, vibration and movement.
        """
        rows = self._rows @ samples
        rows *= rows
        return np.asarray(self._shares @ rows)


@lru_cache(maxsize=16)
def gauge_of(duration_s: float, rate_hz: float) -> Gauge:
    """Return the gauge for a window of this duration at this rate."""
    return Gauge(window_of(duration_s, rate_hz))
