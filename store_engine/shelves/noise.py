"""Each plate's own noise, learnt while nobody touches it.

Robust running estimates: every new value is winsorised before it is averaged (Huber 1981), so a
touch too faint to be noticed cannot teach a plate that it is noisy.
"""

from typing import Any

import numpy as np

from store_engine.shelves.windows import Roughness, Window, variance
from store_engine.store_map import FloatArray

WHITE_S = 1.0  # guess: memory of the wide-band noise
ROUGH_S = 10.0  # guess: memory of how rough a plate is when nobody is near
SCALE_S = 20.0  # guess: memory of the correction factor
WINSOR = 9.0  # variance ratio (3 sigma) beyond which a value counts as this much (Huber 1981)
SCALE_RANGE = (1.0 / 16.0, 16.0)  # guess: the correction stays within a factor 4 of the model
RESOLUTION_G2 = 0.05**2  # guess: converter steps and creep; no plate is quieter than 0.05 g
LEVEL_FLOOR_G2 = 0.15**2  # guess: creep and thermal wander that no averaging removes


class Noise:
    """Noise of every cell of one device; every array is (cells,), g^2 unless stated.

    The variance of a level is modelled from what is seen inside its own window, then corrected
    by `scale`: the ratio of squared surprises to the model, averaged. That ratio carries what the
    model leaves out, above all autocorrelation (innovation-based adaptive estimation, Mehra 1970).
    """

    def __init__(self, cells: int) -> None:
        self.white = np.full(cells, RESOLUTION_G2)
        self.rough = np.full(cells, RESOLUTION_G2)
        self.scale = np.ones(cells)  # dimensionless

    def level_var(self, window: Window, rough: Roughness) -> FloatArray:
        """Return the variance (cells,) of each level read through `window`."""
        white = np.maximum(self.white, rough.white)
        model = variance(window.mean_gain, white, rough)
        return np.asarray(self.scale * model + LEVEL_FLOOR_G2)

    def start(self, which: FloatArray, rough: Roughness) -> None:
        """Begin from what was just seen, where `which` (cells,) is true."""
        self.white = np.where(which, np.maximum(rough.white, RESOLUTION_G2), self.white)
        self.rough = np.where(which, np.maximum(rough.total, RESOLUTION_G2), self.rough)

    def learn(self, weight: FloatArray, rough: Roughness, surprise: FloatArray, dt_s: float) -> None:
        """Average in one hop. `weight` is 1.0 where the plate is quiet, else 0.0.

        surprise: squared difference of level and prediction over its modelled variance.
        """
        self.white += self._pull(self.white, rough.white, weight * (dt_s / WHITE_S))
        self.rough += self._pull(self.rough, rough.total, weight * (dt_s / ROUGH_S))
        pull = (np.minimum(surprise, WINSOR) - 1.0) * self.scale
        self.scale += pull * (weight * (dt_s / SCALE_S))
        np.clip(self.scale, *SCALE_RANGE, out=self.scale)

    @staticmethod
    def _pull(old: FloatArray, new: FloatArray | float, weight: FloatArray) -> FloatArray:
        seen = np.minimum(np.maximum(new, RESOLUTION_G2), WINSOR * old)
        return np.asarray(weight * (seen - old))

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {name: getattr(self, name).tolist() for name in ("white", "rough", "scale")}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        for name in ("white", "rough", "scale"):
            setattr(self, name, np.array(snapshot[name], dtype=float))
