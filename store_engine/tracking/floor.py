"""The floor as a raster: where people can be, asked thousands of times a second."""

import math

import numpy as np

from store_engine.store_map import FloatArray, Gate, StoreMap

CELL_M = 0.1  # a tenth of a step: finer would not change any answer (guess)
# Calibrated cameras disagree by up to 0.3 m about the same person (measured on real clips, 90th
# percentile 0.27 m); people behind a glass wall are further out than twice that (guess).
OUTSIDE_M = 0.5
GATE_REACH_M = 2.0  # people on their way in or out are followed this far around a gate (guess)
ASIDE_M = 0.8  # people beyond a gate may stand this far beside its line (guess)


class Floor:
    """Where in the store people can be.

    The raster covers the floor and its surroundings; `index` is -1 beyond it.
    """

    def __init__(self, store_map: StoreMap) -> None:
        self._gates = tuple(store_map.gates.values())
        polygon = np.array(store_map.floor, dtype=np.float64).reshape(-1, 2)
        reach = np.vstack([polygon, *[np.array(gate.ends) for gate in self._gates]])
        low = reach.min(axis=0) - GATE_REACH_M - CELL_M
        span = reach.max(axis=0) + GATE_REACH_M + CELL_M - low
        self._x0, self._y0 = float(low[0]), float(low[1])
        self._columns, self._rows = (math.ceil(float(side) / CELL_M) for side in span)
        self.allowed = self._mark(polygon)

    @property
    def centres(self) -> FloatArray:
        """(n, 2) the middle of every cell in the order of `index`, metres."""
        x = self._x0 + (np.arange(self._columns) + 0.5) * CELL_M
        y = self._y0 + (np.arange(self._rows) + 0.5) * CELL_M
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def index(self, x: float, y: float) -> int:
        """Return the cell of a point, or -1 when it is far from the store, or not a number."""
        across, up = (x - self._x0) / CELL_M, (y - self._y0) / CELL_M
        columns = self._columns
        if 0.0 <= across < columns and 0.0 <= up < self._rows:
            return int(up) * columns + int(across)
        return -1

    def holds(self, x: float, y: float) -> bool:
        """Whether somebody at (x, y) is in the store or about to be."""
        cell = self.index(x, y)
        return cell >= 0 and self.allowed[cell] == 1

    def at_gate(self, x: float, y: float, *, within_m: float) -> bool:
        """Whether (x, y) is beyond some gate, or less than `within_m` inside it."""
        return any(_is_at(gate, x, y, within_m) for gate in self._gates)

    def _mark(self, polygon: FloatArray) -> bytes:
        """One byte per cell, 1 where people can be."""
        cells = self.centres
        near = inside(cells, polygon) | (edge_distance(cells, polygon) <= OUTSIDE_M)
        for gate in self._gates:
            near |= np.hypot(*(cells - np.array(gate.centre)).T) <= GATE_REACH_M
        return near.astype(np.uint8).tobytes()


def inside(points: FloatArray, polygon: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return (n,) whether each point lies in the polygon: an odd number of edges to its right."""
    x, y = points[:, :1], points[:, 1:]
    ax, ay = polygon.T
    bx, by = np.roll(polygon, -1, axis=0).T
    straddles = (ay > y) != (by > y)
    rise = np.where(by == ay, 1.0, by - ay)
    odd: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        np.sum(straddles & (x < ax + (y - ay) * (bx - ax) / rise), axis=1) % 2 == 1
    )
    return odd


def edge_distance(points: FloatArray, polygon: FloatArray) -> FloatArray:
    """Return (n,) the distance of each point to the polygon's outline, metres."""
    nearest = np.full(len(points), np.inf)
    for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        along = end - start
        share = np.clip((points - start) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
        nearest = np.minimum(nearest, np.hypot(*(points - start - share[:, None] * along).T))
    return nearest


def _is_at(gate: Gate, x: float, y: float, within_m: float) -> bool:
    (ax, ay), (bx, by) = gate.ends
    along_x, along_y = x - gate.centre[0], y - gate.centre[1]
    depth = along_x * gate.inward[0] + along_y * gate.inward[1]
    aside = abs(along_x * gate.inward[1] - along_y * gate.inward[0])
    reach = math.hypot(bx - ax, by - ay) / 2 + ASIDE_M
    return -GATE_REACH_M < depth <= within_m and aside <= reach
