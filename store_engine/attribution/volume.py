"""The space above a plate, where a hand that takes or returns something has to be."""

import math

from store_engine.store_map import Plate

VOLUME_MAX_M = 0.5  # goods are no taller than this where the shelf above is far (guess)


class Volume:
    """The space above a plate, up to the next shelf: plain numbers, read for every frame."""

    __slots__ = (
        "along",
        "half_depth_m",
        "half_width_m",
        "outward",
        "plate",
        "top_m",
        "x",
        "y",
        "z",
    )

    def __init__(self, plate: Plate) -> None:
        self.plate = plate
        self.x, self.y, self.z = plate.centre
        self.along, self.outward = plate.along, plate.outward
        self.half_width_m, self.half_depth_m = plate.width_m / 2, plate.depth_m / 2
        self.top_m = min(plate.headroom_m, VOLUME_MAX_M)

    def distance_m(self, x: float, y: float, z: float) -> float:
        """Return the distance from a point to the volume, 0 inside."""
        dx, dy, dz = x - self.x, y - self.y, z - self.z
        ax, ay = self.along
        ox, oy = self.outward
        along = abs(dx * ax + dy * ay) - self.half_width_m
        outward = abs(dx * ox + dy * oy) - self.half_depth_m
        above = -dz if dz < 0.0 else dz - self.top_m
        return math.hypot(max(along, 0.0), max(outward, 0.0), max(above, 0.0))
