"""Where in the image people would be who stand on the floor: the ground-plane gate.

A person is an upright cylinder. One is stood on every point of a grid on the floor, and on a ring
around the floor: people out there, behind a glass wall or in a mirror, explain what moves there
better than anybody inside could, and are not reported.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from store_engine.store_map import Camera

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

PITCH_M = 0.15  # of the grid: half a shoulder's width (guess)
RING_M = 1.5  # beyond the floor; further out nobody looks like somebody inside (guess)
RADIUS_M = 0.24  # half the elbow-to-elbow width of an adult, 0.45 to 0.5 m (anthropometric tables)
HEIGHTS_M = (1.75, 1.25)  # standing, and bent to a low shelf or a child (guess)
# Nearer to its turning point than this share, the lens polynomial says nothing (guess).
_LENS_SHARE = 0.98
_NEAR_M = 0.3  # nearer to the lens than this nobody stands (guess)
_AROUND = 8  # points on each circle of the cylinder
_LEVELS = 5  # circles from the floor to the crown
_TALL_PX, _WIDE_PX = 24.0, 8.0  # less of a person is not worth looking at, at 640 px (guess)


class Standing(NamedTuple):
    """People who could be there, as boxes in the image."""

    boxes: FloatArray  # (n, 4) left, top, right, bottom, pixels, within the image
    at: FloatArray  # (n, 2) metres on the floor
    on_floor: BoolArray  # (n,) False: on the ring around it


def standing_people(camera: Camera, floor: tuple[tuple[float, float], ...]) -> Standing:
    """Return a person of each height on every grid point that the camera sees something of."""
    polygon = np.array(floor, dtype=np.float64)
    spots = _grid(polygon)
    inside_by_m = np.array([_inside_by_m(polygon, x, y) for x, y in spots])
    spots, inside_by_m = spots[inside_by_m >= -RING_M], inside_by_m[inside_by_m >= -RING_M]
    boxes = np.concatenate([_boxes(camera, spots, height_m) for height_m in HEIGHTS_M])
    at = np.concatenate([spots] * len(HEIGHTS_M))
    on_floor = np.concatenate([inside_by_m >= 0.0] * len(HEIGHTS_M))
    sides = boxes[:, 2:] - boxes[:, :2]
    scale = camera.width_px / 640.0
    seen = (sides[:, 0] >= _WIDE_PX * scale) & (sides[:, 1] >= _TALL_PX * scale)
    return Standing(boxes[seen], at[seen], on_floor[seen])


def project(camera: Camera, points: FloatArray) -> FloatArray:
    """Return (n, 2) pixels of (n, 3) points in metres; NaN behind the lens or beyond its model."""
    local = (points - camera.t) @ camera.R
    with np.errstate(divide="ignore", invalid="ignore"):
        radius = np.hypot(local[:, 0], local[:, 1]) / local[:, 2]
    good = (local[:, 2] > _NEAR_M) & (radius < _LENS_SHARE * _turning_radius(camera))
    pixels = np.full((len(points), 2), np.nan)
    if good.any():
        still = np.zeros(3)
        found, _ = cv2.projectPoints(local[good], still, still, camera.K, camera.distortion)
        pixels[good] = found.reshape(-1, 2)
    return pixels


def _grid(polygon: FloatArray) -> FloatArray:
    low, high = polygon.min(axis=0) - RING_M, polygon.max(axis=0) + RING_M
    axes = [np.arange(a + PITCH_M / 2, b, PITCH_M) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)


def _inside_by_m(polygon: FloatArray, x: float, y: float) -> float:
    """Return how far inside the polygon a point is, below 0 outside."""
    # OpenCV wants single precision: 1e-7 of a metre is no matter here.
    return float(cv2.pointPolygonTest(polygon.astype(np.float32), (float(x), float(y)), True))


def _boxes(camera: Camera, spots: FloatArray, height_m: float) -> FloatArray:
    """Return (n, 4) boxes around people of one height, cut to the image; empty where unseen."""
    turns = np.arange(_AROUND) * (2.0 * math.pi / _AROUND)
    ring = RADIUS_M * np.column_stack([np.cos(turns), np.sin(turns), np.zeros(_AROUND)])
    levels = np.linspace(0.0, height_m, _LEVELS)
    body = np.concatenate([ring + np.array([0.0, 0.0, level]) for level in levels])
    points = np.column_stack([spots, np.zeros(len(spots))])[:, None, :] + body
    pixels = project(camera, points.reshape(-1, 3)).reshape(len(spots), -1, 2)
    seen = np.isfinite(pixels[..., :1])  # both coordinates are, or none
    low = np.where(seen, pixels, np.inf).min(axis=1)
    high = np.where(seen, pixels, -np.inf).max(axis=1)
    size = np.array([camera.width_px, camera.height_px], dtype=np.float64)
    return np.column_stack([np.clip(low, 0.0, size), np.clip(high, 0.0, size)])


def _turning_radius(camera: Camera) -> float:
    """Return the radius where the lens polynomial stops growing: beyond it, pixels fold back."""
    k1, k2, _, _, k3 = camera.distortion
    roots = np.roots([7.0 * k3, 5.0 * k2, 3.0 * k1, 1.0])
    turns = [float(root.real) for root in roots if abs(root.imag) < 1e-9 and root.real > 0.0]
    return math.sqrt(min(turns, default=math.inf))
