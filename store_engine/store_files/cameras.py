"""cameras.toml: every camera with its calibration."""

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, field_validator

from store_engine.store_files.reading import Entry, Problems, read_toml
from store_engine.store_files.shop import Name
from store_engine.store_map import Camera
from store_engine.units import CameraId

FILE = "cameras.toml"
# Entries written with six decimals leave 1e-6; one mistyped digit in the third leaves 1e-3 (guess).
ORTHONORMAL_WITHIN = 1e-4

Triple = tuple[float, float, float]
Matrix3 = tuple[Triple, Triple, Triple]


class CameraEntry(Entry):
    """One [[cameras]] table. Pixels and metres."""

    camera: Name
    width_px: Annotated[int, Field(gt=0)]
    height_px: Annotated[int, Field(gt=0)]
    K: Matrix3
    distortion: tuple[float, float, float, float, float]
    R: Matrix3
    t: Triple

    @field_validator("K")
    @classmethod
    def _is_intrinsic(cls, K: Matrix3) -> Matrix3:
        if K[0][0] <= 0 or K[1][1] <= 0:
            raise ValueError("focal lengths (row 1 column 1, row 2 column 2) must be above 0")
        if (K[1][0], *K[2]) != (0.0, 0.0, 0.0, 1.0):
            raise ValueError("row 2 must begin with 0 and row 3 must be 0, 0, 1")
        return K

    @field_validator("R")
    @classmethod
    def _is_rotation(cls, R: Matrix3) -> Matrix3:
        matrix = np.array(R)
        off = float(np.abs(matrix @ matrix.T - np.eye(3)).max())
        if off > ORTHONORMAL_WITHIN:
            raise ValueError(
                f"rotation is not orthonormal: R R^T is off by {off:.2g},"
                f" at most {ORTHONORMAL_WITHIN:.0e} is allowed"
            )
        if np.linalg.det(matrix) < 0:
            raise ValueError("rotation is a mirror image: its determinant is -1, not 1")
        return R


class CamerasFile(Entry):
    """The whole of cameras.toml; a store with an upstream tracker may have no cameras."""

    cameras: tuple[CameraEntry, ...] = ()


def read_cameras(folder: Path) -> dict[CameraId, Camera]:
    """Return every camera. Raises `ConfigError` with every mistake in the file."""
    problems = Problems(FILE)
    cameras: dict[CameraId, Camera] = {}
    for entry in read_toml(folder / FILE, CamerasFile).cameras:
        camera = _camera(entry)
        if camera.camera in cameras:
            problems.add(f'camera "{entry.camera}"', "this name is already taken above")
        cameras[camera.camera] = camera
    problems.raise_if_any()
    return cameras


def _camera(entry: CameraEntry) -> Camera:
    return Camera(
        camera=CameraId(entry.camera),
        width_px=entry.width_px,
        height_px=entry.height_px,
        K=np.array(entry.K),
        distortion=np.array(entry.distortion),
        R=np.array(entry.R),
        t=np.array(entry.t),
    )
