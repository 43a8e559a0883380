"""Windows that turn samples into a level, and what noise does to them.

Floors and shelves swing at 4 to 12 Hz (measured in the field on load-cell shelves) many times
harder than a small product weighs, but around an unmoved mean. A Hann-tapered mean of duration T
has its first null at 2/T and side lobes under -31 dB (Harris 1978, "On the use of windows for
harmonic analysis"), so 0.4 s of samples already tell the level to a few percent of the swing.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from store_engine.store_map import FloatArray

VIBRATION_HZ = (4.0, 12.0)  # measured: floor vibration while people walk near shelves
SWAY_HZ = (0.7, 2.0)  # hanging goods: pendulums of 50 cm down to 6 cm
MOVEMENT_HZ = 3.0  # slow movement is looked for up to here, just below the vibration band
LEVEL_S = 0.4  # shortest taper with its null inside the vibration band (2 / 0.4 s = 5 Hz)
SHAPES = 4  # guess: enough to see movement below 3 Hz within a second
MIN_SAMPLES = 8  # guess: fewer cannot tell noise from movement, whatever the rate


class Gain(NamedTuple):
    """Variance that a weighting lets through, per unit of noise variance (dimensionless)."""

    white: float  # per variance of single samples
    vibration: float  # per variance of single samples
    sway: float  # per variance of levels over `LEVEL_S`

    def variance(self, white: float, vibration: float, sway: float) -> float:
        """Return the variance that is left of these."""
        return self.white * white + self.vibration * vibration + self.sway * sway


class Window(NamedTuple):
    """A tapered window over the last `samples` samples."""

    samples: int
    duration_s: float
    mean: FloatArray  # (samples,) weights of the level at the middle of the window
    gain: Gain  # of that level
    shapes: FloatArray  # (k, samples) weights of slow movement: line, parabola, ... [g]
    shape_gains: tuple[Gain, ...]  # k, one of each shape
    steady_chi2: float  # limit of the shapes' chi-squared: at rest exceeded 0.4 to 3 % of the time


@lru_cache(maxsize=64)
def window_of(duration_s: float, rate_hz: float) -> Window:
    """Return the window of this duration at this rate.

    The shapes are polynomials, orthogonal under the taper: each is blind to the level and to
    the others. A coefficient of c means movement of c grams rms. As half a wave more fits into the
    window with each degree, 2 T f of them see what moves at up to f.
    """
    samples = max(MIN_SAMPLES, round(duration_s * rate_hz))
    taper = np.hanning(samples + 2)[1:-1]
    taper /= taper.sum()
    count = round(2.0 * duration_s * MOVEMENT_HZ)
    powers = np.linspace(-1.0, 1.0, samples)[:, None] ** np.arange(count + 1)
    basis, _ = np.linalg.qr(np.sqrt(taper)[:, None] * powers)  # columns orthonormal
    shapes = np.sqrt(taper) * basis[:, 1:].T
    usual = window_of(LEVEL_S, rate_hz).mean if duration_s != LEVEL_S else taper
    return Window(
        samples=samples,
        duration_s=samples / rate_hz,
        mean=taper,
        gain=_gain(taper, usual, rate_hz, np.mean),
        shapes=shapes,
        shape_gains=tuple(_gain(shape, usual, rate_hz, np.max) for shape in shapes),
        steady_chi2=_chi2_limit(count),
    )


def _chi2_limit(degrees: int) -> float:
    """Return the 99.5 % quantile of chi-squared (Wilson and Hilferty 1931).

    Tapered shapes share some noise, so their sum exceeds it up to 3 % of the time (measured).
    """
    spread = 2.0 / (9.0 * degrees)
    return float(degrees * (1.0 - spread + 2.576 * spread**0.5) ** 3)


def _gain(
    weights: FloatArray, usual: FloatArray, rate_hz: float, over_band: Callable[..., Any]
) -> Gain:
    """Return how much of each noise `weights` let through; `usual` weigh levels over LEVEL_S.

    over_band: mean or maximum of vibration, as it is not known where in its band a shelf swings.
    """
    vibration = over_band(_response(weights, VIBRATION_HZ, rate_hz))
    sway = _response(weights, SWAY_HZ, rate_hz).mean() / _response(usual, SWAY_HZ, rate_hz).mean()
    return Gain(float(weights @ weights), float(vibration), float(sway))


def _response(weights: FloatArray, band_hz: tuple[float, float], rate_hz: float) -> FloatArray:
    """Return the squared response (33,) over a band."""
    waves = _waves(len(weights), band_hz, rate_hz)
    # not `waves @ weights`: a complex product wakes BLAS threads, which costs 0.3 s (measured)
    return np.asarray(np.abs((waves * weights).sum(axis=1)) ** 2)


@lru_cache(maxsize=64)
def _waves(samples: int, band_hz: tuple[float, float], rate_hz: float) -> NDArray[np.complex128]:
    """Return waves (33, samples) over a band."""
    frequencies = np.linspace(*band_hz, 33)
    phases = np.outer(frequencies, np.arange(samples)) * (2 * np.pi / rate_hz)
    return np.asarray(np.exp(1j * phases))
