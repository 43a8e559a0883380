"""Has a touched plate come to rest, and at which level?

A hand is never still: steady force wanders slowly by 1 % or more of itself (Slifkin and Newell
1999) on top of an 8 to 12 Hz tremor, and a plate at rest does neither. So rest is a level window
that shows no slow movement beyond the plate's own noise. How long a window must be depends on
what it has to exclude; short ones are trusted only where they can.
"""

from typing import NamedTuple

import numpy as np

from store_engine.shelves.noise import LEVEL_FLOOR_G2, OwnNoise
from store_engine.shelves.windows import Window, roughness, window_of
from store_engine.store_map import FloatArray

STEADY_TREND = 6.6  # chi-squared of the line alone: a plate at rest exceeds it once in 100
SEEN_SHARE = 0.005  # guess: rms movement of this share of the change must be visible to be excluded
SEEN_SIGMA = 3.0  # ... it is visible if it would be this many standard deviations
SEEN_MIN_G = 0.5  # guess: ... or this much; less cannot hide a product


class Rung(NamedTuple):
    """One way to be believed: the longer the window, the less else is asked."""

    duration_s: float
    rougher: float  # at most this many times the variance that plate and vibration explain
    slack: float  # movement of this share of the change is as good as none
    gains: bool  # also believed when weight was added (a resting hand is the alternative)
    last: bool = False  # believed however little it could have seen


LADDER = (  # guesses, within the second that a live cart may lag
    Rung(0.4, rougher=2.0, slack=0.0, gains=False),
    Rung(0.6, rougher=2.0, slack=0.0, gains=True),
    Rung(1.0, rougher=4.0, slack=0.005, gains=True),
    Rung(1.5, rougher=9.0, slack=0.01, gains=True, last=True),
    Rung(3.0, rougher=float("inf"), slack=0.01, gains=False, last=True),
)


class Rest(NamedTuple):
    """A plate at rest."""

    grams: float
    var: float  # g^2
    rough_g2: float  # variance of single samples around the level
    window: Window


class Expectation(NamedTuple):
    """What a touched plate would show if nothing lasting had happened."""

    grams: float
    least_g: float  # a smaller change is none
    noise: OwnNoise
    shaking: float  # how much rougher than usual the untouched plates beside it are, >= 1


def come_to_rest(run: FloatArray, rate_hz: float, expected: Expectation) -> Rest | None:
    """Return the level at which the last samples of `run` (n,) rest, or None."""
    for rung in LADDER:
        window = window_of(rung.duration_s, rate_hz)
        if len(run) < window.samples:
            return None
        rest = _rest_in(run[-window.samples :], window, rung, expected)
        if rest is not None:
            return rest
    return None


def _rest_in(samples: FloatArray, window: Window, rung: Rung, expected: Expectation) -> Rest | None:
    """Return the level of one window if it passes its rung."""
    level = float(window.mean @ samples)
    change = level - expected.grams
    rough = roughness(samples, level)
    if not _believable(change, float(rough.total), rung, expected):
        return None
    noise = expected.noise
    parts = np.array(  # variances, in the order of `Gain`
        (
            max(noise.white, float(rough.white)),
            noise.leak * max(float(rough.total - rough.white), 0.0),
            noise.sway,
        )
    )
    shape_vars = window.shape_gains @ parts + LEVEL_FLOOR_G2 * window.shape_gains[:, 2]
    visible = max(SEEN_MIN_G, SEEN_SHARE * abs(change))
    if SEEN_SIGMA**2 * shape_vars[0] > visible**2 and not rung.last:
        return None
    movement = (window.shapes @ (samples - level)) ** 2
    surprises = movement / shape_vars
    moves = float(surprises.sum()) > window.steady_chi2 or surprises[0] > STEADY_TREND
    if moves and float(np.sum(movement)) > (rung.slack * change) ** 2:
        return None
    var = float(np.dot(window.gain, parts)) + LEVEL_FLOOR_G2
    return Rest(level, var, float(rough.total), window)


def _believable(change: float, rough: float, rung: Rung, expected: Expectation) -> bool:
    """Tell goods from a hand: a hand trembles, floor vibration shakes the neighbours as well."""
    if abs(change) <= expected.least_g:
        return True
    if change > 0.0 and not rung.gains:
        return False
    return rough <= rung.rougher * expected.noise.rough * expected.shaking


def forced_rest(run: FloatArray, rate_hz: float) -> Rest:
    """Return the level of a plate that will not rest, with the doubt its own scatter shows."""
    window = window_of(LADDER[-1].duration_s, rate_hz)
    samples = run[-window.samples :]
    scatter = float(np.var(samples))
    return Rest(float(np.mean(samples)), scatter + LEVEL_FLOOR_G2, scatter, window)
