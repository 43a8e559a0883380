"""Batches of any size become hops of a fixed duration, and gaps become visible.

A hop is the beat of this room: every plate is judged once per hop, however a device cuts its
samples into batches.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from store_engine.store_map import FloatArray
from store_engine.units import US_PER_S, MessageRef

HOP_S = 0.2  # guess: the batch of a common controller (12 samples at 60 Hz)
GAP_SHARE = 0.5  # guess: half a hop more than expected is a gap; less is clock jitter
GAP_SAMPLES = 1.5  # ... but one period and a half at least

TimesUs = NDArray[np.int64]


class Hop(NamedTuple):
    """About 0.2 s of samples of one device."""

    first_us: int
    steps_us: TimesUs  # (n,) from 0, strictly increasing: times since the first sample
    grams: FloatArray  # (n, cells), NaN where missing
    missing_s: float  # time lost before this hop, 0 when it follows on
    cause: MessageRef  # the batch that completed it

    @classmethod
    def at(cls, times_us: TimesUs, grams: FloatArray, missing_s: float, cause: MessageRef) -> "Hop":
        """Return the hop whose samples were taken at `times_us` (n,)."""
        return cls(int(times_us[0]), times_us - times_us[0], grams, missing_s, cause)

    @property
    def last_us(self) -> int:
        """Time of the last sample."""
        return self.first_us + int(self.steps_us[-1])

    @property
    def times_us(self) -> TimesUs:
        """Times of the samples, (n,)."""
        return np.asarray(self.first_us + self.steps_us)


class Cadence:
    """Cuts one device's batches into hops."""

    def __init__(self, rate_hz: float, cells: int) -> None:
        self.rate_hz = rate_hz
        self.samples = max(1, round(HOP_S * rate_hz))  # of one hop
        self.hop_s = self.samples / rate_hz
        self.last_us = -1  # time of the last sample heard
        self._steps_us = self._steps(self.samples)
        self._held_us: TimesUs = np.empty(0, dtype=np.int64)
        self._held = np.empty((0, cells))
        self._missing_s = 0.0

    def cut(self, grams: FloatArray, time_us: int, cause: MessageRef) -> Iterator[Hop]:
        """Yield the hops that a batch (n, cells), whose first sample is at `time_us`, completes."""
        first_us = max(time_us, self.last_us + 1)
        self._note_gap(first_us, len(grams))
        if len(grams) == self.samples and not len(self._held):  # the usual batch is a hop
            missing_s, self._missing_s = self._missing_s, 0.0
            hop = Hop(first_us, self._steps_us, grams, missing_s, cause)
            self.last_us = hop.last_us
            yield hop
            return
        times_us = np.concatenate((self._held_us, first_us + self._steps(len(grams))))
        grams = np.concatenate((self._held, grams))
        self.last_us = int(times_us[-1])
        whole = len(grams) - len(grams) % self.samples
        for first in range(0, whole, self.samples):
            piece = slice(first, first + self.samples)
            yield Hop.at(times_us[piece], grams[piece], self._missing_s, cause)
            self._missing_s = 0.0
        self._held_us, self._held = times_us[whole:], grams[whole:]

    def _steps(self, samples: int) -> TimesUs:
        """Return the times (samples,) of samples since the first of them."""
        steps: TimesUs = np.rint(np.arange(samples) * (US_PER_S / self.rate_hz)).astype(np.int64)
        return steps

    def _note_gap(self, first_us: int, samples: int) -> None:
        if self.last_us < 0:
            return
        late_s = (first_us - self.last_us) / US_PER_S - 1.0 / self.rate_hz
        patience = max(GAP_SAMPLES, GAP_SHARE * min(samples, self.samples))
        if late_s * self.rate_hz > patience:
            # Samples held back end before the gap: less than a hop, too few to be a level.
            self._missing_s += late_s + len(self._held) / self.rate_hz
            self._held_us, self._held = self._held_us[:0], self._held[:0]

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {
            "last_us": self.last_us,
            "missing_s": self._missing_s,
            "held_us": self._held_us.tolist(),
            "held": self._held.tolist(),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        self.last_us = snapshot["last_us"]
        self._missing_s = snapshot["missing_s"]
        self._held_us = np.array(snapshot["held_us"], dtype=np.int64)
        self._held = np.array(snapshot["held"], dtype=float).reshape(-1, self._held.shape[1])
