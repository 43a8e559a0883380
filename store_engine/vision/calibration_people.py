"""Calibrations held to each other: whoever several cameras see stands in one place.

Needs no landmark, only a recording in which people walked about. It tells that cameras contradict
each other, and which one the others contradict; it cannot tell that all are off by the same.
"""

import bisect
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment, nnls

from store_engine.messages import CameraFrame, PersonDetection
from store_engine.store_map import Camera, FloatArray, StoreMap
from store_engine.units import CameraId
from store_engine.vision.calibration_lens import directions, project

JOINT_SCORE = 0.3  # keypoints below this are guesses of the network (its authors' usual cut)
ANKLE_M = 0.08  # height of an ankle (Drillis & Contini 1966)
TOGETHER_US = 60_000  # frames this close show one instant: people walk 7 cm meanwhile (guess)
AROUND_M = 1.0  # positions this far around the floor are still compared: they may be off (guess)
MEETINGS_MIN = 30  # of a pair of cameras, or nothing is said about it (guess)
# Cameras that fit: 0.13 m between any two in the median, hence 0.09 m each (measured on recorded
# clips). Twice that is no calibration any more (guess).
OWN_MAX_M = 0.18
PAIR_MAX_M = OWN_MAX_M * math.sqrt(2.0)  # errors of two cameras add up in the square
_BORDER_SHARE = 0.01  # a box that ends this close to the border (share of height) is cut (guess)
_ANKLES = slice(15, 17)  # left and right, in COCO order
_COCO_JOINTS = 17


class Pair(NamedTuple):
    """How far apart two cameras put the same people."""

    cameras: tuple[CameraId, CameraId]
    meetings: int
    median_m: float  # NaN with fewer meetings than `MEETINGS_MIN`


class Share(NamedTuple):
    """One camera's part in the disagreements."""

    camera: CameraId
    feet: int  # seen in all
    off_floor: int  # of them far outside the store, or nowhere on the floor
    # What this camera alone would be off in the median; None where the pairs do not tell it from
    # its partners' (two cameras only, say).
    own_m: float | None

    @property
    def is_off(self) -> bool:
        """Whether this camera's calibration does not fit the other cameras'."""
        return self.own_m is not None and self.own_m > OWN_MAX_M


class Agreement(NamedTuple):
    """Whether the cameras of a store agree about where people stand."""

    pairs: tuple[Pair, ...]
    shares: tuple[Share, ...]

    @property
    def fits(self) -> bool:
        """Whether no camera, and no pair of cameras, is off."""
        return not any(share.is_off for share in self.shares) and not any(
            pair.median_m > PAIR_MAX_M for pair in self.pairs
        )

    @property
    def alone(self) -> tuple[CameraId, ...]:
        """Cameras that nothing is said about: with no other one they met often enough."""
        met = {
            name for pair in self.pairs if pair.meetings >= MEETINGS_MIN for name in pair.cameras
        }
        return tuple(share.camera for share in self.shares if share.camera not in met)


class _Seen(NamedTuple):
    time_us: int
    at: FloatArray  # (n, 2) metres on the floor


def agreement(store_map: StoreMap, frames: Iterable[CameraFrame]) -> Agreement:
    """Return how well cameras agree about people, from the frames of a recording."""
    seen: dict[CameraId, list[_Seen]] = defaultdict(list)
    counts: dict[CameraId, tuple[int, int]] = dict.fromkeys(store_map.cameras, (0, 0))
    low, high = _surroundings(store_map)
    for frame in frames:
        camera = store_map.cameras.get(CameraId(frame.device))
        if camera is None:
            continue
        at = standing_at(camera, frame.people)
        near = ((at >= low) & (at <= high)).all(axis=1)
        feet, off = counts[camera.camera]
        counts[camera.camera] = feet + len(at), off + int((~near).sum())
        seen[camera.camera].append(_Seen(frame.time_us, at[near]))
    pairs = tuple(
        _pair(store_map.cameras[one], store_map.cameras[other], seen[one], seen[other])
        for one, other in itertools.combinations(sorted(seen), 2)
    )
    own = _own_errors(pairs)
    shares = (Share(camera, *counts[camera], own.get(camera)) for camera in sorted(seen))
    return Agreement(pairs, tuple(shares))


