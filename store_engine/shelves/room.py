"""The room: every weight device of a store."""

from collections.abc import Mapping
from functools import lru_cache
from struct import Struct, error
from typing import Any

import numpy as np

from store_engine.errors import InvariantError
from store_engine.messages import ShelfWeights
from store_engine.shelves.device import DeviceShelves
from store_engine.signals import PlateUnsettled, WeightStep
from store_engine.store_map import FloatArray, StoreMap
from store_engine.units import DeviceId, PlateId


class Shelves:
    """Turns weight batches into settled steps.

    State is kept per device, so the order in which devices interleave changes nothing.
    """

    def __init__(self, store_map: StoreMap) -> None:
        shelf_of = {name: plate.shelf for name, plate in store_map.plates.items()}
        self._devices = {
            device: DeviceShelves(cells, shelf_of) for device, cells in store_map.cells.items()
        }

    def weigh(self, weights: ShelfWeights, time_us: int) -> list[WeightStep | PlateUnsettled]:
        """Return what a batch settles or unsettles.

        Batches of one device come in sequence; a missing one shows as a jump in time.

        Args:
            weights: one batch; its cells are those the store map lists for its device.
            time_us: event time of its first sample.
        """
        device = self._devices.get(DeviceId(weights.device))
        if device is None:
            raise InvariantError(f"{weights.device}: no weight device of this store")
        grams = _matrix(weights, device.configured)
        return device.weigh(grams, time_us, rate_hz=weights.rate_hz, cause=weights.ref)

    def heard_until_us(self, device: str) -> int | None:
        """Return the time of a device's last sample, None before its first."""
        return self._devices[DeviceId(device)].heard_until_us

    def settled_until_us(self, device: str) -> int | None:
        """Return the time before which this device's steps are all reported or in `unsettled`."""
        return self._devices[DeviceId(device)].settled_until_us

    def unsettled(self) -> Mapping[PlateId, int]:
        """Return the plates being touched, and since when [us]."""
        touched: dict[PlateId, int] = {}
        for device in self._devices.values():
            touched.update(device.unsettled())
        return touched

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain values."""
        return {str(name): device.snapshot() for name, device in self._devices.items()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become, bit for bit, the room that gave this snapshot."""
        for name, device in self._devices.items():
            device.restore(snapshot[str(name)])


@lru_cache(maxsize=64)
def _row_of(cells: int) -> Struct:
    return Struct(f"{cells}d")


def _matrix(weights: ShelfWeights, cells: int) -> FloatArray:
    """Return the samples of a batch (n, cells), NaN where missing."""
    rows, pack = weights.samples, _row_of(cells).pack
    try:  # the usual batch misses nothing; twice as fast as np.array(rows)
        return np.frombuffer(b"".join([pack(*row) for row in rows])).reshape(len(rows), cells)
    except error:  # a reading is None, or there are too many or too few
        for row in rows:
            if len(row) != cells:
                raise InvariantError(
                    f"shelf device {weights.device}: {cells} cells configured, {len(row)} received"
                ) from None
        return np.array(rows, dtype=float).reshape(len(rows), cells)
