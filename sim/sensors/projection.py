"""Points of the store in the pixels of a camera, and what stands in the way."""

from typing import NamedTuple

import numpy as np

from sim.sensors.noise import BoolArray, FloatArray
from store_engine.store_map import Camera, StoreMap

NEAR_M = 0.2  # nearer points are behind or in the lens
LENS_MARGIN = 0.9  # share of the squared fold-over radius that is used; guess
SHELF_TOP_M = 1.8  # height of an obstacle without plates; guess
SOLID_INSET_M = 0.08  # an obstacle's hull counts as open for this far inside; guess


class Projected(NamedTuple):
    """Where points fall, whether or not the image reaches there."""

    pixels: FloatArray  # (..., 2)
    depth_m: FloatArray  # (...,) along the optical axis
    seen_by_lens: BoolArray  # (...,) in front, and where the distortion model holds


def project(camera: Camera, points: FloatArray) -> Projected:
    """Project `points` (..., 3), metres in the store frame. NaN points are not seen.

    x = R^T (X - t); Brown distortion on x / z; then K. The radial polynomial folds over beyond
    the radius where r (1 + k1 r^2 + k2 r^4 + k3 r^6) stops growing: points out there would land
    back inside the image, so they are marked unseen.
    """
    local = (points - camera.t) @ camera.R
    depth = local[..., 2]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        normal = local[..., :2] / depth[..., None]
        r2 = (normal**2).sum(axis=-1)
        seen = (depth > NEAR_M) & (r2 < LENS_MARGIN * fold_radius2(camera))
    normal = np.where(seen[..., None], normal, 0.0)
    distorted = _distort(camera, normal)
    pixels = distorted @ camera.K[:2, :2].T + camera.K[:2, 2]
    return Projected(pixels, depth, seen)


def _distort(camera: Camera, normal: FloatArray) -> FloatArray:
    k1, k2, p1, p2, k3 = camera.distortion
    x, y = normal[..., 0], normal[..., 1]
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return np.stack(
        [
            x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
            y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
        ],
        axis=-1,
    )


def fold_radius2(camera: Camera) -> float:
    """Return r^2 at which the distorted radius stops growing; infinity when it never does."""
    k1, k2, _, _, k3 = camera.distortion
    roots = np.roots([7.0 * k3, 5.0 * k2, 3.0 * k1, 1.0])
    real = [float(root.real) for root in roots if abs(root.imag) < 1e-9 and root.real > 0.0]
    return min(real, default=float("inf"))


def inside_image(camera: Camera, pixels: FloatArray) -> BoolArray:
    """Return (...,) whether pixels (..., 2) lie in the image."""
    size = np.array([camera.width_px, camera.height_px])
    return np.asarray(((pixels >= 0.0) & (pixels < size)).all(axis=-1))


class Solid(NamedTuple):
    """An upright convex prism on the floor that hides what is behind it."""

    normals: FloatArray  # (k, 2) outward, unit length
    offsets: FloatArray  # (k,) x . normal < offset for all k is inside
    top_m: float


def solids(store_map: StoreMap) -> list[Solid]:
    """Return the obstacles of a store, as high as the shelves that stand on them."""
    found = []
    for obstacle in store_map.obstacles:
        corners = np.array(obstacle.corners)
        edges = np.roll(corners, -1, axis=0) - corners
        normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        offsets = (normals * corners).sum(axis=1)
        tops = [
            plate.centre[2]
            for plate in store_map.plates.values()
            if (normals @ np.array(plate.centre[:2]) < offsets).all()
        ]
        found.append(Solid(normals, offsets - SOLID_INSET_M, max(tops, default=SHELF_TOP_M)))
    return found


def hidden_by(solid: Solid, eye: FloatArray, points: FloatArray) -> BoolArray:
    """Return (n,) whether the line from `eye` (3,) to each of `points` (n, 3) meets the prism.

    Clips each line to the prism's outline (Cyrus and Beck, 1978), then asks how low it gets
    there: a line of sight that stays above the top is free.
    """
    ray = points - eye
    speed = ray[:, :2] @ solid.normals.T  # (n, k)
    gap = solid.offsets - solid.normals @ eye[:2]  # (k,)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        at = gap / speed
    enters = np.where(speed < 0.0, at, 0.0).max(axis=1)
    leaves = np.where(speed > 0.0, at, 1.0).min(axis=1)
    beside = ((speed == 0.0) & (gap <= 0.0)).any(axis=1)
    lowest = eye[2] + np.minimum(enters * ray[:, 2], leaves * ray[:, 2])
    crosses = (np.maximum(enters, 0.0) < np.minimum(leaves, 1.0)) & ~beside
    return np.asarray(crosses & (lowest < solid.top_m))
