"""Pixels and directions: the lens, forwards and backwards.

Model: pinhole with radial and tangential distortion (k1, k2, p1, p2, k3), as OpenCV's camera
calibration documents it; the projective geometry is Hartley & Zisserman (2004), chapter 6.
"""

import math

import numpy as np

from store_engine.store_map import Camera, FloatArray

# Newton doubles its digits at every step; ten bring any valid pixel to rounding error (measured).
_NEWTON_STEPS = 10
_TOLERANCE = 1e-9  # normalised units: far below a thousandth of a pixel
# Close to its turning point the lens polynomial says nothing about the real lens (guess).
_VALID_SHARE = 0.98


def distort(points: FloatArray, distortion: FloatArray) -> FloatArray:
    """Return where the lens puts ideal points.

    Args:
        points: (n, 2) ideal normalised coordinates x/z, y/z.
        distortion: (5,) k1, k2, p1, p2, k3.

    Returns:
        (n, 2) distorted normalised coordinates.
    """
    _, _, p1, p2, _ = distortion
    x, y = points[:, 0], points[:, 1]
    square = x * x + y * y
    radial = _radial(square, distortion)
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x),
            y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=1,
    )


def undistort(points: FloatArray, distortion: FloatArray) -> FloatArray:
    """Return the ideal points behind distorted ones; NaN where the lens model has none.

    Newton's method from the distorted point. For a barrel lens the radial function is concave up
    to its turning point, so the iteration climbs to the root without passing it.

    Args:
        points: (n, 2) distorted normalised coordinates.
        distortion: (5,) k1, k2, p1, p2, k3.

    Returns:
        (n, 2) ideal normalised coordinates x/z, y/z.
    """
    limit = _turning_radius(distortion)
    ideal = points.copy()
    for _ in range(_NEWTON_STEPS):
        ideal = _newton_step(ideal, points, distortion)
        radius = np.hypot(ideal[:, 0], ideal[:, 1])
        ideal *= np.minimum(1.0, limit / np.maximum(radius, 1e-12))[:, None]
    radius = np.hypot(ideal[:, 0], ideal[:, 1])
    missed = np.abs(distort(ideal, distortion) - points).max(axis=1) > _TOLERANCE
    ideal[missed | (radius > _VALID_SHARE * limit)] = np.nan
    return ideal


def project(camera: Camera, points: FloatArray) -> FloatArray:
    """Return the pixels of points of the store.

    Args:
        camera: the calibration.
        points: (n, 3) metres, store frame.

    Returns:
        (n, 2) pixels; NaN behind the camera or outside the lens model.
    """
    seen = (points - camera.t) @ camera.R
    front = seen[:, 2] > 1e-3
    ideal = seen[:, :2] / np.where(front, seen[:, 2], 1.0)[:, None]
    inside = np.hypot(ideal[:, 0], ideal[:, 1]) <= _VALID_SHARE * _turning_radius(camera.distortion)
    pixels = distort(ideal, camera.distortion) @ camera.K[:2, :2].T + camera.K[:2, 2]
    return np.where((front & inside)[:, None], pixels, np.nan)


def directions(camera: Camera, pixels: FloatArray) -> FloatArray:
    """Return where pixels look.

    Args:
        camera: the calibration.
        pixels: (n, 2).

    Returns:
        (n, 3) directions in the store frame, one unit deep along the optical axis; NaN where the
        lens model has none.
    """
    distorted = (pixels - camera.K[:2, 2]) @ np.linalg.inv(camera.K[:2, :2]).T
    ideal = undistort(distorted, camera.distortion)
    return np.column_stack([ideal, np.ones(len(ideal))]) @ camera.R.T


def _radial(square: FloatArray, distortion: FloatArray) -> FloatArray:
    k1, k2, _, _, k3 = distortion
    scale: FloatArray = 1.0 + square * (k1 + square * (k2 + square * k3))
    return scale


def _newton_step(ideal: FloatArray, target: FloatArray, distortion: FloatArray) -> FloatArray:
    """One Newton step of `distort(ideal) = target`, with the analytic 2 x 2 Jacobian."""
    k1, k2, p1, p2, k3 = distortion
    x, y = ideal[:, 0], ideal[:, 1]
    square = x * x + y * y
    radial = _radial(square, distortion)
    slope = 2.0 * (k1 + square * (2.0 * k2 + square * 3.0 * k3))  # d radial / d square, doubled
    a = radial + slope * x * x + 2 * p1 * y + 6 * p2 * x
    b = slope * x * y + 2 * p1 * x + 2 * p2 * y
    d = radial + slope * y * y + 6 * p1 * y + 2 * p2 * x
    miss = target - distort(ideal, distortion)
    det = a * d - b * b
    det = np.where(np.abs(det) < 1e-9, 1e-9, det)
    step = np.stack([d * miss[:, 0] - b * miss[:, 1], a * miss[:, 1] - b * miss[:, 0]], axis=1)
    return ideal + step / det[:, None]


def _turning_radius(distortion: FloatArray) -> float:
    """The ideal radius where the radial polynomial stops growing: beyond it, pixels fold back."""
    k1, k2, _, _, k3 = distortion
    roots = np.roots([7.0 * k3, 5.0 * k2, 3.0 * k1, 1.0])
    turns = [float(root.real) for root in roots if abs(root.imag) < 1e-12 and root.real > 0]
    return math.sqrt(min(turns, default=math.inf))
