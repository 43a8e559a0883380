"""Where the joints of a body are: proportions of people, gait, bending and reaching.

Body frame: x forward, y left, z up, origin on the floor below the hips. Segment lengths are
fractions of body height (Drillis and Contini, in Winter 2009, figure 4.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from sim.scene import FloatArray

Side = Literal["left", "right"]

ANKLE = 0.039
THIGH, SHANK = 0.245, 0.246
HIP = 0.530  # height of the hip joints
HIP_HALF = 0.055  # hip joints to the middle
TORSO = 0.288  # hips to shoulders
SHOULDER_HALF = 0.112
UPPER_ARM, FOREARM = 0.186, 0.146
NECK = 0.012  # above the line of the shoulders
HEAD = 0.105  # from neck to the middle of the head
FACE_M, EYE_UP_M, EYE_HALF_M, EAR_HALF_M = 0.10, 0.035, 0.032, 0.075  # adults vary little
HIPS_BACK = 0.25  # of the torso's lean that the hips move back, to keep balance (guess)
MAX_LEAN_RAD = 1.1
MAX_DROP = 0.30  # of body height: a deep squat
TIPTOE = 0.05  # of body height that standing on tiptoe adds (a third of a foot: guess)
KNEES_M = 0.5  # dropping the hips this far costs as much as leaning by one radian (guess)
TOES_COST = 5.0  # per metre: people stand on tiptoe only when they must (guess)
ARM_SLACK = (0.35, 0.97)  # of its length: an arm neither folds up nor locks (guess)


class Posture(NamedTuple):
    """How a body bends to reach something."""

    lean_rad: float  # of the torso, forwards
    drop_m: float  # of the hips, by bending the knees; negative on tiptoe
    short_m: float  # what is still missing at the longest stretch


@dataclass(frozen=True, kw_only=True)
class Pose:
    """What a body does at n times; every field (n,) or (n, 3)."""

    floor: FloatArray  # (n, 3) below the hips, z = 0
    heading: FloatArray  # (n,) radians
    phase: FloatArray  # (n,) of the gait: the left foot is furthest forward at pi / 2
    step_m: FloatArray  # (n,) length of a step; 0 when standing
    lean_rad: FloatArray  # (n,)
    drop_m: FloatArray  # (n,)
    look: FloatArray  # (n, 3) direction of the face, store frame, any length


def turned(vectors: FloatArray, heading: FloatArray) -> FloatArray:
    """Return `vectors` (n, 3) of the body frame in the store frame; `heading` (n,) radians."""
    cos, sin = np.cos(heading), np.sin(heading)
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.stack([cos * x - sin * y, sin * x + cos * y, z], axis=-1)


def bend(
    root: FloatArray, tip: FloatArray, *, upper_m: float, lower_m: float, pole: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (middle, tip), each (n, 3), of a two-bone limb from `root` towards `tip`.

    The middle joint bends towards `pole` (n, 3); a tip out of reach is drawn onto the reach.
    Method: law of cosines in the plane of root, tip and pole.
    """
    off = tip - root + 1e-9 * np.array([1.0, 2.0, 3.0])  # never quite nothing, never quite the pole
    length = np.linalg.norm(off, axis=-1, keepdims=True)
    along = off / np.maximum(length, 1e-9)
    reach = np.clip(length, abs(upper_m - lower_m) + 1e-6, 0.999 * (upper_m + lower_m))
    side = pole - (pole * along).sum(axis=-1, keepdims=True) * along
    side = side / np.maximum(np.linalg.norm(side, axis=-1, keepdims=True), 1e-9)
    a = (reach**2 + upper_m**2 - lower_m**2) / (2 * reach)
    height = np.sqrt(np.maximum(upper_m**2 - a**2, 0.0))
    return root + a * along + height * side, root + reach * along


