"""Has a touched plate come to rest, and at which level?

A hand is never still: steady force wanders slowly by 1 % or more of itself (Slifkin and Newell
1999) on top of an 8 to 12 Hz tremor, and a plate at rest does neither. So rest is a level window
that shows no trend and no bow beyond the plate's own noise. How long a window must be depends on
what it has to exclude; short ones are trusted only where they can.
"""

from typing import NamedTuple

import numpy as np

from store_engine.shelves.noise import LEVEL_FLOOR_G2
from store_engine.shelves.windows import Gain, Roughness, Window, roughness, variance, window_of
from store_engine.store_map import FloatArray

STEADY_SIGMA = 3.0  # trend or bow beyond this many standard deviations is movement
CALM_RATIO = 4.0  # guess: a calm window is at most twice as rough (std) as the plate untouched
SEEN_SHARE = 0.05  # guess: movement of this share of the change must be visible to be excluded
SEEN_MIN_G = 2.0  # guess: ... or this much; less cannot hide a product


class Rung(NamedTuple):
    """One way to be believed: the longer the window, the less else is asked."""

    duration_s: float
    calm: bool  # only if as smooth as the plate untouched
    gains: bool  # also believed when weight was added (a resting hand is the alternative)


LADDER = (  # guesses, within the second that a live cart may lag
    Rung(0.4, calm=True, gains=False),
    Rung(0.6, calm=True, gains=True),
    Rung(0.8, calm=False, gains=False),
    Rung(1.0, calm=False, gains=True),
    Rung(1.5, calm=False, gains=True),
)


class OwnNoise(NamedTuple):
    """What one plate's noise was before it was touched; g^2, `scale` dimensionless."""

    white: float
    rough: float
    scale: float


class Rest(NamedTuple):
    """A plate at rest."""

    grams: float
    var: float  # g^2
    window: Window


def come_to_rest(
    run: FloatArray, *, rate_hz: float, noise: OwnNoise, expected: float, least_g: float
) -> Rest | None:
    """Return the level at which the last samples of `run` (n,) rest, or None.

    expected: level if nothing lasting happened [g]. least_g: a change smaller than this is none.
    """
    for rung in LADDER:
        window = window_of(rung.duration_s, rate_hz)
        if len(run) < window.samples:
            return None
        rest = _rest_in(run[-window.samples :], window, rung, noise, expected, least_g)
        if rest is not None:
            return rest
    return None


def _rest_in(
    samples: FloatArray,
    window: Window,
    rung: Rung,
    noise: OwnNoise,
    expected: float,
    least_g: float,
) -> Rest | None:
    """Return the level of one window if it passes its rung."""
    level = float(window.mean @ samples)
    rough = roughness(samples, level)
    white = max(noise.white, float(rough.white))
    change = level - expected
    if abs(change) > least_g:
        if rung.calm and rough.total > CALM_RATIO * noise.rough:
            return None
        if change > 0.0 and not rung.gains:
            return None

    def std(gain: Gain) -> float:
        return float(np.sqrt(noise.scale * variance(gain, white, rough) + LEVEL_FLOOR_G2))

    trend_std, bow_std = std(window.trend_gain), std(window.bow_gain)
    visible = max(SEEN_MIN_G, SEEN_SHARE * abs(change))
    if rung is not LADDER[-1] and STEADY_SIGMA * trend_std > 2.0 * visible:
        return None
    if abs(window.trend @ samples) > STEADY_SIGMA * trend_std:
        return None
    if abs(window.bow @ samples) > STEADY_SIGMA * bow_std:
        return None
    return Rest(level, std(window.mean_gain) ** 2, window)


def forced_rest(run: FloatArray, *, rate_hz: float) -> Rest:
    """Return the level of a plate that will not rest, with the doubt its own scatter shows."""
    window = window_of(LADDER[-1].duration_s, rate_hz)
    samples = run[-window.samples :]
    rough = Roughness(0.0, float(np.var(samples)))
    return Rest(float(np.mean(samples)), float(rough.total) + LEVEL_FLOOR_G2, window)
