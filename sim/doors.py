"""Gates as people use them: one at a time, in the order they came."""

import numpy as np

from sim.scene import FloatArray
from store_engine.store_map import Gate

OUTSIDE_M = 0.95  # where people appear and disappear, beyond the line
SCAN_M = 0.42  # where they stand to scan, before the line
INSIDE_M = 0.8  # where they have surely come in
CLEAR_M = 0.6  # this far in, the next one may come
ROOM_M = 0.35  # from the end of the line, for the shoulders
GONE_M = 0.75  # this far out, they are gone


class Door:
    """One gate and who may be in it."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.inward: FloatArray = np.array(gate.inward)
        ends = np.array(gate.ends)
        self.room_m = max(0.0, float(np.hypot(*(ends[1] - ends[0]))) / 2 - ROOM_M)
        self._centre = np.array(gate.centre)
        self._aside = np.array([-self.inward[1], self.inward[0]])
        self._queue: list[str] = []

    def ask(self, person: str) -> bool:
        """Stand in the queue; return whether it is their turn."""
        if person not in self._queue:
            self._queue.append(person)
        return self._queue[0] == person

    def release(self, person: str) -> None:
        """Let the next one have the gate."""
        self._queue.remove(person)

    def point(self, depth_m: float, aside_m: float = 0.0) -> FloatArray:
        """Return the floor point (2,) this far inside the line and beside its middle."""
        point: FloatArray = self._centre + depth_m * self.inward + aside_m * self._aside
        return point

    def depth(self, position: FloatArray) -> FloatArray:
        """Return how far inside the line `position` (..., 2) is; negative outside."""
        depth: FloatArray = (position - self._centre) @ self.inward
        return depth

    def waiting_points(self) -> list[FloatArray]:
        """Return where people wait to go out: beside the way in, near first."""
        asides = [sign * a for a in (0.75, 1.1, 1.45) for sign in (1, -1)]
        points = [self.point(depth, aside) for depth in (0.6, 1.0) for aside in asides]
        return [*points, *(self.point(depth) for depth in (1.8, 2.4))]
