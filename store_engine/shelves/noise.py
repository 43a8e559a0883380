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

from store_engine.shelves.cadence import HOP_S
from store_engine.shelves.gauge import Roughness
from store_engine.shelves.shares import Share, counted, from_plain, to_plain
from store_engine.shelves.windows import Gain
from store_engine.store_map import FloatArray

WHITE_S = 1.0  # guess: memory of the wide-band noise
ROUGH_S = 10.0  # guess: memory of how rough a plate is when nobody is near
SURPRISE_S = 20.0  # guess: memory of sway and leak
WINSOR = 9.0  # variance ratio (3 sigma) beyond which a value counts as this much (Huber 1981)
RESOLUTION_G2 = 0.05**2  # guess: converter steps; no plate is quieter than 0.05 g
LEVEL_FLOOR_G2 = 0.15**2  # guess: creep and thermal wander that no averaging removes
LEAK_RANGE = (0.1, 30.0)  # 30: all vibration at 4 Hz, the worst of its band; 0.1: guess

_MOST_SEEN = SURPRISE_S / HOP_S
_MEMORIES_S = np.array([[WHITE_S], [ROUGH_S]])


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
    """Noise of every cell of one device."""

    def __init__(self, cells: int) -> None:
        # (2, cells) g^2, of single samples: wide-band noise; all that shakes an untouched plate
        self.samples = np.full((2, cells), RESOLUTION_G2)
        self.sway = np.zeros(cells)  # g^2, of levels
        self.leak = np.ones(cells)  # vibration that reaches levels, against the window's mean
        # surprises learnt from so far, and two of doubt; at most as many as are remembered
        self._seen: Share = np.full(cells, 2.0)
        self._held = np.zeros((2, cells))  # one hop: its roughness
        self._held_squared = np.zeros(cells)  # its surprise
        self._held_plain = np.ones(cells)  # what was to explain that
        self._held_shaken = np.ones(cells)
        self._held_quiet: Share = np.zeros(cells)  # 1.0 where it was quiet

    @property
    def rough(self) -> FloatArray:
        """Variance of single samples of untouched plates, vibration included; (cells,) g^2."""
        rough: FloatArray = self.samples[1]
        return rough

    def of(self, cell: int) -> OwnNoise:
        """Return the noise of one cell."""
        white, rough = self.samples[:, cell].tolist()
        return OwnNoise(white, rough, float(self.sway[cell]), float(self.leak[cell]))

    def level_var(self, rough: Roughness, gain: Gain) -> LevelVar:
        """Return the variance of levels read through a window of this `gain`."""
        plain = np.maximum(self.samples[0], rough.samples[0])
        plain *= gain.white
        plain += LEVEL_FLOOR_G2
        return LevelVar(plain, rough.shaken * self.leak, self.sway)

    def start(self, which: NDArray[np.bool_], rough: Roughness) -> None:
        """Begin from what was just seen, where `which` (cells,) is true."""
        self.samples[:, which] = np.maximum(rough.samples[:, which], RESOLUTION_G2)
        self.sway[which], self.leak[which] = 0.0, 1.0
        self._seen = np.where(which, 2.0, self._seen)
        self._held_quiet = np.where(which, 0.0, self._held_quiet)

    def learn(
        self, quiet: Share, rough: Roughness, squared: FloatArray, var: LevelVar, dt_s: float
    ) -> None:
        """Average in the hop held back, hold this one; only where `quiet` (1.0 or 0.0) in both.

        squared: surprises squared [g^2], which `var` was to explain.
        """
        weight = quiet * self._held_quiet
        pull = np.maximum(self._held, RESOLUTION_G2)
        np.minimum(pull, WINSOR * self.samples, out=pull)
        pull -= self.samples
        pull /= _MEMORIES_S
        pull *= weight * dt_s
        self.samples += pull
        self._learn_surprise(weight, dt_s)
        self._held, self._held_squared, self._held_quiet = rough.samples, squared, quiet
        self._held_plain, self._held_shaken = var.plain, var.shaken

    def confirm(self, quiet: Share) -> None:
        """Between two hops that are learnt from: drop what is held where it was not `quiet`."""
        self._held_quiet = self._held_quiet * quiet

    def _learn_surprise(self, weight: Share, dt_s: float) -> None:
        plain = self._held_plain + self.sway
        expected = plain + self._held_shaken
        excess = self._held_squared / expected
        np.minimum(excess, WINSOR, out=excess)
        excess -= 1.0
        excess *= weight / np.minimum(self._seen, SURPRISE_S / dt_s)
        self.sway += excess * plain
        np.maximum(self.sway, 0.0, out=self.sway)
        excess *= self._held_shaken
        excess /= expected
        excess += 1.0
        self.leak *= excess
        np.maximum(self.leak, LEAK_RANGE[0], out=self.leak)
        np.minimum(self.leak, LEAK_RANGE[1], out=self.leak)
        self._seen = counted(self._seen, weight, most=_MOST_SEEN)

    def false_alarm(self, cell: int, *, squared: float, plain: float, shaken: float) -> None:
        """A surprise that made one plate look touched came to nothing: it was noise."""
        gain = 1.0 / float(np.broadcast_to(self._seen, self.sway.shape)[cell])
        plain += float(self.sway[cell])
        expected = plain + shaken
        excess = gain * (min(squared / expected, WINSOR) - 1.0)
        self.leak[cell] = min(self.leak[cell] * (1.0 + excess * shaken / expected), LEAK_RANGE[1])
        self.sway[cell] += excess * plain
        once = np.arange(len(self.sway)) == cell
        self._seen = counted(self._seen, once.astype(float), most=_MOST_SEEN)

    def swings(self, cell: int, swing_g2: float) -> None:
        """One plate was seen to swing about its level: believe it at once, forget it slowly."""
        self.sway[cell] = max(float(self.sway[cell]), swing_g2)

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {name: to_plain(array) for name, array in vars(self).items()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        for name in vars(self):
            setattr(self, name, from_plain(snapshot[name]))
