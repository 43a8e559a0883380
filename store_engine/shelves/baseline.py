"""Each plate's level and drift, learnt while nobody touches it.

An alpha-beta filter per cell (Kalata 1984, "The tracking index"): level, and drift in g/s. A new
level is averaged in one hop late, once the next hop found the plate still quiet, and a touch is
measured against the level of a little earlier still: the first moments of a slow touch, too
faint to be noticed, must not pull the level that it is measured against.
"""

from collections import deque
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from store_engine.shelves.cadence import HOP_S
from store_engine.shelves.shares import Share, counted, from_plain, to_plain
from store_engine.store_map import FloatArray

LEVEL_GAIN = 0.1  # per hop of 0.2 s: remembers 2 s (guess: shorter than drift, longer than noise)
DRIFT_GAIN = 2.0 - LEVEL_GAIN - 2.0 * (1.0 - LEVEL_GAIN) ** 0.5  # critical damping: 8 s
DRIFT_LIMIT = 2.0  # g/s (guess: twice the worst faulty shelf)
DRIFT_STD = 0.02  # g/s: about a gram per minute, what an untaught plate may drift (field notes)
DRIFT_MEMORY_S = 60.0  # guess: a drift older than this says nothing about now
WANDER_G2_PER_S = 0.01  # guess: 6 g of random walk in an hour ("drifts over hours")
OVERLAP = 1.33  # a tapered 0.4 s level every 0.2 s shares 1/6 with each neighbour: 1 + 2/6
LOOK_BACK_HOPS = 4  # guess: a slow touch goes unnoticed this long at most

_DRIFT_NOISE = 2.0 * DRIFT_GAIN**2 / (LEVEL_GAIN * (4.0 - 2.0 * LEVEL_GAIN - DRIFT_GAIN))


class Level(NamedTuple):
    """The level of one plate at one instant, and how it may have moved since."""

    at_us: int
    grams: float
    var: float  # g^2
    drift: float  # g/s
    drift_var: float  # (g/s)^2

    def later(self, time_us: int) -> tuple[float, float]:
        """Return (grams, variance) extrapolated to `time_us`."""
        dt_s = max(0.0, (time_us - self.at_us) / 1e6)
        drifting_s = min(dt_s, DRIFT_MEMORY_S)
        var = self.var + self.drift_var * drifting_s**2 + WANDER_G2_PER_S * dt_s
        return self.grams + self.drift * drifting_s, var


class Past(NamedTuple):
    """Where the plates stood a few hops ago: level, variance and drift are (cells,).

    No copies: the baseline replaces these arrays in every hop, and writes into one of them only
    before it is remembered, or after to change the past (`forget`).
    """

    at_us: int
    level: FloatArray
    var: FloatArray
    drift: FloatArray


class Baseline:
    """Level and drift of every cell of one device; every array is (cells,)."""

    def __init__(self, cells: int) -> None:
        self.level = np.zeros(cells)  # g, at the middle of the last level window
        self.var = np.zeros(cells)  # g^2
        self.drift = np.zeros(cells)  # g/s
        self._held = np.zeros(cells)  # g, the surprise held back for one hop
        self._held_var = np.zeros(cells)  # g^2, variance of that level
        self._quiet: Share = np.zeros(cells)  # 1.0 where that surprise was noise, else 0.0
        # levels averaged in since `set`, the next one included; at most 1 / LEVEL_GAIN
        self._seen: Share = np.full(cells, 2.0)
        self._unheard_s = np.zeros(cells)  # seconds since the cell was last heard
        self._past: deque[Past] = deque(maxlen=LOOK_BACK_HOPS)  # oldest first

    def pass_time(self, dt_s: float) -> None:
        """Extrapolate by `dt_s`, every plate being heard."""
        self.level = self.level + self.drift * dt_s
        self.var = self.var + WANDER_G2_PER_S * dt_s

    def pass_unheard(self, dt_s: float, heard: NDArray[np.bool_]) -> None:
        """Extrapolate by `dt_s`; where not `heard` (cells,) doubt grows with drift."""
        before = np.minimum(self._unheard_s, DRIFT_MEMORY_S)
        after = np.minimum(before + dt_s, DRIFT_MEMORY_S)
        self.level = self.level + self.drift * (after - before)
        doubt = WANDER_G2_PER_S * dt_s + DRIFT_STD**2 * (after**2 - before**2)
        self.var = self.var + doubt
        self._unheard_s = np.where(heard, 0.0, self._unheard_s + dt_s)

    def skip(self, dt_s: float) -> None:
        """Nothing was heard for `dt_s`; what was held back stays unconfirmed."""
        self.pass_unheard(dt_s, np.zeros(len(self.level), dtype=np.bool_))
        self._quiet = 0.0

    def learn(self, quiet: Share, surprise: FloatArray, level_var: FloatArray, dt_s: float) -> None:
        """Average in the surprise held back where `quiet` (1.0 or 0.0) since; hold this one."""
        weight = quiet * self._quiet
        gain = weight / self._seen
        moved = gain * self._held
        self.level = self.level + moved
        self.drift = self.drift + weight * (DRIFT_GAIN / dt_s) * self._held
        if self.drift.dot(self.drift) > DRIFT_LIMIT**2:  # seldom, and cheaper than to clip
            self.drift = self.drift.clip(-DRIFT_LIMIT, DRIFT_LIMIT)
        keep = 1.0 - gain
        self.var = keep * keep * self.var + gain * gain * OVERLAP * self._held_var
        self._held, self._held_var, self._quiet = surprise - moved, level_var, quiet
        self._seen = counted(self._seen, weight, most=1.0 / LEVEL_GAIN)

    def remember(self, at_us: int) -> None:
        """Note where the plates stand; `at_us` is the middle of the last level window."""
        self._past.append(Past(at_us, self.level, self.var, self.drift))

    def set(
        self, cell: int | NDArray[np.bool_], grams: FloatArray | float, var: FloatArray | float
    ) -> None:
        """Start again from this level where no plate is quiet; drift and what was before stay."""
        self.level[cell], self.var[cell] = grams, var
        self._seen = np.full(len(self.level), self._seen)
        self._seen[cell], self._unheard_s[cell] = 2.0, 0.0

    def forget(self, cell: int | NDArray[np.bool_]) -> None:
        """Make the past of one cell what it is now: a lasting change was accounted for."""
        for past in self._past:
            past.level[cell], past.var[cell] = self.level[cell], self.var[cell]

    def before(self, cell: int, *, level_var: float) -> Level:
        """Return the level of one cell a few hops ago, to measure a touch against.

        level_var: variance of the levels that taught the drift [g^2].
        """
        past = self._past[0]
        return Level(
            at_us=past.at_us,
            grams=float(past.level[cell]),
            var=float(past.var[cell]),
            drift=float(past.drift[cell]),
            drift_var=DRIFT_STD**2 + _DRIFT_NOISE * level_var / HOP_S**2,
        )

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        arrays = {name: to_plain(a) for name, a in vars(self).items() if name != "_past"}
        past = [[p.at_us, p.level.tolist(), p.var.tolist(), p.drift.tolist()] for p in self._past]
        return {**arrays, "_past": past}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        for name in vars(self):
            if name != "_past":
                setattr(self, name, from_plain(snapshot[name]))
        self._past.clear()
        for at_us, level, var, drift in snapshot["_past"]:
            self._past.append(Past(at_us, np.array(level), np.array(var), np.array(drift)))
