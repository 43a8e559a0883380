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
# A window must be able to see movement of this rms, or it cannot exclude a hand.
SEEN_SHARE = 0.01  # of the change: the steadiest hands (Slifkin and Newell 1999)
SEEN_MIN_G = 0.75  # guess: less hides no product
SEEN_SHARE_GAIN = 0.005  # guess: ... where weight was added, as hands press more than they lift
SEEN_SIGMA = 3.0  # standard deviations above noise that count as seen
VIBRATION_DOUBT = 2.0  # guess: a plate vibrates at most this much harder than its neighbours say
SWING_G = 5.0  # guess: hanging goods swing this much rms about an unmoved level for a while
SWING_TREND = 0.5  # guess: what mostly goes one way is no swing


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
    Rung(1.0, rougher=4.0, slack=0.0, gains=True),
    Rung(1.5, rougher=9.0, slack=0.005, gains=True, last=True),
    Rung(3.0, rougher=float("inf"), slack=0.01, gains=False, last=True),
)


class Rest(NamedTuple):
    """A plate at rest, or swinging about a level."""

    grams: float
    var: float  # g^2
    rough_g2: float  # variance of single samples around the level
    swing_g2: float  # variance of a slow swing that the plate's own noise does not explain
    window: Window


class Expectation(NamedTuple):
    """What a touched plate would show if nothing lasting had happened."""

    grams: float
    least_g: float  # a smaller change is none
    noise: OwnNoise
    shaking: float  # how much rougher than usual the untouched plates beside it are, >= 1


LONGEST_S = LADDER[-1].duration_s


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
    change = abs(level - expected.grams)
    rough = roughness(samples, level)
    total, white = float(rough.total), float(rough.white)
    if not _believable(level - expected.grams, total, rung, expected):
        return None
    noise = expected.noise
    shaken = min(max(total - white, 0.0), VIBRATION_DOUBT * noise.rough * expected.shaking)
    parts = np.array((max(noise.white, white), shaken, noise.sway))  # in the order of `Gain`
    shape_vars = window.shape_gains @ parts + LEVEL_FLOOR_G2 * window.shape_gains[:, 2]
    share = SEEN_SHARE_GAIN if level > expected.grams else SEEN_SHARE
    visible = max(SEEN_MIN_G, share * change)
    if SEEN_SIGMA**2 * shape_vars[0] > visible**2 and not rung.last:
        return None
    movement = (window.shapes @ (samples - level)) ** 2
    swing = 0.0
    if not _steady(movement / shape_vars, window):
        swing = float(movement.sum())
        lasting = change > expected.least_g
        limit = rung.slack * change if lasting or not rung.last else SWING_G
        if swing > limit**2 or movement[0] > SWING_TREND * swing:
            return None
        parts[2] = max(noise.sway, swing)
    parts[1] *= noise.leak
    var = float(np.dot(window.gain, parts)) + LEVEL_FLOOR_G2
    return Rest(level, var, total, swing, window)


def _steady(surprises: FloatArray, window: Window) -> bool:
    """Whether normalised squares of movement (k,) are what noise alone makes of them."""
    return bool(surprises[0] <= STEADY_TREND and surprises.sum() <= window.steady_chi2)


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
    return Rest(float(np.mean(samples)), scatter + LEVEL_FLOOR_G2, scatter, scatter, window)
