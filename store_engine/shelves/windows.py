"""Windows that turn samples into a level, and what noise does to them.

Floors and shelves swing at 4 to 12 Hz (measured in the field on load-cell shelves) many times
harder than a small product weighs, but around an unmoved mean. A Hann-tapered mean of duration T
has its first null at 2/T and side lobes under -31 dB (Harris 1978, "On the use of windows for
harmonic analysis"), so 0.4 s of samples already tell the level to a few percent of the swing.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from store_engine.store_map import FloatArray

VIBRATION_HZ = (4.0, 12.0)  # measured: floor vibration while people walk near shelves
MIN_SAMPLES = 8  # guess: fewer cannot tell noise from movement, whatever the rate


class Gain(NamedTuple):
    """Variance that a weighting lets through, per unit of noise variance (dimensionless)."""

    white: float
    vibration: float


class Window(NamedTuple):
    """A tapered window over the last `samples` samples; each row of weights is (samples,)."""

    samples: int
    duration_s: float
    mean: FloatArray  # weighted mean: the level at the middle of the window
    trend: FloatArray  # change across the window, first to last sample, of the best line
    bow: FloatArray  # height of the best parabola's ends above its middle
    mean_gain: Gain
    trend_gain: Gain
    bow_gain: Gain


class Roughness(NamedTuple):
    """Sample variances inside one window, g^2; floats, or arrays (cells,)."""

    white: FloatArray | float  # what neighbouring samples disagree by: wide-band noise
    total: FloatArray | float  # around the level: wide-band noise, vibration, movement


@lru_cache(maxsize=64)
def window_of(duration_s: float, rate_hz: float) -> Window:
    """Return the window of this duration at this rate.

    trend and bow are weighted least squares on the polynomials orthogonal under the taper, so
    each is blind to the other and to the level (Kay 1993, "Estimation Theory", section 4).
    """
    samples = max(MIN_SAMPLES, round(duration_s * rate_hz))
    taper = np.hanning(samples + 2)[1:-1]
    taper /= taper.sum()
    place = np.linspace(-1.0, 1.0, samples)
    square = place**2 - taper @ place**2
    square -= place * (taper @ (place * square)) / (taper @ place**2)
    trend = 2.0 * taper * place / (taper @ place**2)
    bow = taper * square / (taper @ square**2)
    gains = [_gain(weights, rate_hz) for weights in (taper, trend, bow)]
    return Window(samples, samples / rate_hz, taper, trend, bow, *gains)


def _gain(weights: FloatArray, rate_hz: float) -> Gain:
    """Return how much white noise and how much vibration `weights` let through.

    Vibration: mean squared response over the band, as a shelf's own frequency is not known.
    """
    frequencies = np.linspace(*VIBRATION_HZ, 33)
    phases = np.outer(frequencies, np.arange(len(weights))) * (2 * np.pi / rate_hz)
    response = np.exp(1j * phases) @ weights
    return Gain(float(weights @ weights), float(np.mean(np.abs(response) ** 2)))


def roughness(samples: FloatArray, level: FloatArray | float) -> Roughness:
    """Return the sample variances of `samples` (n,) or (n, cells) around `level`.

    White noise of variance v has second differences of variance 6 v, while at 60 Hz an 8 Hz
    swing leaves 7 % of its power in them: that is what tells the two apart.
    """
    around = samples - level
    bends = around[2:] - 2.0 * around[1:-1]
    bends += around[:-2]
    white = np.einsum("i...,i...->...", bends, bends) / (6.0 * len(bends))
    total = np.einsum("i...,i...->...", around, around) / len(around)
    return Roughness(white, total)


def variance(gain: Gain, white: FloatArray | float, rough: Roughness) -> FloatArray | float:
    """Return the variance (g^2) of a weighting of noise: `white` plus vibration on top of it."""
    return gain.white * white + gain.vibration * np.maximum(rough.total - rough.white, 0.0)
