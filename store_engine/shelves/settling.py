"""Has a touched plate come to rest, and at which level?

A hand is never still: steady force wanders slowly by 1 % or more of itself (Slifkin and Newell
1999) on top of an 8 to 12 Hz tremor, and a plate at rest does neither. So rest is a level window
that shows no slow movement beyond the plate's own noise. How long a window must be depends on
what it has to exclude; short ones are trusted only where they can.
"""

from typing import NamedTuple

import numpy as np

from store_engine.shelves.ladder import LADDER, LONGEST_S, Rung, Sight, glance, look
from store_engine.shelves.noise import LEVEL_FLOOR_G2, OwnNoise
from store_engine.shelves.windows import Window, window_of
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

_MOST_SLACK = max(rung.slack for rung in LADDER)


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


def come_to_rest(run: FloatArray, rate_hz: float, expected: Expectation) -> Rest | None:
    """Return the level at which the last samples of `run` (n,) rest, or None.

    Where `moves`, that is None: asking first is cheaper.
    """
    for sight in look(run, rate_hz):
        rest = _rest_in(sight, expected)
        if rest is not None:
            return rest
    return None


def moves(run: FloatArray, rate_hz: float, expected_g: float) -> bool:
    """Whether the last moments of `run` go one way by more than any rung would forgive."""
    seen = glance(run, rate_hz)
    if seen is None:
        return True
    level, line = seen
    return abs(line) > max(SWING_G, _MOST_SLACK * abs(level - expected_g))


def _rest_in(sight: Sight, expected: Expectation) -> Rest | None:
    """Return the level of one window if it passes its rung."""
    rung, window, noise = sight.rung, sight.window, expected.noise
    change = sight.level - expected.grams
    if not _believable(change, sight.total, rung, expected):
        return None
    white = max(noise.white, sight.white)
    shaken = min(
        max(sight.total - sight.white, 0.0), VIBRATION_DOUBT * noise.rough * expected.shaking
    )
    slow = noise.sway + LEVEL_FLOOR_G2
    line_var = window.shape_gains[0].variance(white, shaken, slow)
    share = SEEN_SHARE_GAIN if change > 0.0 else SEEN_SHARE
    visible = max(SEEN_MIN_G, share * abs(change))
    if SEEN_SIGMA**2 * line_var > visible**2 and not rung.last:
        return None
    swing = 0.0
    if not _steady(sight, white, shaken, slow):
        squares = [rms * rms for rms in sight.movement]
        swing = sum(squares)
        lasting = abs(change) > expected.least_g
        limit = rung.slack * change if lasting or not rung.last else SWING_G
        if swing > limit**2 or squares[0] > SWING_TREND * swing:
            return None
    var = window.gain.variance(white, noise.leak * shaken, max(noise.sway, swing))
    return Rest(sight.level, var + LEVEL_FLOOR_G2, sight.total, swing, window)


def _steady(sight: Sight, white: float, shaken: float, slow: float) -> bool:
    """Whether movement is what noise of these variances alone makes of it."""
    gains = sight.window.shape_gains
    if sight.movement[0] ** 2 > STEADY_TREND * gains[0].variance(white, shaken, slow):
        return False
    chi2 = sum(
        rms * rms / gain.variance(white, shaken, slow)
        for rms, gain in zip(sight.movement, gains, strict=True)
    )
    return chi2 <= sight.window.steady_chi2


def _believable(change: float, rough: float, rung: Rung, expected: Expectation) -> bool:
    """Tell goods from a hand: a hand trembles, floor vibration shakes the neighbours as well."""
    if abs(change) <= expected.least_g:
        return True
    if change > 0.0 and not rung.gains:
        return False
    return rough <= rung.rougher * expected.noise.rough * expected.shaking


def forced_rest(run: FloatArray, rate_hz: float) -> Rest:
    """Return the level of a plate that will not rest, with the doubt its own scatter shows."""
    window = window_of(LONGEST_S, rate_hz)
    samples = run[-window.samples :]
    scatter = float(np.var(samples))
    return Rest(float(np.mean(samples)), scatter + LEVEL_FLOOR_G2, scatter, scatter, window)
