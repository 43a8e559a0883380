"""Seeded randomness: one stream per thing, and the shapes that sensor errors take."""

import zlib

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator of one named thing.

    Every device, plate and fault draws from a stream of its own, so adding a camera does not
    change what a shelf reads. CRC-32 because `hash()` differs between processes.
    """
    key = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.default_rng([seed, *key])


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a draw whose logarithm is uniform over [log low, log high]."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def smoothstep(x: FloatArray) -> FloatArray:
    """Return 0 below 0, 1 above 1 and 3 x^2 - 2 x^3 between."""
    clipped = np.clip(x, 0.0, 1.0)
    return clipped * clipped * (3.0 - 2.0 * clipped)


def wander(
    rng: np.random.Generator, shape: tuple[int, ...], *, rate_hz: float, tau_s: float
) -> FloatArray:
    """Return a stationary first-order process of unit variance along axis 0.

    x[k] = a x[k-1] + sqrt(1 - a^2) w[k], a = exp(-1 / (rate tau)): an error that forgets itself
    within `tau_s`.
    """
    a = float(np.exp(-1.0 / (rate_hz * tau_s)))
    white = rng.standard_normal(shape) * np.sqrt(1.0 - a * a)
    if shape[0]:
        white[0] /= np.sqrt(1.0 - a * a)
    return np.asarray(lfilter([1.0], [1.0, -a], white, axis=0), dtype=np.float64)


def bursts(rng: np.random.Generator, n: int, *, fraction: float, mean_length: float) -> BoolArray:
    """Return (n,) flags that are on for `fraction` of the time, in runs of `mean_length` samples.

    A two-state Markov chain (Gilbert, "Capacity of a burst-noise channel", 1960), drawn as
    alternating geometric runs.
    """
    if fraction <= 0.0 or n == 0:
        return np.zeros(n, dtype=np.bool_)
    mean_gap = max(mean_length * (1.0 - fraction) / fraction, 1.0)
    flags = np.zeros(n, dtype=np.bool_)
    at, on = 0, bool(rng.random() < fraction)
    while at < n:
        length = int(rng.geometric(1.0 / max(mean_length if on else mean_gap, 1.0)))
        flags[at : at + length] = on
        at, on = at + length, not on
    return flags


def ring(x: FloatArray, *, rate_hz: float, frequency_hz: float, decay_s: float) -> FloatArray:
    """Return the response of a damped resonance to `x` (n, ...), along axis 0.

    Impulse response r^k sin(k theta): an impulse of 1 g swings the output by about 1 g, at
    `frequency_hz`, falling to 1/e in `decay_s`.
    """
    theta = 2.0 * np.pi * frequency_hz / rate_hz
    r = float(np.exp(-1.0 / (decay_s * rate_hz)))
    numerator = [0.0, r * np.sin(theta)]
    denominator = [1.0, -2.0 * r * np.cos(theta), r * r]
    return np.asarray(lfilter(numerator, denominator, x, axis=0), dtype=np.float64)
