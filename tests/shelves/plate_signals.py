"""Synthetic plates for the tests of shelves: signals drawn from physics, not from the simulator."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store_engine.messages import ShelfWeights
from store_engine.shelves import Shelves
from store_engine.signals import PlateUnsettled, WeightStep
from store_engine.store_map import Plate, StoreMap
from store_engine.units import DeviceId, PlateId, ShelfId, StoreId

RATE_HZ = 60.0
BATCH = 12
START_US = 1_700_000_000_000_000
DEVICE = "S1"

Floats = NDArray[np.float64]
Signal = WeightStep | PlateUnsettled


def store_map(cells: dict[str, Sequence[str | None]]) -> StoreMap:
    """Return a map that holds nothing but these devices' plates, shelf "1-1" for "1-1-3"."""
    plates = {
        PlateId(name): Plate(
            plate=PlateId(name),
            shelf=ShelfId(name.rpartition("-")[0]),
            device=DeviceId(device),
            centre=(0.0, 0.0, 1.0),
            along=(1.0, 0.0),
            outward=(0.0, 1.0),
            width_m=0.1,
            depth_m=0.4,
            headroom_m=0.3,
        )
        for device, names in cells.items()
        for name in names
        if name is not None
    }
    wired: Any = {DeviceId(device): tuple(names) for device, names in cells.items()}
    return StoreMap(
        store=StoreId("lab"), floor=(), gates={}, cameras={}, trackers=(), plates=plates,
        cells=wired, facings=(), obstacles=(),
    )  # fmt: skip


class Lab:
    """Plates of one shelf on one device; `grams` is (samples, plates)."""

    def __init__(
        self, *, seconds: float, plates: int = 6, seed: int = 0, white_g: float = 1.0
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.times_s = np.arange(round(seconds * RATE_HZ / BATCH) * BATCH) / RATE_HZ
        offsets = self.rng.uniform(500.0, 8000.0, plates)
        noise = self.rng.normal(0.0, white_g, (len(self.times_s), plates))
        self.grams: Floats = offsets + noise
        self.map = store_map({DEVICE: [f"1-1-{i}" for i in range(plates)]})

    def lasting(self, plate: int, at_s: float, change_g: float, *, over_s: float = 0.1) -> None:
        """A lasting change that begins at `at_s` and takes `over_s`."""
        progress = np.clip((self.times_s - at_s) / over_s, 0.0, 1.0)
        self.grams[:, plate] += change_g * progress**2 * (3.0 - 2.0 * progress)

    def ring(self, plate: int, at_s: float, swing_g: float, *, hz: float, decay_s: float) -> None:
        """A damped swing whose mean is zero."""
        since = self.times_s - at_s
        omega = 2.0 * np.pi * hz
        swing = np.sin(omega * since - np.arctan(omega * decay_s)) * np.exp(-since / decay_s)
        swing[since < 0.0] = 0.0
        self.grams[:, plate] += swing_g * swing

    def hold(
        self, plate: int, from_s: float, to_s: float, force_g: float, *, wander: float = 0.03
    ) -> None:
        """A hand: steady force that wanders below 3 Hz and trembles at 8 to 12 Hz."""
        inside = (self.times_s >= from_s) & (self.times_s < to_s)
        slow = self._band(0.2, 3.0) * wander * force_g
        tremor = self._band(8.0, 12.0) * 0.3 * wander * force_g
        self.grams[:, plate] += inside * (force_g + slow + tremor)

    def vibrate(self, from_s: float, to_s: float, amplitude_g: float) -> None:
        """Somebody walks by: 4 to 12 Hz, damped, on every plate its own way."""
        for plate in range(self.grams.shape[1]):
            hz, share = self.rng.uniform(4.0, 12.0), self.rng.uniform(0.4, 1.0)
            for at_s in np.arange(from_s, to_s, 0.5):
                swing_g = amplitude_g * share * self.rng.uniform(0.5, 1.0)
                self.ring(plate, at_s + self.rng.uniform(0.0, 0.1), swing_g, hz=hz, decay_s=0.35)

    def drift(self, plate: int, g_per_s: float) -> None:
        """A slow drift."""
        self.grams[:, plate] += g_per_s * self.times_s

    def _band(self, low_hz: float, high_hz: float) -> Floats:
        """Return noise of unit variance within a band."""
        spectrum = np.fft.rfft(self.rng.standard_normal(len(self.times_s)))
        hz = np.fft.rfftfreq(len(self.times_s), 1.0 / RATE_HZ)
        spectrum[(hz < low_hz) | (hz > high_hz)] = 0.0
        noise = np.fft.irfft(spectrum, len(self.times_s))
        return np.asarray(noise / noise.std())

    def batches(self, *, lost: Iterable[int] = ()) -> list[ShelfWeights]:
        """Return the messages of the session, without the batches that are lost."""
        gone = set(lost)
        return [
            batch(self.grams[first : first + BATCH], sequence=first // BATCH)
            for first in range(0, len(self.grams), BATCH)
            if first // BATCH not in gone
        ]

    def weigh(self, *, lost: Iterable[int] = ()) -> list[Signal]:
        """Return what a fresh room makes of the session."""
        return hear(Shelves(self.map), self.batches(lost=lost))

    def steps(self, *, lost: Iterable[int] = ()) -> list[WeightStep]:
        """Return the steps a fresh room reports."""
        return [signal for signal in self.weigh(lost=lost) if isinstance(signal, WeightStep)]


def batch(grams: Floats, *, sequence: int, device: str = DEVICE) -> ShelfWeights:
    """Return one message; NaN becomes None."""
    rows = [[None if np.isnan(g) else g for g in row] for row in grams.tolist()]
    return ShelfWeights(
        device=device,
        sequence=sequence,
        time_us=START_US + round(sequence * BATCH / RATE_HZ * 1e6),
        rate_hz=RATE_HZ,
        samples=tuple(map(tuple, rows)),
    )


def hear(room: Shelves, batches: Iterable[ShelfWeights]) -> list[Signal]:
    """Return every signal, in order."""
    return [signal for weights in batches for signal in room.weigh(weights, weights.time_us)]


def seconds(time_us: int) -> float:
    """Return seconds since the session began."""
    return (time_us - START_US) / 1e6
