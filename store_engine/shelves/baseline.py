"""Each plate's level and drift, learnt while nobody touches it.

An alpha-beta filter per cell (Kalata 1984, "The tracking index"): level, and drift in g/s. A new
level is averaged in one hop late, once the next hop found the plate still quiet, so that the
first moments of a touch do not pull the level that the touch is measured against.
"""

from typing import Any, NamedTuple

import numpy as np

from store_engine.store_map import FloatArray

LEVEL_GAIN = 0.1  # per hop of 0.2 s: remembers 2 s (guess: shorter than drift, longer than noise)
DRIFT_GAIN = 0.0006  # per hop: drift is learnt over 30 s (guess)
DRIFT_LIMIT = 2.0  # g/s (guess: twice the worst faulty shelf)
DRIFT_STD = 0.02  # g/s: about a gram per minute, what an untaught plate may drift (field notes)
DRIFT_MEMORY_S = 60.0  # guess: a drift older than this says nothing about now
WANDER_G2_PER_S = 0.01  # guess: 6 g of random walk in an hour ("drifts over hours")
OVERLAP = 1.33  # a tapered 0.4 s level every 0.2 s shares 1/6 with each neighbour: 1 + 2/6

_GAINS = np.maximum(LEVEL_GAIN, 1.0 / np.arange(1.0, 1.0 + 1.0 / LEVEL_GAIN))
_GAINS[0] = 0.0  # nothing is held back yet
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


class Baseline:
    """Level and drift of every cell of one device; every array is (cells,)."""

    def __init__(self, cells: int) -> None:
        self.level = np.zeros(cells)  # g, at the middle of the last level window
        self.var = np.zeros(cells)  # g^2
        self.drift = np.zeros(cells)  # g/s
        self.held = np.zeros(cells)  # g, the surprise held back for one hop
        self.held_var = np.zeros(cells)  # g^2, variance of that level
        self.hops = np.zeros(cells, dtype=np.int64)  # averaged in since the level was set
        self.unseen_s = np.zeros(cells)  # seconds since the level was last seen

    def pass_time(self, dt_s: float, seen: FloatArray | None = None) -> None:
        """Extrapolate by `dt_s`; where not `seen` (nowhere when None) doubt grows with time."""
        if seen is not None and seen.all() and not self.unseen_s.any():
            self.level += self.drift * dt_s
            self.var += WANDER_G2_PER_S * dt_s
            return
        before = np.minimum(self.unseen_s, DRIFT_MEMORY_S)
        after = np.minimum(self.unseen_s + dt_s, DRIFT_MEMORY_S)
        self.level += self.drift * (after - before)
        self.var += WANDER_G2_PER_S * dt_s + DRIFT_STD**2 * (after**2 - before**2)
        self.unseen_s = self.unseen_s + dt_s if seen is None else np.where(seen, 0.0, after)

    def learn(
        self, quiet: FloatArray, surprise: FloatArray, level_var: FloatArray, dt_s: float
    ) -> None:
        """Average in the surprise held back, hold this one; only where `quiet` (cells,)."""
        gain = _GAINS[self.hops] * quiet
        moved = gain * self.held
        self.level += moved
        self.drift += (DRIFT_GAIN / dt_s) * self.held * quiet
        np.clip(self.drift, -DRIFT_LIMIT, DRIFT_LIMIT, out=self.drift)
        self.var += gain * (gain * (self.var + OVERLAP * self.held_var) - 2.0 * self.var)
        self.held, self.held_var = (surprise - moved) * quiet, level_var
        np.minimum(self.hops + quiet.astype(np.int64), len(_GAINS) - 1, out=self.hops)

    def set(self, cell: int | FloatArray, grams: FloatArray | float, var: FloatArray | float) -> None:
        """Start again from this level, keeping the drift."""
        self.level[cell], self.var[cell] = grams, var
        self.held[cell], self.hops[cell], self.unseen_s[cell] = 0.0, 0, 0.0

    def at(self, cell: int, time_us: int, *, level_var: float, dt_s: float) -> Level:
        """Return the level of one cell, said to hold at `time_us`."""
        drift_var = DRIFT_STD**2 + _DRIFT_NOISE * level_var / dt_s**2
        return Level(
            at_us=time_us,
            grams=float(self.level[cell]),
            var=float(self.var[cell]),
            drift=float(self.drift[cell]),
            drift_var=drift_var,
        )

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {name: array.tolist() for name, array in vars(self).items()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        for name, array in vars(self).items():
            setattr(self, name, np.array(snapshot[name], dtype=array.dtype))
