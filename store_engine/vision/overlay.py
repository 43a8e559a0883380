"""The store's geometry drawn into a camera's image: lines that fit lie on what they name.

Needs OpenCV, from the extra `vision`.
"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from store_engine.errors import RecordingError
from store_engine.store_map import Camera, FloatArray, Plate, StoreMap
from store_engine.vision.calibration_fit import Miss
from store_engine.vision.calibration_landmarks import Point3
from store_engine.vision.calibration_lens import project
from store_engine.vision.ports import Image

PIECE_M = 0.05  # a lens bends straight lines: pieces this short look smooth (guess)
ZOOM = 2  # the picture is larger than the image: lines a pixel wide are read better (guess)
_SHIFT = 4  # OpenCV draws at fractions of a pixel: 1/16
_EMPTY = 60  # grey of a picture without a frame

Colour = tuple[int, int, int]  # blue, green, red
FLOOR: Colour = (80, 220, 80)
GATE: Colour = (230, 80, 230)
GONDOLA: Colour = (60, 160, 250)
SHELF: Colour = (250, 220, 60)
PLATE: Colour = (170, 150, 60)
FOUND: Colour = (60, 60, 250)  # where a landmark was found
PUT: Colour = (255, 255, 255)  # where the calibration puts it


class Line(NamedTuple):
    """A line of the store through points in metres."""

    points: tuple[Point3, ...]
    colour: Colour


def store_lines(store_map: StoreMap) -> Iterator[Line]:
    """Yield the outlines of plates, shelves, gondolas, floor and gates; the last is on top."""
    for plate in store_map.plates.values():
        yield Line(_outline([plate]), PLATE)
    for names in store_map.shelves.values():
        yield Line(_outline([store_map.plates[names[0]], store_map.plates[names[-1]]]), SHELF)
    for obstacle in store_map.obstacles:
        yield Line(_closed([(x, y, 0.0) for x, y in obstacle.corners]), GONDOLA)
    yield Line(_closed([(x, y, 0.0) for x, y in store_map.floor]), FLOOR)
    for gate in store_map.gates.values():
        yield Line(tuple((x, y, 0.0) for x, y in gate.ends), GATE)


def picture(
    camera: Camera, store_map: StoreMap, *, frame: Image | None = None, misses: Sequence[Miss] = ()
) -> Image:
    """Return a frame (grey without one) with the store's geometry and the landmarks on it.

    Returns:
        `ZOOM` times the camera's size; a red cross is where a landmark was found, the white circle
        at the end of its line where the calibration puts it.
    """
    size = camera.width_px * ZOOM, camera.height_px * ZOOM
    image = np.full((size[1], size[0], 3), _EMPTY, np.uint8)
    if frame is not None:
        image = cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    for line in store_lines(store_map):
        for piece in _visible(camera, project(camera, _pieces(line.points))):
            cv2.polylines(image, [_fixed(piece)], False, line.colour, 1, cv2.LINE_AA, _SHIFT)
    for miss in misses:
        _draw_miss(image, camera, miss)
    return image


def save_picture(path: Path, image: Image) -> None:
    """Write an image file. Raises `RecordingError` when that cannot be done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        written = cv2.imwrite(str(path), image)
    except cv2.error as error:
        raise RecordingError(f"{path}: not a kind of image that can be written") from error
    if not written:
        raise RecordingError(f"{path}: cannot be written")


def _outline(plates: Sequence[Plate]) -> tuple[Point3, ...]:
    """Return the outline of the surface from the first plate to the last."""
    first, last = plates[0], plates[-1]
    corners = []
    for plate, along, outward in ((first, -1, 1), (last, 1, 1), (last, 1, -1), (first, -1, -1)):
        wide, deep = along * plate.width_m / 2, outward * plate.depth_m / 2
        x, y, z = plate.centre
        corners.append(
            (
                x + wide * plate.along[0] + deep * plate.outward[0],
                y + wide * plate.along[1] + deep * plate.outward[1],
                z,
            )
        )
    return _closed(corners)


def _closed(points: Sequence[Point3]) -> tuple[Point3, ...]:
    return (*points, points[0])


def _pieces(points: Sequence[Point3]) -> FloatArray:
    """Return (n, 3) points along a line, `PIECE_M` apart or less."""
    corners = np.array(points, dtype=np.float64)
    steps = [
        np.linspace(start, end, max(2, int(np.ceil(np.linalg.norm(end - start) / PIECE_M)) + 1))
        for start, end in itertools.pairwise(corners)
    ]
    return np.concatenate(steps)


def _visible(camera: Camera, pixels: FloatArray) -> Iterator[FloatArray]:
    """Yield the runs of a line that are seen; far outside the image OpenCV's integers overflow."""
    size = np.array([camera.width_px, camera.height_px], dtype=np.float64)
    near = np.isfinite(pixels).all(axis=1)
    near &= (np.abs(np.nan_to_num(pixels) - size / 2) <= 2.0 * size).all(axis=1)
    begins = np.flatnonzero(np.diff(near.astype(np.int8), prepend=0) == 1)
    ends = np.flatnonzero(np.diff(near.astype(np.int8), append=0) == -1) + 1
    for begin, end in zip(begins, ends, strict=True):
        yield pixels[begin:end]


def _fixed(pixels: FloatArray) -> NDArray[np.int32]:
    """Return pixels of the image as OpenCV's fixed-point coordinates of the picture."""
    # (0, 0) is the middle of a pixel: of ZOOM x ZOOM pixels in the picture, likewise.
    placed = (pixels + 0.5) * ZOOM - 0.5
    return np.round(placed * (1 << _SHIFT)).astype(np.int32)


def _draw_miss(image: Image, camera: Camera, miss: Miss) -> None:
    found = np.array([miss.landmark.pixel])
    put = found + np.array([[miss.x_px, miss.y_px]])
    for run in _visible(camera, np.concatenate([found, put])):
        cv2.polylines(image, [_fixed(run)], False, PUT, 1, cv2.LINE_AA, _SHIFT)
    for run in _visible(camera, put):
        x, y = _fixed(run)[0].tolist()
        cv2.circle(image, (x, y), 5 << _SHIFT, PUT, 1, cv2.LINE_AA, _SHIFT)
    x, y = (_fixed(found)[0] >> _SHIFT).tolist()
    cv2.drawMarker(image, (x, y), FOUND, cv2.MARKER_CROSS, 10, 2)
    label = miss.landmark.point
    cv2.putText(image, label, (x + 8, y - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.4, PUT, 1, cv2.LINE_AA)
