"""One person's whole movement as a function of time: a track on the floor, and what hands do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

from sim.scene import Body, FloatArray, Footstep
from sim.skeleton import Pose, Side, Skeleton, turned
from sim.walking import STEP_S, Sample
from store_engine.units import Gtin

STEP_BASE_M, STEP_PER_M_S = 0.25, 0.35  # step length = base + per * speed (guess; 0.67 m at 1.2)
SWAY_M = 0.006  # how far a standing person sways (guess)
SWAY_S = 3.1  # period of the sway (guess)
EYES = 0.93  # height of the eyes over body height (Winter 2009: 0.936)
LOOK_DOWN = 0.15  # people look a little down (guess)


class Span(NamedTuple):
    """A gesture's times: it begins, is fully there, begins to end, is over."""

    start_s: float
    there_s: float
    leave_s: float
    back_s: float

    def weight(self, times_s: FloatArray) -> FloatArray:
        """Return (n,) 0 outside, 1 while there; minimum jerk between (Flash and Hogan, 1985)."""
        rise = _smooth((times_s - self.start_s) / max(self.there_s - self.start_s, 1e-6))
        fall = _smooth((times_s - self.leave_s) / max(self.back_s - self.leave_s, 1e-6))
        return rise * (1 - fall)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """A hand goes to a place and comes back."""

    side: Side
    span: Span
    wrist: tuple[float, float, float]  # store frame
    look: tuple[float, float, float]  # what the eyes follow
    lean_rad: float
    drop_m: float


@dataclass(frozen=True, kw_only=True)
class Carry:
    """A hand holds something before the chest."""

    side: Side
    span: Span


class Held(NamedTuple):
    """Something is visibly in a hand."""

    gtin: Gtin
    start_s: float
    end_s: float


class Person(Body):
    """A body built from the samples of a walk, reaches, and things held."""

    def __init__(
        self,
        *,
        person: str,
        height_m: float,
        start_s: float,
        samples: Sequence[Sample],
        reaches: Sequence[Reach],
        carries: Sequence[Carry],
        held: Sequence[Held],
    ) -> None:
        self._person = person
        self.skeleton = Skeleton(height_m)
        self._reaches = tuple(sorted(reaches, key=lambda reach: reach.span.start_s))
        self._carries, self._held = tuple(carries), tuple(held)
        track = np.array(samples)  # (k, 4)
        self._times = start_s + STEP_S * np.arange(len(track))
        self._position = PchipInterpolator(self._times, track[:, :2])
        self._heading = PchipInterpolator(self._times, track[:, 2])
        speed = np.convolve(np.pad(track[:, 3], 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
        self._step_m = np.where(speed > 0, STEP_BASE_M + STEP_PER_M_S * speed, 0.0)
        self._step_m *= np.clip(speed / 0.3, 0.0, 1.0)
        rate = np.pi * speed / (STEP_BASE_M + STEP_PER_M_S * speed)
        self._phase = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * STEP_S)])

    @property
    def person(self) -> str:
        """Their name."""
        return self._person

    @property
    def entered_s(self) -> float:
        """When they become visible."""
        return float(self._times[0])

    @property
    def left_s(self) -> float:
        """When they are gone."""
        return float(self._times[-1])

    def floor_at(self, times_s: FloatArray) -> FloatArray:
        """Return (n, 2) where they are on the floor; NaN when away."""
        position: FloatArray = self._position(times_s, extrapolate=False)
        return position

    def in_hand(self, time_s: float) -> tuple[Gtin, ...]:
        """Return what they visibly hold."""
        return tuple(held.gtin for held in self._held if held.start_s <= time_s < held.end_s)

    def joints(self, times_s: FloatArray) -> FloatArray:
        """Return (n, 18, 3) joint positions in metres; NaN when away."""
        times = np.asarray(times_s, dtype=np.float64)
        joints = np.full((len(times), 18, 3), np.nan)
        here = (times >= self.entered_s) & (times <= self.left_s)
        if here.any():
            pose = self._pose(times[here])
            wrists: dict[Side, FloatArray] = {
                "left": self._wrist("left", times[here], pose),
                "right": self._wrist("right", times[here], pose),
            }
            joints[here] = self.skeleton.joints(pose, wrists)
        return joints

    def _pose(self, times: FloatArray) -> Pose:
        sway = SWAY_M * np.sin(2 * np.pi * times / SWAY_S + len(self._person))
        floor = np.column_stack([self._position(times) + sway[:, None], np.zeros(len(times))])
        heading = self._heading(times)
        lean, drop = 0.03 + 0.0 * times, 0.0 * times
        ahead = np.broadcast_to([1.0, 0.0, -LOOK_DOWN], (len(times), 3))
        look = turned(ahead, heading)
        eyes = floor + np.array([0.0, 0.0, EYES * self.skeleton.height_m])
        for reach in self._reaches:
            weight = reach.span.weight(times)
            lean += weight * (reach.lean_rad - lean)
            drop += weight * (reach.drop_m - drop)
            towards = np.array(reach.look) - eyes
            towards /= np.maximum(np.linalg.norm(towards, axis=-1, keepdims=True), 1e-9)
            look = look + weight[:, None] * (towards - look)
        return Pose(
            floor=floor,
            heading=heading,
            phase=np.interp(times, self._times, self._phase),
            step_m=np.interp(times, self._times, self._step_m),
            lean_rad=lean,
            drop_m=drop,
            look=look,
        )

    def _wrist(self, side: Side, times: FloatArray, pose: Pose) -> FloatArray:
        """Return (n, 3) where a wrist wants to be: hanging, or carrying, or reaching."""
        wrist = self.skeleton.resting_wrist(side, pose)
        carried = self.skeleton.carrying_wrist(side, pose)
        for carry in self._carries:
            if carry.side == side:
                wrist += carry.span.weight(times)[:, None] * (carried - wrist)
        for reach in self._reaches:
            if reach.side == side:
                wrist += reach.span.weight(times)[:, None] * (np.array(reach.wrist) - wrist)
        return wrist

    def footsteps(self) -> tuple[Footstep, ...]:
        """Return when and where each foot lands: at phases pi / 2 + k pi of the gait."""
        k = np.arange(np.ceil(self._phase[0] / np.pi - 0.5), self._phase[-1] / np.pi - 0.5)
        rising = np.flatnonzero(np.diff(self._phase, prepend=-1.0) > 0)
        times = np.interp(np.pi / 2 + k * np.pi, self._phase[rising], self._times[rising])
        strengths = np.interp(times, self._times, self._step_m) / (STEP_BASE_M + STEP_PER_M_S * 1.2)
        return tuple(
            Footstep(float(t), (float(x), float(y)), float(strength))
            for t, (x, y), strength in zip(times, self._position(times), strengths, strict=True)
        )


def _smooth(share: FloatArray) -> FloatArray:
    """Return the minimum-jerk course of a movement at `share` of its time."""
    s = np.clip(share, 0.0, 1.0)
    return s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