class Skeleton:
    """One person's bones."""

    def __init__(self, height_m: float) -> None:
        self.height_m = height_m
        self.arm_m = (UPPER_ARM + FOREARM) * height_m

    def shoulder(self, side: Side, lean_rad: FloatArray, drop_m: FloatArray) -> FloatArray:
        """Return a shoulder (..., 3) in the body frame."""
        h = self.height_m
        y = SHOULDER_HALF * h * (1 if side == "left" else -1)
        forward = (1 - HIPS_BACK) * TORSO * h * np.sin(lean_rad)
        up = HIP * h - drop_m + TORSO * h * np.cos(lean_rad)
        return np.stack(np.broadcast_arrays(forward, np.asarray(y), up), axis=-1)

    def posture(self, wrists: Mapping[Side, FloatArray]) -> Posture:
        """Return the least bending that brings `wrists`, each (3,) in the body frame, there."""
        leans, drops = np.meshgrid(
            np.linspace(0.0, MAX_LEAN_RAD, 23),
            np.linspace(-TIPTOE, MAX_DROP, 22) * self.height_m,
            indexing="ij",
        )
        gaps = [
            np.linalg.norm(self.shoulder(side, leans, drops) - wrist, axis=-1)
            for side, wrist in wrists.items()
        ]
        low, high = ARM_SLACK[0] * self.arm_m, ARM_SLACK[1] * self.arm_m
        misses = [np.maximum(low - gap, 0.0) + np.maximum(gap - high, 0.0) for gap in gaps]
        toes = TOES_COST * np.maximum(-drops, 0.0)
        cost = leans**2 + (drops / KNEES_M) ** 2 + toes + 1e3 * np.sum(misses, axis=0)
        best = int(np.argmin(cost))
        gap = max(float(gap.flat[best]) for gap in gaps)
        return Posture(float(leans.flat[best]), float(drops.flat[best]), max(0.0, gap - self.arm_m))

    def resting_wrist(self, side: Side, pose: Pose) -> FloatArray:
        """Return (n, 3), in the store frame, the wrist of an arm that hangs and swings."""
        sign = 1 if side == "left" else -1
        swing = -0.45 * sign * pose.step_m * np.sin(pose.phase)
        shoulder = self.shoulder(side, 0.6 * pose.lean_rad, pose.drop_m)
        hang = np.stack(
            [swing + 0.03, np.full_like(swing, 0.03 * sign), -0.96 * self.arm_m + swing**2], axis=-1
        )
        return pose.floor + turned(shoulder + hang, pose.heading)

    def carrying_wrist(self, side: Side, pose: Pose) -> FloatArray:
        """Return (n, 3), in the store frame, the wrist of a hand held before the chest."""
        h = self.height_m
        y = 0.07 * (1 if side == "left" else -1)
        before = np.array([0.16 * h, y, 0.66 * h])
        return pose.floor + turned(np.broadcast_to(before, pose.floor.shape), pose.heading)

    def joints(self, pose: Pose, wrists: dict[Side, FloatArray]) -> FloatArray:
        """Return (n, 18, 3) joints in the order of `scene.JOINTS`; `wrists` are wishes (n, 3)."""
        shoulders, elbows, hands = {}, {}, {}
        for side, wrist in wrists.items():
            at = self.shoulder(side, pose.lean_rad, pose.drop_m)
            shoulders[side] = pose.floor + turned(at, pose.heading)
            elbows[side], hands[side] = self._arm(side, pose, shoulders[side], wrist)
        legs = {side: self._leg(side, pose) for side in wrists}
        neck = (shoulders["left"] + shoulders["right"]) / 2
        spine = np.stack([np.sin(pose.lean_rad), 0 * pose.lean_rad, np.cos(pose.lean_rad)], axis=-1)
        neck = neck + NECK * self.height_m * turned(spine, pose.heading)
        limbs = [part for parts in (shoulders, elbows, hands) for part in _pair(parts)]
        legs_in_order = [legs[side][i] for i in range(3) for side in ("left", "right")]
        return np.stack([*self._head(pose, neck), *limbs, *legs_in_order, neck], axis=1)

    def _arm(
        self, side: Side, pose: Pose, shoulder: FloatArray, wrist: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        out = 0.4 if side == "left" else -0.4
        pole = turned(np.broadcast_to([-0.5, out, -0.8], wrist.shape), pose.heading)
        h = self.height_m
        return bend(shoulder, wrist, upper_m=UPPER_ARM * h, lower_m=FOREARM * h, pole=pole)

    def _leg(self, side: Side, pose: Pose) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return (hip, knee, ankle), each (n, 3) in the store frame."""
        h, sign = self.height_m, 1 if side == "left" else -1
        back = -HIPS_BACK * TORSO * h * np.sin(pose.lean_rad)
        level = np.full_like(back, HIP_HALF * h * sign)
        swing = pose.phase if side == "left" else pose.phase + np.pi
        lift = 0.12 * pose.step_m * np.clip(np.cos(swing), 0.0, None)
        bob = 0.02 * pose.step_m * np.cos(2 * pose.phase)
        hip = np.stack([back, level, HIP * h - pose.drop_m - bob], axis=-1)
        lift += np.maximum(-pose.drop_m, 0.0)
        ankle = np.stack([0.5 * pose.step_m * np.sin(swing), level, ANKLE * h + lift], axis=-1)
        pole = np.broadcast_to([1.0, 0.0, 0.0], hip.shape)
        knee, ankle = bend(hip, ankle, upper_m=THIGH * h, lower_m=SHANK * h, pole=pole)
        hip, knee, ankle = (pose.floor + turned(part, pose.heading) for part in (hip, knee, ankle))
        return hip, knee, ankle

    def _head(self, pose: Pose, neck: FloatArray) -> list[FloatArray]:
        """Return nose, eyes and ears, each (n, 3)."""
        lean = 0.5 * pose.lean_rad
        up = turned(np.stack([np.sin(lean), 0 * lean, np.cos(lean)], axis=-1), pose.heading)
        face = pose.look / np.maximum(np.linalg.norm(pose.look, axis=-1, keepdims=True), 1e-9)
        left = np.stack([-face[:, 1], face[:, 0], 0 * lean], axis=-1)
        left = left / np.maximum(np.linalg.norm(left, axis=-1, keepdims=True), 1e-9)
        middle = neck + HEAD * self.height_m * up
        eyes = middle + 0.85 * FACE_M * face + EYE_UP_M * up
        return [
            middle + FACE_M * face,
            eyes + EYE_HALF_M * left, eyes - EYE_HALF_M * left,
            middle + EAR_HALF_M * left, middle - EAR_HALF_M * left,
        ]  # fmt: skip


def _pair(parts: dict[Side, FloatArray]) -> tuple[FloatArray, FloatArray]:
    return parts["left"], parts["right"]
