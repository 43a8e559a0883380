"""Least squares over a camera's pose and focal length, from any start.

Minimises the sum of soft-L1 losses of the landmarks' misses in pixels: Gaussian near the answer,
linear far from it, so that one misnamed landmark does not drag the camera along. Bundle adjustment
of one camera with known points: Hartley & Zisserman (2004), section 7.2, and Triggs et al.
(2000).
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from store_engine.store_map import Camera, FloatArray
from store_engine.vision.calibration_fit import arrays
from store_engine.vision.calibration_landmarks import Landmark
from store_engine.vision.calibration_lens import directions, project, project_anyhow

# A careful click, and the lip of a shelf: 1.5 px at 640 px width (guess).
CLICK_STD_SHARE = 1.5 / 640.0
_GAUSSIAN_WITHIN = 2.0  # standard deviations: from there on the loss gets linear (guess)
_MAD_TO_STD = 1.4826  # of a Gaussian
_SCALES = np.array([0.1, 0.1, 0.1, 0.3, 0.3, 0.3, 0.1])  # radians, metres, log of focal length
_POSE = 6
_STEPS_MAX = 100  # a good start takes ten (measured)
# Published positions are off by up to a metre (measured: 1.0 m for one of three cameras).
_TRY_AROUND_M = 1.0


class Solved(NamedTuple):
    """The camera that fits best from one start, and how sure that is."""

    camera: Camera
    cost: float  # half the sum of losses, in units of the click's variance
    # (6, 6), or (7, 7) with a free focal length: rotation vector in camera axes [rad], position in
    # the store frame [m], natural logarithm of the focal length.
    covariance: FloatArray
    std_px: float  # of a landmark's miss per axis: never below that of a careful click


def solve(start: Camera, landmarks: Sequence[Landmark], *, focal: bool) -> Solved:
    """Return the best camera near a start; `focal`: whether its focal length is free.

    The covariance is one of steps from the start: of use when the start is the answer, about.
    """
    points, pixels = arrays(landmarks)
    click_px = CLICK_STD_SHARE * start.width_px
    count = _POSE + focal

    def misses(step: FloatArray) -> FloatArray:
        off = project_anyhow(moved(start, step), points) - pixels
        scaled: FloatArray = off.ravel() / click_px
        return scaled

    found = least_squares(
        misses,
        np.zeros(count),
        x_scale=_SCALES[:count],
        loss="soft_l1",
        f_scale=_GAUSSIAN_WITHIN,
        max_nfev=_STEPS_MAX,
    )
    spread = _spread(misses(found.x), count)
    jacobian = np.asarray(found.jac, dtype=np.float64)
    inverse = np.asarray(np.linalg.pinv(jacobian.T @ jacobian, rcond=1e-14, hermitian=True))
    return Solved(moved(start, found.x), float(found.cost), inverse * spread**2, spread * click_px)


def moved(camera: Camera, step: FloatArray) -> Camera:
    """Return the camera turned (about its own axes), shifted and, with 7 numbers, zoomed."""
    K = camera.K.copy()
    if len(step) > _POSE:
        K[:2, :2] *= np.exp(np.clip(step[_POSE], -2.0, 2.0))
    turn = Rotation.from_rotvec(step[:3]).as_matrix()
    return dataclasses.replace(camera, R=camera.R @ turn, t=camera.t + step[3:_POSE], K=K)


def step_between(camera: Camera, other: Camera) -> FloatArray:
    """Return the (7,) step that takes one camera to the other: the inverse of `moved`."""
    turn = Rotation.from_matrix(camera.R.T @ other.R).as_rotvec()
    return np.concatenate([turn, other.t - camera.t, [np.log(other.K[0, 0] / camera.K[0, 0])]])


def solve_from_anywhere(
    camera: Camera, landmarks: Sequence[Landmark], *, focal: bool
) -> tuple[Solved, ...]:
    """Return the best cameras of several starts, best first: one answer comes several times.

    Only answers that see every landmark count; there may be none.
    """
    points, _ = arrays(landmarks)
    solved = [solve(start, landmarks, focal=focal) for start in _starts(camera, landmarks)]
    seen = [one for one in solved if not np.isnan(project(one.camera, points)).any()]
    seen.sort(key=lambda one: one.cost)
    return tuple(solve(one.camera, landmarks, focal=focal) for one in seen[:1]) + tuple(seen[1:])


def _starts(camera: Camera, landmarks: Sequence[Landmark]) -> Iterator[Camera]:
    """Yield the camera as it is; then aimed anew from where it is, around, and mirrored."""
    yield camera
    shifts = [np.zeros(3)]
    for axis in (0, 1):
        shift = np.zeros(3)
        shift[axis] = _TRY_AROUND_M
        shifts += [shift, -shift]
    for place in [*(camera.t + shift for shift in shifts), _mirrored(camera, landmarks)]:
        aimed = _aimed(dataclasses.replace(camera, t=place), landmarks)
        if aimed is not None:
            yield aimed


def _aimed(camera: Camera, landmarks: Sequence[Landmark]) -> Camera | None:
    """Return the camera turned so that its pixels look at the landmarks, as well as that goes.

    Wahba's problem, solved by singular values: Markley, J. Astronautical Sciences 36 (1988).
    """
    points, pixels = arrays(landmarks)
    looks = _unit(directions(camera, pixels) @ camera.R)  # camera axes
    wanted = _unit(points - camera.t)
    good = np.isfinite(looks).all(axis=1)
    if good.sum() < 3:
        return None
    left, _, right = np.linalg.svd(wanted[good].T @ looks[good])
    mirror = np.diag([1.0, 1.0, np.linalg.det(left) * np.linalg.det(right)])
    return dataclasses.replace(camera, R=left @ mirror @ right)


def _mirrored(camera: Camera, landmarks: Sequence[Landmark]) -> FloatArray:
    """Return where the camera would stand whose image of a small plane looks the same.

    The second pose of a plane, on the other side of its normal: Schweighofer & Pinz, "Robust pose
    estimation from a planar target", PAMI 2006.
    """
    points, _ = arrays(landmarks)
    middle = points.mean(axis=0)
    normal = np.linalg.svd(points - middle)[2][-1]
    away = camera.t - middle
    place: FloatArray = middle + 2.0 * (away @ normal) * normal - away
    return place


def _unit(vectors: FloatArray) -> FloatArray:
    units: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units


def _spread(misses: FloatArray, count: int) -> float:
    """Return the standard deviation of misses in clicks, from their median: outliers aside."""
    freedom = max(len(misses) - count, 1)
    robust = _MAD_TO_STD * float(np.median(np.abs(misses)))
    return max(1.0, robust * math.sqrt(len(misses) / freedom))
