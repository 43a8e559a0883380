"""The windows through which the end of a touch is judged, all looked through at once."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from store_engine.shelves.gauge import KINK_GAIN
from store_engine.shelves.windows import Window, window_of
from store_engine.store_map import FloatArray


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
_KINK = np.diff(np.eye(4), 3, axis=0)[0]  # -1, 3, -3, 1: a third difference
LONGEST_S = LADDER[-1].duration_s


class Sight(NamedTuple):
    """What one window shows of the end of a touch."""

    rung: Rung
    window: Window
    level: float  # g
    white: float  # g^2, what neighbouring samples disagree by: wide-band noise
    total: float  # g^2, around the level: wide-band noise, vibration, movement
    movement: list[float]  # g rms, one of each of the window's shapes; the first is the line


class _Panes(NamedTuple):
    """All windows of the ladder, every row ending at the last sample of the longest."""

    windows: tuple[Window, ...]
    rows: FloatArray  # (2 rungs + shapes, longest): levels, plain means, shapes of each rung
    first: FloatArray  # (2, shortest): level and line of the first rung
    kinks: FloatArray  # (rungs, longest - 3): shares of third differences in the white noise
    shapes: tuple[slice, ...]  # where each rung's shapes are among the rows


def glance(run: FloatArray, rate_hz: float) -> tuple[float, float] | None:
    """Return level and line of the shortest window at the end of `run` (n,), None if not full."""
    first = _panes_of(rate_hz).first
    samples = run[-first.shape[1] :]
    if len(samples) < first.shape[1]:
        return None
    level, line = first.dot(samples).tolist()
    return level, line


def look(run: FloatArray, rate_hz: float) -> Iterator[Sight]:
    """Look at the end of `run` (n,) through every window that it fills, shortest first.

    How rough it is: see `Gauge`.
    """
    panes = _panes_of(rate_hz)
    if len(run) < panes.windows[0].samples:
        return
    samples = run[-panes.rows.shape[1] :]
    last, around = float(samples[-1]), samples - samples[-1]
    kinks = np.correlate(around, _KINK)
    white = panes.kinks[:, -len(kinks) :].dot(kinks * kinks).tolist()
    rows = panes.rows[:, -len(around) :]
    seen = rows.dot(around).tolist()
    squares = rows[len(LADDER) : 2 * len(LADDER)].dot(around * around).tolist()
    for i, window in enumerate(panes.windows):
        if len(run) < window.samples:
            return
        level, mean = seen[i], seen[len(LADDER) + i]
        total = squares[i] - 2.0 * level * mean + level * level
        movement = seen[panes.shapes[i]]
        yield Sight(LADDER[i], window, last + level, white[i], total, movement)


@lru_cache(maxsize=16)
def _panes_of(rate_hz: float) -> _Panes:
    windows = tuple(window_of(rung.duration_s, rate_hz) for rung in LADDER)
    longest = windows[-1].samples
    levels = [_at_the_end(window.mean, longest) for window in windows]
    means = [_mean_of(window.samples, longest) for window in windows]
    shapes = [_at_the_end(shape, longest) for window in windows for shape in window.shapes]
    ends = np.cumsum([len(window.shapes) for window in windows]) + 2 * len(windows)
    kinks = [_mean_of(window.samples - 3, longest - 3) / KINK_GAIN for window in windows]
    return _Panes(
        windows=windows,
        rows=np.array(levels + means + shapes),
        first=np.vstack((windows[0].mean, windows[0].shapes[0])),
        kinks=np.array(kinks),
        shapes=tuple(
            slice(int(end) - len(window.shapes), int(end))
            for window, end in zip(windows, ends, strict=True)
        ),
    )


def _mean_of(samples: int, longest: int) -> FloatArray:
    return _at_the_end(np.full(samples, 1.0 / samples), longest)


def _at_the_end(weights: FloatArray, longest: int) -> FloatArray:
    """Return `weights` (n,) as the last of (longest,), zeros before."""
    return np.concatenate((np.zeros(longest - len(weights)), weights))
