"""Cameras of the NanoStore whose calibration is known, and landmarks as they would be clicked."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from store_engine.store_files import load_store
from store_engine.store_map import Camera, StoreMap
from store_engine.units import CameraId
from store_engine.vision.calibration_landmarks import Landmark, named_points
from store_engine.vision.calibration_lens import project

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
CLICK_PX = 1.5


@cache
def nanostore() -> StoreMap:
    return load_store(NANOSTORE).map


def eye(number: int) -> Camera:
    return nanostore().cameras[CameraId(f"camera-{number}")]


def clicked(camera: Camera, count: int, *, seed: int = 0, noise_px: float = CLICK_PX):
    """Corners of shelves and gondolas in view, clicked with noise."""
    names = {name: at for name, at in named_points(nanostore()).items() if " plate " not in name}
    points = [Landmark(name, at, (0.0, 0.0)) for name, at in names.items()]
    return seen(camera, points, count, seed=seed, noise_px=noise_px)


def clicked_at(camera: Camera, points, count: int, *, seed: int = 0):
    """Some of these places in metres, where in view."""
    return seen(camera, [Landmark(f"{at}", at, (0.0, 0.0)) for at in points], count, seed=seed)


def seen(camera: Camera, points: Sequence[Landmark], count: int, *, seed=0, noise_px=CLICK_PX):
    rng = np.random.default_rng(seed)
    pixels = project(camera, np.array([point.at for point in points]))
    size = np.array([camera.width_px, camera.height_px])
    shown = np.flatnonzero(((pixels > 5) & (pixels < size - 5)).all(axis=1))
    chosen = rng.choice(shown, min(count, len(shown)), replace=False)
    noisy = pixels[chosen] + rng.normal(0.0, noise_px, (len(chosen), 2))
    return tuple(
        points[index]._replace(pixel=(float(x), float(y)))
        for index, (x, y) in zip(chosen, noisy, strict=True)
    )


def as_csv(camera: Camera, landmarks: Sequence[Landmark]) -> str:
    lines = [f"{camera.camera},{m.pixel[0]:.2f},{m.pixel[1]:.2f},{m.point}" for m in landmarks]
    return "\n".join(["camera,x_px,y_px,point", "# clicked by nobody", *lines]) + "\n"
