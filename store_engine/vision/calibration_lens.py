"""The camera model of the whole project: metres of the store to pixels, and back.

    seen  = R^T (X - t)           metres, camera axes: x right, y down, z forward
    ideal = seen_xy / seen_z      no unit
    bent  = ideal * (1 + k1 r^2 + k2 r^4 + k3 r^6) + tangential(p1, p2)
    pixel = K bent                x right, y down, (0, 0) is the middle of the top left pixel

Source: D. C. Brown, "Close-range camera calibration", Photogrammetric Engineering 37 (1971), in
the form and the order of coefficients of OpenCV's `projectPoints`. The store frame X is in metres,
z up, floor at z = 0.

`tracking.projection` states the same for the engine, which imports nothing of vision; a test holds
both to OpenCV.
"""

import math
from functools import lru_cache

import numpy as np

from store_engine.store_map import Camera, FloatArray

NEAR_M = 0.05  # nothing of a shop is nearer to a lens (guess)
# Close to its turning point the lens polynomial says nothing about the real lens (guess).
_LENS_SHARE = 0.98
_WIDEST = 4.0  # ideal radius of the widest pinhole lens: 76 degrees off the axis (guess)
_TABLE = 4096  # knots: within 1e-3 pixel of the exact inverse (measured)
_TANGENTIAL_STEPS = 5  # p1 and p2 are below 0.01: each step gains two digits


def project(camera: Camera, points: FloatArray) -> FloatArray:
    """Return the (n, 2) pixels of (n, 3) points in metres; NaN where the model sees nothing.

    That is behind the camera, and beyond the turning point of the lens polynomial.
    """
    seen = (points - camera.t) @ camera.R
    ideal = seen[:, :2] / np.maximum(seen[:, 2:], NEAR_M)
    good = (seen[:, 2] > NEAR_M) & (np.hypot(*ideal.T) <= _limit(camera.distortion))
    return np.where(good[:, None], project_anyhow(camera, points), np.nan)


def project_anyhow(camera: Camera, points: FloatArray) -> FloatArray:
    """Return the same, going on straight outwards where the model sees nothing.

    Never NaN, and always further out for a point that is further out: a search that begins with a
    wrong pose finds its way back.
    """
    seen = (points - camera.t) @ camera.R
    ideal = seen[:, :2] / np.maximum(seen[:, 2:], NEAR_M)
    beyond = np.maximum(np.hypot(*ideal.T) / _limit(camera.distortion), 1.0)
    inside = ideal / beyond[:, None]
    bent = distort(inside, camera.distortion) + (ideal - inside)
    pixels: FloatArray = bent @ camera.K[:2, :2].T + camera.K[:2, 2]
    return pixels


def directions(camera: Camera, pixels: FloatArray) -> FloatArray:
    """Return where (n, 2) pixels look: (n, 3) in the store frame, one unit deep; NaN: nowhere."""
    bent = (pixels - camera.K[:2, 2]) @ np.linalg.inv(camera.K[:2, :2]).T
    ideal = _undistort(bent, camera.distortion)
    return np.column_stack([ideal, np.ones(len(ideal))]) @ camera.R.T


def depths(camera: Camera, points: FloatArray) -> FloatArray:
    """Return how far (n, 3) points are in front of the lens along its axis, metres."""
    along: FloatArray = (points - camera.t) @ camera.R[:, 2]
    return along


def distort(ideal: FloatArray, distortion: FloatArray) -> FloatArray:
    """Return (n, 2) where a lens (k1, k2, p1, p2, k3) puts ideal points."""
    square = np.sum(ideal * ideal, axis=1)
    return ideal * _radial(square, distortion)[:, None] + _tangential(ideal, distortion)


def _undistort(bent: FloatArray, distortion: FloatArray) -> FloatArray:
    """Invert `distort`: the radial part from a table, the small rest by iteration."""
    radius = np.linspace(0.0, min(_limit(distortion), _WIDEST), _TABLE)
    bent_radius = radius * _radial(radius * radius, distortion)
    ideal = np.zeros_like(bent)
    for _ in range(_TANGENTIAL_STEPS):
        target = bent - np.nan_to_num(_tangential(ideal, distortion))
        length = np.hypot(*target.T)
        found = np.interp(length, bent_radius, radius, right=np.nan)
        ideal = target * (found / np.maximum(length, 1e-12))[:, None]
    return ideal


def _radial(square: FloatArray, distortion: FloatArray) -> FloatArray:
    k1, k2, _, _, k3 = distortion
    scale: FloatArray = 1.0 + square * (k1 + square * (k2 + square * k3))
    return scale


def _tangential(ideal: FloatArray, distortion: FloatArray) -> FloatArray:
    _, _, p1, p2, _ = distortion
    x, y = ideal.T
    square = x * x + y * y
    return np.column_stack(
        [2 * p1 * x * y + p2 * (square + 2 * x * x), p1 * (square + 2 * y * y) + 2 * p2 * x * y]
    )


def _limit(distortion: FloatArray) -> float:
    """Return the largest ideal radius the polynomial is good for: beyond, pixels fold back."""
    k1, k2, _, _, k3 = distortion.tolist()
    return _limit_of(k1, k2, k3)


@lru_cache(maxsize=64)  # a search asks thousands of times for one lens
def _limit_of(k1: float, k2: float, k3: float) -> float:
    roots = np.roots([7.0 * k3, 5.0 * k2, 3.0 * k1, 1.0])
    turns = [float(root.real) for root in roots if abs(root.imag) < 1e-12 and root.real > 0.0]
    return _LENS_SHARE * math.sqrt(min(turns, default=math.inf))
