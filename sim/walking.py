"""Walking without walking into anything: a crowd that can always still stop.

Every walker owns the strip of floor on which they would come to a stop from their present speed.
A new velocity is taken only when its strip keeps `GAP_M` from everybody else's strip and clear of
walls; otherwise the walker brakes, inside the strip they already own. So no two ever meet,
whatever the others do (the "passive safety" of Fraichard and Asama, 2004, with the sampled
velocities of the dynamic window approach of Fox, Burgard and Thrun, 1997).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.floor import CLEAR_M, Floor
from sim.scene import FloatArray

STEP_S = 0.1  # of the walk's clock
BRAKE_M_S2 = 2.5  # the largest acceleration of a walker, any direction (guess; a brisk stop)
EASE_M_S2 = 1.2  # how gently people slow down towards a goal (guess)
TURN_RAD_S = 3.5  # fastest turn of a body on the spot (guess)
GAP_M = 0.43  # between the centres of two people: shoulder brushes shoulder (guess)
ARRIVED_M = 0.06  # this near is there
FACING_RAD = 0.15  # this near is facing
AHEAD_S = 0.8  # how far ahead people look to keep off each other (guess)
COMFORT_M = 0.75  # nearer than this to somebody is unpleasant (guess)
NEAR_M = 2.0  # further away than this, nobody matters yet (two stopping strips are 1.3 m)
REPLAN_S = 0.8  # how often a way is looked for again (guess)
SLOW_M_S = 0.15  # slower than this counts as standing
STUCK_S = 4.0  # after this long without getting on, a walker steps aside (guess)
ASIDE_S = 1.5  # for this long
_TURNS = np.radians([0, -20, 20, -45, 45, -75, 75, -110, 110, 160])
_PACES = np.array([1.0, 0.65, 0.3])
_ALONG = np.array([0.0, 0.33, 0.67, 1.0])  # points checked along a stopping strip
_LEFT_COST = 0.02  # people who meet pass on the right; breaks ties
_WALL_COST = 10.0


class Sample(NamedTuple):
    """Where a walker is at one tick."""

    x: float
    y: float
    heading: float  # radians, counter-clockwise from x, unwrapped
    speed: float  # m/s


class Walker:
    """One body on the floor: where it is, where it wants to go, and where it has been."""

    def __init__(
        self, *, at: FloatArray, heading: float, pace_m_s: float, rng: np.random.Generator
    ) -> None:
        self.position = at.astype(np.float64)
        self.velocity = np.zeros(2)
        self.heading = heading
        self.pace_m_s = pace_m_s
        self.door = False  # may pass a gate now
        self.goal: FloatArray | None = None
        self.face: FloatArray | None = None  # a point to turn to when standing
        self.samples: list[Sample] = []
        self.rng = rng
        self._way: list[FloatArray] = []
        self._replan_s = 0.0
        self._nearest_m = math.inf
        self._progress_s = 0.0
        self._aside: tuple[float, FloatArray] | None = None  # until when, which way
        self.record()

    @property
    def stop(self) -> FloatArray:
        """Where they would stand if they braked now."""
        speed = math.hypot(*self.velocity)
        return self.position + self.velocity * speed / (2 * BRAKE_M_S2)

    @property
    def there(self) -> bool:
        """Whether they stand where they wanted to, facing what they wanted to."""
        return self.goal is None and math.hypot(*self.velocity) < 1e-9 and self._turned

    @property
    def _turned(self) -> bool:
        return self.face is None or abs(_turn(self.heading, self.face - self.position)) < FACING_RAD

    def walk_to(self, goal: FloatArray, *, face: FloatArray | None, now_s: float) -> None:
        """Set out for `goal` (2,), to face `face` (2,) once there."""
        self.goal, self.face = goal, face
        self._way, self._replan_s = [], now_s
        self._nearest_m, self._progress_s, self._aside = math.inf, now_s, None

    def halt(self) -> None:
        """Give up the goal and stop."""
        self.goal = None

    def record(self) -> None:
        """Remember where they are."""
        x, y = self.position.tolist()
        self.samples.append(Sample(x, y, self.heading, math.hypot(*self.velocity)))

    def wish(self, others: Sequence["Walker"], floor: Floor, now_s: float) -> FloatArray:
        """Return the velocity (2,) they would like, with nobody in the way."""
        if self.goal is None:
            return np.zeros(2)
        left_m = math.hypot(*(self.goal - self.position))
        if left_m < ARRIVED_M:
            self.goal = None
            return np.zeros(2)
        self._watch_progress(left_m, now_s)
        if self._aside is not None:
            return self._aside[1] * 0.6 * self.pace_m_s
        if now_s >= self._replan_s:
            standing = [o.position for o in others if math.hypot(*o.velocity) < SLOW_M_S]
            people = np.array(standing).reshape(-1, 2)
            self._way = list(floor.way(self.position, self.goal, people=people, door=self.door))
            self._replan_s = now_s + REPLAN_S
        while len(self._way) > 1 and math.hypot(*(self._way[0] - self.position)) < 0.3:
            self._way.pop(0)
        ahead = self._way[0] - self.position
        pace = min(self.pace_m_s, math.sqrt(2 * EASE_M_S2 * left_m), left_m / (2 * STEP_S))
        return ahead * pace / max(math.hypot(*ahead), 1e-9)

    def _watch_progress(self, left_m: float, now_s: float) -> None:
        if self._aside is not None and now_s >= self._aside[0]:
            self._aside, self._nearest_m, self._replan_s = None, math.inf, now_s
        if left_m < self._nearest_m - 0.1:
            self._nearest_m, self._progress_s = left_m, now_s
        elif now_s - self._progress_s > STUCK_S:
            angle = self.rng.uniform(-math.pi, math.pi)
            self._aside = (now_s + ASIDE_S, np.array([math.cos(angle), math.sin(angle)]))
            self._progress_s = now_s + ASIDE_S

    def turn(self) -> None:
        """Turn towards the walk, or towards what they face, as fast as a body turns."""
        towards = self.velocity
        if math.hypot(*self.velocity) < SLOW_M_S:
            if self.face is None:
                return
            towards = self.face - self.position
        turn = _turn(self.heading, towards)
        most = TURN_RAD_S * STEP_S
        self.heading += max(-most, min(most, turn))


def step(walkers: Sequence[Walker], floor: Floor, now_s: float) -> None:
    """Move everybody on by `STEP_S`, one after the other, each safe against all others."""
    for walker in walkers:
        others = [other for other in walkers if other is not walker]
        wish = walker.wish(others, floor, now_s)
        if walker.velocity.any() or wish.any():
            walker.velocity = _choose(walker, wish, others, floor)
            walker.position = walker.position + walker.velocity * STEP_S
        walker.turn()
        walker.record()


def _choose(walker: Walker, wish: FloatArray, others: Sequence[Walker], floor: Floor) -> FloatArray:
    """Return the safe velocity (2,) nearest to `wish`; a full brake is always safe."""
    options = _options(walker.velocity, wish)
    speeds = np.hypot(options[:, 0], options[:, 1])
    starts = walker.position + options * STEP_S
    strips = options * (speeds / (2 * BRAKE_M_S2))[:, None]
    points = starts[:, None, :] + _ALONG[:, None] * strips[:, None, :]  # (c, 4, 2)
    clear = floor.clearance(points, door=walker.door).min(axis=1)
    cost = np.hypot(*(options - wish).T) + _LEFT_COST * _left_of(wish, options)
    near = [o for o in others if math.hypot(*(o.position - walker.position)) < NEAR_M]
    safe = (clear >= CLEAR_M) | (clear > _clearance_now(walker, floor))
    if near:
        begins, ends = np.array([o.position for o in near]), np.array([o.stop for o in near])
        safe &= _gaps(points, begins, ends).min(axis=(1, 2)) >= GAP_M
        cost += _discomfort(walker, options, near)
    if not safe.any():
        return _towards(walker.velocity, np.zeros(2))
    best: FloatArray = options[int(np.argmin(np.where(safe, cost, np.inf)))]
    return best


def _options(velocity: FloatArray, wish: FloatArray) -> FloatArray:
    """Return velocities (c, 2) one step's acceleration allows: the wish, turned and slower."""
    cos, sin = np.cos(_TURNS), np.sin(_TURNS)
    turned = np.stack([cos * wish[0] - sin * wish[1], sin * wish[0] + cos * wish[1]], axis=1)
    wanted = (_PACES[:, None, None] * turned).reshape(-1, 2)
    wanted = np.vstack([wanted, np.zeros((1, 2))])
    change = wanted - velocity
    size = np.hypot(change[:, 0], change[:, 1])
    limit = np.minimum(1.0, BRAKE_M_S2 * STEP_S / np.maximum(size, 1e-12))
    options: FloatArray = velocity + change * limit[:, None]
    return options


