"""Where people can walk: the floor without its gondolas, on two grids, and ways across it."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.scene import FloatArray
from store_engine.errors import ConfigError
from store_engine.store_map import Gate, StoreMap

BoolArray = NDArray[np.bool_]

BODY_RADIUS_M = 0.20  # half the depth of an adult with clothes (guess)
CELL_M = 0.05  # of the clearance grid
MARGIN_M = 0.04  # what rounding to a cell of that grid can hide
CLEAR_M = BODY_RADIUS_M + MARGIN_M  # clearance a walker's centre keeps to walls and gondolas
STRIDE = 2  # ways are planned on every second cell, 0.1 m apart
PORCH_M = 1.3  # how far beyond a gate the world goes on (guess)
SILL_M = 0.3  # how far the passage of a gate reaches into the floor, so that they surely meet
BESIDE_M = 1.0  # floor beyond a gate's line, this far beside its ends, is not shop floor (guess)
KEEP_M = 0.46  # distance a planned way keeps to people who stand
WALL_COST = 1.5  # extra cost of a cell that just clears a wall: people keep off walls (guess)
CROWD_COST = 30.0  # extra cost of a cell somebody stands on: a last resort, never impossible


class Floor:
    """The walkable floor of one store.

    Inside, the gates are walls; with `door` the passages through them are floor too.
    """

    def __init__(self, store_map: StoreMap) -> None:
        gates = list(store_map.gates.values())
        corners = np.array([*store_map.floor, *(c for g in gates for c in _porch(g))])
        self._origin = corners.min(axis=0) - 2 * CELL_M
        size = np.ceil((corners.max(axis=0) + 2 * CELL_M - self._origin) / CELL_M).astype(int) + 1
        index = np.indices(tuple(size)).reshape(2, -1).T
        centres = self._origin + index * CELL_M
        shop = _inside(centres, np.array(store_map.floor))
        for obstacle in store_map.obstacles:
            shop &= ~_inside(centres, np.array(obstacle.corners))
        porch = np.zeros_like(shop)
        for gate in gates:
            shop &= ~_beyond(centres, gate)
            porch |= _inside(centres, np.array(_porch(gate)))
        self._clear = {
            False: _clearance(shop.reshape(size)),
            True: _clearance((shop | porch).reshape(size)),
        }
        if not np.any(self._clear[False] >= CLEAR_M):
            raise ConfigError(f"store {store_map.store}: nobody can stand anywhere on the floor")
        self._ways = {door: _Ways(clear) for door, clear in self._clear.items()}

    def clearance(self, points: FloatArray, *, door: bool = False) -> FloatArray:
        """Return the distance in metres from `points` (..., 2) to the nearest wall; 0 inside it."""
        grid = self._clear[door]
        cells = np.rint((points - self._origin) / CELL_M).astype(int)
        cells = np.minimum(np.maximum(cells, 0), np.array(grid.shape) - 1)
        found: FloatArray = grid[cells[..., 0], cells[..., 1]]
        return found

    def standable(self, point: FloatArray) -> bool:
        """Return whether somebody can stand at `point` (2,)."""
        return bool(self.clearance(point) >= CLEAR_M)

    def somewhere(self, rng: np.random.Generator) -> FloatArray:
        """Return a random point (2,) where somebody can stand."""
        cells = np.argwhere(self._clear[False] >= CLEAR_M)
        point: FloatArray = self._origin + cells[int(rng.integers(len(cells)))] * CELL_M
        return point

    def way(
        self, start: FloatArray, goal: FloatArray, *, people: FloatArray, door: bool
    ) -> FloatArray:
        """Return waypoints (k, 2) from after `start` to `goal`, around walls and `people` (m, 2).

        Dijkstra on an eight-connected grid, then string pulling.
        """
        if self._sees(start, goal, people, door):
            return goal[None, :]
        step_m = CELL_M * STRIDE
        ends = (np.array([start, goal]) - self._origin) / step_m
        crowd = (people - self._origin) / step_m
        points = self._origin + step_m * self._ways[door].shortest(ends, crowd, step_m)
        return self._pull(np.vstack([points, goal[None, :]]), start, people, door)

    def _pull(
        self, points: FloatArray, start: FloatArray, people: FloatArray, door: bool
    ) -> FloatArray:
        kept, here, i = [], start, 0
        while i < len(points):
            far = i
            while far + 1 < len(points) and self._sees(here, points[far + 1], people, door):
                far += 1
            kept.append(points[far])
            here, i = points[far], far + 1
        return np.array(kept)

    def _sees(self, start: FloatArray, goal: FloatArray, people: FloatArray, door: bool) -> bool:
        """Return whether the straight line keeps clear of walls and of people."""
        length = float(np.hypot(*(goal - start)))
        share = np.linspace(0.0, 1.0, max(2, int(length / CELL_M)))
        line = start + share[:, None] * (goal - start)
        if np.any(self.clearance(line[1:], door=door) < CLEAR_M):
            return False
        if len(people) == 0:
            return True
        gaps = np.hypot(*np.moveaxis(line[:, None, :] - people, -1, 0))
        return bool(gaps.min() >= KEEP_M)


class _Ways:
    """The planning grid of one clearance grid: eight neighbours, longer near walls."""

    def __init__(self, clear: FloatArray) -> None:
        clear = clear[::STRIDE, ::STRIDE]
        self._shape = clear.shape
        self._free = np.flatnonzero(clear.ravel() >= CLEAR_M)
        cost = np.where(clear < CLEAR_M, np.inf, 1.0)
        self._cost = (cost + WALL_COST * np.clip(2 - clear / CLEAR_M, 0.0, 1.0)).ravel()
        self._cells = np.indices(self._shape).reshape(2, -1).T
        self._edges = np.concatenate([self._towards(1, 0), self._towards(0, 1),
                                      self._towards(1, 1), self._towards(1, -1)])  # fmt: skip
        self._lengths = np.hypot(
            *(self._cells[self._edges[:, 0]] - self._cells[self._edges[:, 1]]).T
        )

    def _towards(self, dx: int, dy: int) -> NDArray[np.intp]:
        there = self._cells + np.array([dx, dy])
        ok = np.all((there >= 0) & (there < self._shape), axis=1)
        pairs = np.stack(
            [np.flatnonzero(ok), np.ravel_multi_index(tuple(there[ok].T), self._shape)], axis=1
        )
        free: NDArray[np.intp] = pairs[np.isfinite(self._cost[pairs]).all(axis=1)]
        return free

    def _nearest(self, cell: FloatArray) -> int:
        gaps = np.hypot(*(self._cells[self._free] - cell).T)
        return int(self._free[int(np.argmin(gaps))])

    def shortest(self, ends: FloatArray, people: FloatArray, cell_m: float) -> FloatArray:
        """Return the cells (k, 2) of the cheapest way between two `ends` (2, 2)."""
        cost = self._cost.copy()
        for person in people:
            gap_m = np.hypot(*(self._cells - person).T) * cell_m
            cost += CROWD_COST * (gap_m < KEEP_M) + np.clip(1 - gap_m, 0.0, 1.0)
        tails, heads = self._edges.T
        weights = self._lengths * (cost[tails] + cost[heads]) / 2
        graph = csr_array((weights, (tails, heads)), shape=(cost.size, cost.size))
        first, last = self._nearest(ends[0]), self._nearest(ends[1])
        _, before = dijkstra(graph, directed=False, indices=[last], return_predecessors=True)
        way = [first]
        while way[-1] != last and before[0, way[-1]] >= 0:
            way.append(int(before[0, way[-1]]))
        return self._cells[way].astype(np.float64)


def _clearance(free: BoolArray) -> FloatArray:
    """Return metres from each cell to the edge of the free region, half a cell to be safe."""
    distance: FloatArray = np.asarray(distance_transform_edt(free)) * CELL_M
    return np.maximum(distance - CELL_M / 2, 0.0)


def _inside(points: FloatArray, polygon: FloatArray) -> BoolArray:
    """Return for each of `points` (n, 2) whether it is inside `polygon` (k, 2); even-odd rule."""
    inside = np.zeros(len(points), dtype=np.bool_)
    x, y = points.T
    for (ax, ay), (bx, by) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if ay == by:
            continue
        crosses = (ay > y) != (by > y)
        inside ^= crosses & (x < ax + (y - ay) / (by - ay) * (bx - ax))
    return inside


def _porch(gate: Gate) -> list[tuple[float, float]]:
    """Return the corners of the passage through a gate: a little in, `PORCH_M` out."""
    ends, inward = np.array(gate.ends), np.array(gate.inward)
    a, b = ends + SILL_M * inward
    c, d = ends[::-1] - PORCH_M * inward
    return [(float(x), float(y)) for x, y in (a, b, c, d)]


def _beyond(points: FloatArray, gate: Gate) -> BoolArray:
    """Return which points lie outside a gate, or beside its outside."""
    centre, inward = np.array(gate.centre), np.array(gate.inward)
    ends = np.array(gate.ends)
    half = float(np.hypot(*(ends[1] - ends[0]))) / 2
    off = points - centre
    depth = off @ inward
    aside = np.abs(off @ np.array([-inward[1], inward[0]]))
    beyond: BoolArray = (depth < 0) & (depth > -PORCH_M) & (aside < half + BESIDE_M)
    return beyond
