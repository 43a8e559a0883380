"""Each plate's own noise, learnt while nobody touches it.

The variance of a level has three parts: wide-band noise and vibration, both seen inside the very
window they disturb, and slow sway of hanging goods, which only shows in the surprises. What a
surprise exceeds the model by is shared out among the parts in proportion (innovation-based
adaptive estimation, Mehra 1970). Every new value is winsorised before it is averaged (Huber
1981), so a touch cannot teach a plate that it is noisy.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from store_engine.shelves.windows import Roughness, Window
from store_engine.store_map import FloatArray

WHITE_S = 1.0  # guess: memory of the wide-band noise
ROUGH_S = 10.0  # guess: memory of how rough a plate is when nobody is near
SURPRISE_S = 20.0  # guess: memory of sway and leak
WINSOR = 9.0  # variance ratio (3 sigma) beyond which a value counts as this much (Huber 1981)
RESOLUTION_G2 = 0.05**2  # guess: converter steps; no plate is quieter than 0.05 g
LEVEL_FLOOR_G2 = 0.15**2  # guess: creep and thermal wander that no averaging removes
LEAK_RANGE = (0.1, 30.0)  # 30: all vibration at 4 Hz, the worst of its band; 0.1: guess


class LevelVar(NamedTuple):
    """Variance of levels, in parts; each (cells,), g^2."""

    plain: FloatArray  # wide-band noise
    shaken: FloatArray  # vibration
    sway: FloatArray


class OwnNoise(NamedTuple):
    """Noise of one plate; see `Noise`."""

    white: float
    rough: float
    sway: float
    leak: float


class Noise:
    """Noise of every cell of one device; every array is (cells,)."""

    def __init__(self, cells: int) -> None:
        self.white = np.full(cells, RESOLUTION_G2)  # g^2, of single samples
        self.rough = np.full(cells, RESOLUTION_G2)  # g^2, of single samples with vibration
        self.sway = np.zeros(cells)  # g^2, of levels
        self.leak = np.ones(cells)  # vibration that reaches levels, against the window's mean
        self.hops: NDArray[np.int64] = np.zeros(cells, dtype=np.int64)  # learnt from so far
        self._held = np.ones((6, cells))  # quiet; white, total; squared surprise, plain, shaken
        self._held[0] = 0.0

    def of(self, cell: int) -> OwnNoise:
        """Return the noise of one cell."""
        return OwnNoise(
            white=float(self.white[cell]),
            rough=float(self.rough[cell]),
            sway=float(self.sway[cell]),
            leak=float(self.leak[cell]),
        )

    def level_var(self, window: Window, rough: Roughness) -> LevelVar:
        """Return the variance of levels read through `window`."""
        plain = window.gain.white * np.maximum(self.white, rough.white) + LEVEL_FLOOR_G2
        excess = np.maximum(rough.total - rough.white, 0.0)
        return LevelVar(plain, window.gain.vibration * self.leak * excess, self.sway)

    def start(self, which: NDArray[np.bool_], rough: Roughness) -> None:
        """Begin from what was just seen, where `which` (cells,) is true."""
        self.white = np.where(which, np.maximum(rough.white, RESOLUTION_G2), self.white)
        self.rough = np.where(which, np.maximum(rough.total, RESOLUTION_G2), self.rough)
        self.sway[which], self.leak[which], self.hops[which] = 0.0, 1.0, 0
        self._held[0, which] = 0.0

    def learn(
        self, quiet: FloatArray, rough: Roughness, squared: FloatArray, var: LevelVar, dt_s: float
    ) -> None:
        """Average in the hop held back, hold this one; only where `quiet` (1.0 or 0.0) in both.

        squared: surprises squared [g^2], which `var` was to explain.
        """
        was_quiet, white, total, was_squared, plain, shaken = self._held
        weight = quiet * was_quiet
        self.white += _pull(self.white, white, weight * (dt_s / WHITE_S))
        self.rough += _pull(self.rough, total, weight * (dt_s / ROUGH_S))
        gain = weight * np.maximum(dt_s / SURPRISE_S, 1.0 / (self.hops + 2.0))
        expected = plain + shaken + self.sway
        excess = gain * (np.minimum(was_squared / expected, WINSOR) - 1.0)
        share = shaken / expected
        self.leak *= 1.0 + excess * share
        self.sway += excess * (expected - shaken)
        np.clip(self.leak, *LEAK_RANGE, out=self.leak)
        np.maximum(self.sway, 0.0, out=self.sway)
        self.hops += weight.astype(np.int64)
        self._held = np.array((quiet, rough.white, rough.total, squared, var.plain, var.shaken))

    def false_alarm(self, cell: int, *, squared: float, plain: float, shaken: float) -> None:
        """A surprise that made one plate look touched came to nothing: it was noise."""
        gain = max(0.2 / SURPRISE_S, 1.0 / (float(self.hops[cell]) + 2.0))
        expected = plain + shaken + float(self.sway[cell])
        excess = gain * (min(squared / expected, WINSOR) - 1.0)
        self.leak[cell] = min(self.leak[cell] * (1.0 + excess * shaken / expected), LEAK_RANGE[1])
        self.sway[cell] += excess * (expected - shaken)
        self.hops[cell] += 1

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {name: array.tolist() for name, array in vars(self).items()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        for name, array in vars(self).items():
            setattr(self, name, np.array(snapshot[name], dtype=array.dtype))


def _pull(old: FloatArray, new: FloatArray, weight: FloatArray) -> FloatArray:
    seen = np.minimum(np.maximum(new, RESOLUTION_G2), WINSOR * old)
    return np.asarray(weight * (seen - old))