def _towards(velocity: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return `velocity` changed towards `wanted` as far as one step allows."""
    change = wanted - velocity
    share = min(1.0, BRAKE_M_S2 * STEP_S / max(math.hypot(*change), 1e-12))
    changed: FloatArray = velocity + change * share
    return changed


def _gaps(points: FloatArray, begins: FloatArray, ends: FloatArray) -> FloatArray:
    """Return distances (c, k, m) from `points` (c, k, 2) to m segments."""
    along = ends - begins
    off = points[:, :, None, :] - begins
    length = np.maximum((along**2).sum(axis=-1), 1e-12)
    share = np.clip((off * along).sum(axis=-1) / length, 0.0, 1.0)
    miss = off - share[..., None] * along
    gaps: FloatArray = np.hypot(miss[..., 0], miss[..., 1])
    return gaps


def _discomfort(walker: Walker, options: FloatArray, near: Sequence[Walker]) -> FloatArray:
    """Return (c,) how unpleasantly near each option brings the walker to the others soon."""
    positions = np.array([o.position for o in near])
    velocities = np.array([o.velocity for o in near])
    apart = positions - walker.position
    total = np.zeros(len(options))
    for ahead_s in (AHEAD_S / 2, AHEAD_S):
        off = apart + ahead_s * (velocities - options[:, None, :])
        total += np.clip(COMFORT_M - np.hypot(off[..., 0], off[..., 1]), 0.0, None).sum(axis=1)
    return total


def _left_of(wish: FloatArray, options: FloatArray) -> FloatArray:
    left: FloatArray = np.clip(wish[0] * options[:, 1] - wish[1] * options[:, 0], 0.0, 1.0)
    return left


def _clearance_now(walker: Walker, floor: Floor) -> float:
    return float(floor.clearance(walker.position, door=walker.door))


def _turn(heading: float, towards: FloatArray) -> float:
    """Return the signed turn in radians from `heading` to the direction `towards` (2,)."""
    wanted = math.atan2(float(towards[1]), float(towards[0]))
    return (wanted - heading + math.pi) % (2 * math.pi) - math.pi
