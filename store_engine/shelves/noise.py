"""Each plate's own noise, learnt while nobody touches it.

Robust running estimates: every new value is winsorised before it is averaged (Huber 1981), so a
touch cannot teach a plate that it is noisy.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from store_engine.shelves.windows import Roughness, Window, variance
from store_engine.store_map import FloatArray

WHITE_S = 1.0  # guess: memory of the wide-band noise
ROUGH_S = 10.0  # guess: memory of how rough a plate is when nobody is near
SWAY_S = 20.0  # guess: memory of the sway
WINSOR = 9.0  # variance ratio (3 sigma) beyond which a value counts as this much (Huber 1981)
RESOLUTION_G2 = 0.05**2  # guess: converter steps; no plate is quieter than 0.05 g
LEVEL_FLOOR_G2 = 0.15**2  # guess: creep and thermal wander that no averaging removes


class Noise:
    """Noise of every cell of one device; every array is (cells,), g^2.

    Wide-band noise and vibration are seen inside the very window they disturb. What such a model
    leaves out, above all slow sway of hanging goods, shows in the surprises: the variance by
    which they exceed the model is learnt (innovation-based adaptive estimation, Mehra 1970).
    """

    def __init__(self, cells: int) -> None:
        self.white = np.full(cells, RESOLUTION_G2)  # of single samples
        self.rough = np.full(cells, RESOLUTION_G2)  # of single samples, vibration included
        self.sway = np.zeros(cells)  # of levels
        self.hops: NDArray[np.int64] = np.zeros(cells, dtype=np.int64)  # learnt from so far
        self._held = np.zeros((5, cells))  # quiet, white, rough, squared surprise, model

    def model_var(self, window: Window, rough: Roughness) -> FloatArray:
        """Return the variance (cells,) of levels read through `window`, sway left out."""
        white = np.maximum(self.white, rough.white)
        return np.asarray(variance(window.mean_gain, white, rough) + LEVEL_FLOOR_G2)

    def start(self, which: NDArray[np.bool_], rough: Roughness) -> None:
        """Begin from what was just seen, where `which` (cells,) is true."""
        self.white = np.where(which, np.maximum(rough.white, RESOLUTION_G2), self.white)
        self.rough = np.where(which, np.maximum(rough.total, RESOLUTION_G2), self.rough)
        self.sway[which], self.hops[which] = 0.0, 0
        self._held[0, which] = 0.0

    def learn(
        self,
        quiet: FloatArray,
        rough: Roughness,
        squared: FloatArray,
        model: FloatArray,
        dt_s: float,
    ) -> None:
        """Average in the hop held back, hold this one; only where `quiet` (1.0 or 0.0) in both.

        squared: surprises squared; model: their modelled variance, sway left out.
        """
        was_quiet, white, total, was_squared, was_model = self._held
        weight = quiet * was_quiet
        self.white += _pull(self.white, white, weight * (dt_s / WHITE_S))
        self.rough += _pull(self.rough, total, weight * (dt_s / ROUGH_S))
        gain = weight * np.maximum(dt_s / SWAY_S, 1.0 / (self.hops + 2.0))
        expected = was_model + self.sway
        self.sway += gain * (np.minimum(was_squared, WINSOR * expected) - expected)
        np.maximum(self.sway, 0.0, out=self.sway)
        self.hops += weight.astype(np.int64)
        self._held = np.array((quiet, rough.white, rough.total, squared, model))

    def false_alarm(self, cell: int, *, squared: float, model: float, dt_s: float) -> None:
        """A surprise that made one plate look touched came to nothing: it was sway."""
        gain = max(dt_s / SWAY_S, 1.0 / (float(self.hops[cell]) + 2.0))
        expected = model + float(self.sway[cell])
        self.sway[cell] += gain * (min(squared, WINSOR * expected) - expected)
        self.hops[cell] += 1

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {name: array.tolist() for name, array in vars(self).items()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        for name, array in vars(self).items():
            setattr(self, name, np.array(snapshot[name], dtype=array.dtype))


def _pull(old: FloatArray, new: FloatArray | float, weight: FloatArray) -> FloatArray:
    seen = np.minimum(np.maximum(new, RESOLUTION_G2), WINSOR * old)
    return np.asarray(weight * (seen - old))
