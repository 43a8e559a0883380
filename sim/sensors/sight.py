"""Which joints of which people one camera sees, frame by frame, before any mistake."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.scene import Body
from sim.sensors.noise import BoolArray, FloatArray
from sim.sensors.plan import CameraPlan
from sim.sensors.projection import Solid, hidden_by, inside_image, project
from store_engine.store_map import Camera

COCO = 17
FACE = slice(0, 5)
LEFT_ANKLE, RIGHT_ANKLE = 15, 16
EAR_TO_CROWN_M = 0.13  # ANSUR II: tragion to top of head, mean of men and women
BODY_HALF_WIDTH = 0.35  # share of a body's box that hides what is behind it; guess
BEHIND_M = 0.25  # nearer bodies than this do not hide each other; guess


class Sight(NamedTuple):
    """What one camera sees; n frames, p people."""

    pixels: FloatArray  # (n, p, 17, 2) true positions
    visible: BoolArray  # (n, p, 17)
    boxes: FloatArray  # (n, p, 4) around what shows, clipped to the image; NaN when nothing
    depth_m: FloatArray  # (n, p) NaN when away


def look(
    camera: Camera,
    people: Sequence[Body],
    times_s: FloatArray,
    obstacles: Sequence[Solid],
    plan: CameraPlan,
) -> Sight:
    """Return what `camera` sees of `people` at `times_s` (n,)."""
    if not people:
        empty = np.zeros((len(times_s), 0, COCO, 2))
        return Sight(
            empty, empty[..., 0] > 0.0, empty[:, :, 0, :1].repeat(4, -1), empty[:, :, 0, 0]
        )
    points = np.stack([_outline(body.joints(times_s)) for body in people], axis=1)
    pixels, depth, in_lens = project(camera, points)
    depth_m = _middle(depth)
    near = np.nan_to_num(depth_m, nan=np.inf) < plan.reach_m
    free = in_lens & near[..., None]
    inside = free & inside_image(camera, pixels)
    free &= ~_behind_obstacles(camera, points, inside, obstacles)
    whole = _extent(pixels, in_lens & near[..., None])
    free &= ~_behind_people(pixels, whole, depth_m)
    boxes = _clip(camera, _extent(pixels, free))
    return Sight(pixels[:, :, :COCO], (free & inside)[:, :, :COCO], boxes, depth_m)


def _outline(joints: FloatArray) -> FloatArray:
    """Return (n, 20, 3): the 17 joints of COCO, the crown of the head, both soles."""
    crown = joints[:, FACE].mean(axis=1) + np.array([0.0, 0.0, EAR_TO_CROWN_M])
    soles = joints[:, [LEFT_ANKLE, RIGHT_ANKLE]] * np.array([1.0, 1.0, 0.0])
    return np.concatenate([joints[:, :COCO], crown[:, None], soles], axis=1)


def _middle(depth: FloatArray) -> FloatArray:
    return np.asarray(depth[:, :, :COCO].mean(axis=2))


def _extent(pixels: FloatArray, shown: BoolArray) -> FloatArray:
    """Return (n, p, 4) the box around the shown points; NaN without any."""
    low = np.where(shown[..., None], pixels, np.inf).min(axis=2)
    high = np.where(shown[..., None], pixels, -np.inf).max(axis=2)
    box = np.concatenate([low, high], axis=-1)
    box[~shown.any(axis=2)] = np.nan
    return np.asarray(box)


def _clip(camera: Camera, boxes: FloatArray) -> FloatArray:
    limit = np.array([camera.width_px, camera.height_px] * 2, dtype=np.float64)
    return np.clip(boxes, 0.0, limit)


def _behind_obstacles(
    camera: Camera, points: FloatArray, inside: BoolArray, obstacles: Sequence[Solid]
) -> BoolArray:
    hidden = np.zeros(inside.shape, dtype=np.bool_)
    candidates = points[inside]
    blocked = np.zeros(len(candidates), dtype=np.bool_)
    for solid in obstacles:
        blocked |= hidden_by(solid, camera.t, candidates)
    hidden[inside] = blocked
    return hidden


def _behind_people(pixels: FloatArray, whole: FloatArray, depth_m: FloatArray) -> BoolArray:
    """Return (n, p, points) whether somebody nearer covers a point with their body."""
    hidden = np.zeros(pixels.shape[:3], dtype=np.bool_)
    centre_x = (whole[..., 0] + whole[..., 2]) / 2.0
    half_x = (whole[..., 2] - whole[..., 0]) * BODY_HALF_WIDTH
    for near in range(pixels.shape[1]):
        nearer = depth_m[:, near, None] < depth_m - BEHIND_M  # (n, p); False with NaN
        if not nearer.any():
            continue
        across = (
            np.abs(pixels[..., 0] - centre_x[:, near, None, None]) < half_x[:, near, None, None]
        )
        top, bottom = whole[:, near, 1, None, None], whole[:, near, 3, None, None]
        upright = (pixels[..., 1] > top) & (pixels[..., 1] < bottom)
        hidden |= nearer[..., None] & across & upright
    return hidden
