"""Landmarks: points of the store that somebody found in a camera's image.

A landmarks file is CSV, one landmark a line; `#` begins a comment:

    camera,x_px,y_px,point
    camera-1,412.5,203,1-5 front left
    camera-1,388,251.5,1-3 plate 4 front right
    camera-1,120,310,floor 2.4 -1.2

Points by name (left and right as a shopper sees them who faces the shelf):

    1-5 front left          corner of the surface goods stand on of shelf 5 of gondola 1;
                            front or back, left or right
    1-3 plate 4 front left  corner of one plate
    gondola 1 back left     corner of a gondola's outline on the floor
    floor corner 2          corner of the floor's polygon, in the order of store.toml
    gate door-1 end 1       end of a gate's line on the floor
    floor 2.4 -1.2          a mark on the floor: x y in metres
    2.4 -1.2 0.8            any point: x y z in metres
"""

import difflib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from store_engine.errors import ConfigError
from store_engine.store_files.reading import Entry, read_csv
from store_engine.store_map import Camera, Plate, StoreMap
from store_engine.units import CameraId

Point3 = tuple[float, float, float]

# Further than this from the store's outline no landmark is of this store: a slip of the unit.
FAR_M = 20.0  # (guess)
_SIDES = {"left": -0.5, "right": 0.5}
_ENDS = {"front": 0.5, "back": -0.5}
# The order of `Obstacle.corners`, counter-clockwise from the shopper's left.
_GONDOLA_CORNERS = ("front left", "front right", "back right", "back left")


class Landmark(NamedTuple):
    """One point of the store and where a camera's image shows it."""

    point: str  # as it was written
    at: Point3  # metres, store frame
    pixel: tuple[float, float]


class LandmarkEntry(Entry):
    """One line of a landmarks file."""

    camera: Annotated[str, Field(min_length=1)]
    x_px: float
    y_px: float
    point: Annotated[str, Field(min_length=1)]


def read_landmarks(path: Path, store_map: StoreMap) -> dict[CameraId, tuple[Landmark, ...]]:
    """Return the landmarks of every camera in the file.

    Raises:
        ConfigError: with every mistake in it: file, line and limit.
    """
    rows, problems = read_csv(path, LandmarkEntry)
    named = named_points(store_map)
    found: dict[CameraId, dict[str, Landmark]] = {}
    for line, row in rows:
        try:
            camera = _camera_of(row, store_map)
            landmark = Landmark(row.point, _place(row.point, named), (row.x_px, row.y_px))
            _check_near(landmark, store_map)
            if landmark.point in found.get(camera, {}):
                raise ValueError(f'point "{row.point}" is already listed above for {camera}')
        except ValueError as error:
            problems.add(f"line {line}", str(error))
        else:
            found.setdefault(camera, {})[landmark.point] = landmark
    problems.raise_if_any()
    return {camera: tuple(landmarks.values()) for camera, landmarks in found.items()}


def landmarks_of(
    camera: CameraId, landmarks: Mapping[CameraId, Sequence[Landmark]], *, file: str
) -> tuple[Landmark, ...]:
    """Return one camera's landmarks. Raises `ConfigError` when the file has none."""
    if camera not in landmarks:
        listed = ", ".join(landmarks) or "none"
        raise ConfigError(f"{file}: no landmark of camera {camera!r}; it lists: {listed}")
    return tuple(landmarks[camera])


def named_points(store_map: StoreMap) -> dict[str, Point3]:
    """Return every point of the store that has a name, metres."""
    return dict(_named(store_map))


def _named(store_map: StoreMap) -> Iterator[tuple[str, Point3]]:
    yield from _named_on_shelves(store_map)
    yield from _named_on_floor(store_map)


def _named_on_shelves(store_map: StoreMap) -> Iterator[tuple[str, Point3]]:
    for shelf, names in store_map.shelves.items():
        plates = [store_map.plates[name] for name in names]
        for end in _ENDS:
            yield f"{shelf} {end} left", _corner(plates[0], end, "left")
            yield f"{shelf} {end} right", _corner(plates[-1], end, "right")
        for number, plate in enumerate(plates, 1):
            for end, side in itertools.product(_ENDS, _SIDES):
                yield f"{shelf} plate {number} {end} {side}", _corner(plate, end, side)


def _named_on_floor(store_map: StoreMap) -> Iterator[tuple[str, Point3]]:
    for obstacle in store_map.obstacles:
        for corner, (x, y) in zip(_GONDOLA_CORNERS, obstacle.corners, strict=True):
            yield f"{obstacle.name} {corner}", (x, y, 0.0)
    for number, (x, y) in enumerate(store_map.floor, 1):
        yield f"floor corner {number}", (x, y, 0.0)
    for gate in store_map.gates.values():
        for number, (x, y) in enumerate(gate.ends, 1):
            yield f"gate {gate.gate} end {number}", (x, y, 0.0)


def _corner(plate: Plate, end: str, side: str) -> Point3:
    along, outward = _SIDES[side] * plate.width_m, _ENDS[end] * plate.depth_m
    x, y, z = plate.centre
    return (
        x + along * plate.along[0] + outward * plate.outward[0],
        y + along * plate.along[1] + outward * plate.outward[1],
        z,
    )


def _camera_of(row: LandmarkEntry, store_map: StoreMap) -> CameraId:
    camera = store_map.cameras.get(CameraId(row.camera))
    if camera is None:
        known = ", ".join(store_map.cameras) or "none"
        raise ValueError(f'camera "{row.camera}" is not in cameras.toml; it has: {known}')
    if not _within(camera, row.x_px, row.y_px):
        raise ValueError(
            f"pixel ({row.x_px:g}, {row.y_px:g}) is outside the image of {row.camera}, "
            f"{camera.width_px} x {camera.height_px}"
        )
    return camera.camera


def _within(camera: Camera, x_px: float, y_px: float) -> bool:
    return 0.0 <= x_px <= camera.width_px and 0.0 <= y_px <= camera.height_px


def _place(point: str, named: Mapping[str, Point3]) -> Point3:
    words = point.split()
    name = " ".join(words)
    if name in named:
        return named[name]
    numbers = _numbers([*words[1:], "0"] if words[0] == "floor" else words)
    if len(numbers) == 3:
        return numbers[0], numbers[1], numbers[2]
    close = difflib.get_close_matches(name, named, n=3, cutoff=0.6)
    hint = f"; did you mean: {', '.join(close)}?" if close else ""
    raise ValueError(
        f'point "{point}" is neither a name of the store, nor "floor x y", nor "x y z" in '
        f"metres{hint}"
    )


def _numbers(words: Sequence[str]) -> list[float]:
    """Return words as numbers; none when one of them is no finite number."""
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def _check_near(landmark: Landmark, store_map: StoreMap) -> None:
    x, y, z = landmark.at
    away = min(math.hypot(x - a, y - b) for a, b in store_map.floor)
    if max(away, abs(z)) > FAR_M:
        raise ValueError(
            f'point "{landmark.point}" is {max(away, abs(z)):.0f} m away from the floor, at most '
            f"{FAR_M:g} m are allowed: coordinates are metres"
        )
