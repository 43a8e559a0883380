"""Where things are: gates, floor, cameras with calibration, gondola > shelf > plate, planogram.

The store frame is in metres, z up, floor at z = 0. Built by `store_files.load_store` from the
files a shopkeeper edits; immutable afterwards.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from store_engine.units import CameraId, DeviceId, GateId, Gtin, PlateId, ShelfId, StoreId

FloatArray = NDArray[np.float64]

GOODS_MAX_M = 0.5  # goods are no taller than this where the shelf above is far (guess)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A line on the floor that people cross to come in or go out."""

    gate: GateId  # also its device id
    ends: tuple[tuple[float, float], tuple[float, float]]  # metres
    inward: tuple[float, float]  # unit vector pointing into the store

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the line, metres."""
        (ax, ay), (bx, by) = self.ends
        return (ax + bx) / 2, (ay + by) / 2


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A calibrated camera; OpenCV axes (x right, y down, z forward).

    A world point X projects through x = R^T (X - t), then distortion (k1, k2, p1, p2, k3) on
    x/z, then K.
    """

    camera: CameraId
    width_px: int
    height_px: int
    K: FloatArray  # (3, 3) pixels
    distortion: FloatArray  # (5,) k1, k2, p1, p2, k3
    R: FloatArray  # (3, 3) camera -> world
    t: FloatArray  # (3,) camera centre in the store frame, metres


@dataclass(frozen=True, kw_only=True)
class Plate:
    """One load-cell plate: an oriented rectangle, seen from above."""

    plate: PlateId
    shelf: ShelfId
    device: DeviceId  # the controller that reports it
    centre: tuple[float, float, float]  # metres, on the surface goods stand on
    along: tuple[float, float]  # unit vector along the shelf (plates follow each other)
    outward: tuple[float, float]  # unit vector towards the shopper
    width_m: float  # along the shelf
    depth_m: float  # towards the shopper
    headroom_m: float  # to the shelf above

    def distance_m(self, x: float, y: float, z: float) -> float:
        """Return the distance from a point to the space above the plate, 0 inside.

        The space reaches up to the next shelf, `GOODS_MAX_M` at most.
        """
        dx, dy, dz = x - self.centre[0], y - self.centre[1], z - self.centre[2]
        along = abs(dx * self.along[0] + dy * self.along[1]) - self.width_m / 2
        outward = abs(dx * self.outward[0] + dy * self.outward[1]) - self.depth_m / 2
        above = max(-dz, dz - min(self.headroom_m, GOODS_MAX_M))
        return math.hypot(max(along, 0.0), max(outward, 0.0), max(above, 0.0))

    def floor_distance_m(self, x: float, y: float) -> float:
        """Return the distance on the floor from a point to the plate's centre."""
        return math.hypot(x - self.centre[0], y - self.centre[1])


@dataclass(frozen=True, kw_only=True)
class Facing:
    """A product's place: the neighbouring plates of one shelf that it stands on."""

    gtin: Gtin
    plates: tuple[PlateId, ...]


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """An oriented box on the floor that people walk around (a gondola with its shelves)."""

    name: str
    corners: tuple[tuple[float, float], ...]  # metres, counter-clockwise


@dataclass(frozen=True, kw_only=True)
class StoreMap:
    """Everything fixed in one store."""

    store: StoreId
    floor: tuple[tuple[float, float], ...]  # polygon people can stand in, metres
    gates: Mapping[GateId, Gate]
    cameras: Mapping[CameraId, Camera]
    trackers: tuple[DeviceId, ...]  # upstream 3-D trackers
    plates: Mapping[PlateId, Plate]
    cells: Mapping[DeviceId, tuple[PlateId | None, ...]]  # weight device -> its cells in order
    facings: tuple[Facing, ...]
    obstacles: tuple[Obstacle, ...]

    @cached_property
    def shelves(self) -> Mapping[ShelfId, tuple[PlateId, ...]]:
        """Plates of each shelf, in order along it."""
        shelves: dict[ShelfId, tuple[PlateId, ...]] = {}
        for plate in self.plates.values():
            shelves[plate.shelf] = (*shelves.get(plate.shelf, ()), plate.plate)
        return shelves

    @cached_property
    def products_on(self) -> Mapping[PlateId, tuple[Gtin, ...]]:
        """Products whose facing covers each plate."""
        on: dict[PlateId, tuple[Gtin, ...]] = dict.fromkeys(self.plates, ())
        for facing in self.facings:
            for plate in facing.plates:
                on[plate] = (*on[plate], facing.gtin)
        return on

    @cached_property
    def devices(self) -> frozenset[DeviceId]:
        """Every device that may speak in this store."""
        named = {*self.gates, *self.cameras, *self.trackers, *self.cells}
        return frozenset(DeviceId(name) for name in named)