def standing_at(camera: Camera, people: Sequence[PersonDetection]) -> FloatArray:
    """Return (n, 2) metres on the floor of everybody whose feet are seen; NaN: not on it."""
    feet = [found for person in people if (found := _feet(camera, person)) is not None]
    pixels = np.array([(x, y) for x, y, _ in feet], dtype=np.float64).reshape(-1, 2)
    height = np.array([z for _, _, z in feet], dtype=np.float64)
    looks = directions(camera, pixels)
    down = np.where(looks[:, 2] < -1e-6, looks[:, 2], np.nan)
    reach = (height - camera.t[2]) / down
    at: FloatArray = camera.t[:2] + reach[:, None] * looks[:, :2]
    return at


def _feet(camera: Camera, person: PersonDetection) -> tuple[float, float, float] | None:
    """Return x, y in pixels and the height in metres of the lowest thing seen of a person."""
    if len(person.keypoints) == _COCO_JOINTS:
        (ax, ay, a_score), (bx, by, b_score) = person.keypoints[_ANKLES]
        sure = min(a_score, b_score) >= JOINT_SCORE
        return ((ax + bx) / 2, (ay + by) / 2, ANKLE_M) if sure else None
    left, _, right, bottom = person.box
    cut = bottom >= camera.height_px * (1.0 - _BORDER_SHARE)
    return None if cut else ((left + right) / 2, bottom, 0.0)


def _pair(one: Camera, other: Camera, ours: Sequence[_Seen], theirs: Sequence[_Seen]) -> Pair:
    apart = [
        distance
        for a, b in _together(ours, theirs)
        for distance in _distances(a.at[_in_view(other, a.at)], b.at[_in_view(one, b.at)])
    ]
    median_m = float(np.median(apart)) if len(apart) >= MEETINGS_MIN else math.nan
    return Pair((one.camera, other.camera), len(apart), median_m)


def _together(ours: Sequence[_Seen], theirs: Sequence[_Seen]) -> Iterable[tuple[_Seen, _Seen]]:
    """Yield each of our frames with the one of theirs that is nearest in time."""
    theirs = sorted(theirs, key=lambda frame: frame.time_us)
    times = [frame.time_us for frame in theirs]
    for frame in ours:
        after = bisect.bisect(times, frame.time_us)
        around = theirs[max(after - 1, 0) : after + 1]
        nearest = min(around, key=lambda other: abs(other.time_us - frame.time_us))
        if abs(nearest.time_us - frame.time_us) <= TOGETHER_US:
            yield frame, nearest


def _in_view(camera: Camera, at: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return (n,) whether a camera's image shows these places on the floor."""
    pixels = project(camera, np.column_stack([at, np.zeros(len(at))]))
    size = np.array([camera.width_px, camera.height_px])
    shown: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.all(
        (pixels >= 0.0) & (pixels <= size), axis=1
    )
    return shown


def _distances(ours: FloatArray, theirs: FloatArray) -> list[float]:
    """Return how far apart people are who are told to be the same: the least sum of distances."""
    apart = np.linalg.norm(ours[:, None] - theirs[None], axis=2)
    return [float(distance) for distance in apart[linear_sum_assignment(apart)]]


def _own_errors(pairs: Sequence[Pair]) -> dict[CameraId, float]:
    """Return each camera's own error, where the pairs determine it, metres in the median.

    Errors of two cameras add up in the square, so every pair is one equation
    `own_a^2 + own_b^2 = median^2`; solved by non-negative least squares. Three cameras that all
    see each other are enough.
    """
    known = [pair for pair in pairs if pair.meetings >= MEETINGS_MIN]
    names = sorted({name for pair in known for name in pair.cameras})
    if not known:
        return {}
    takes_part = np.array([[float(name in pair.cameras) for name in names] for pair in known])
    squares, _ = nnls(takes_part, np.array([pair.median_m**2 for pair in known]))
    determined = np.diag(np.linalg.pinv(takes_part) @ takes_part) > 1.0 - 1e-6
    return {
        name: math.sqrt(square)
        for name, square, told in zip(names, squares, determined, strict=True)
        if told
    }


def _surroundings(store_map: StoreMap) -> tuple[FloatArray, FloatArray]:
    """Return the corners of a box around the floor."""
    polygon = np.array(store_map.floor, dtype=np.float64)
    return polygon.min(axis=0) - AROUND_M, polygon.max(axis=0) + AROUND_M
