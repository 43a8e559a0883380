"""Video of people who walk through the NanoStore, drawn through its calibrated cameras.

Deterministic: the same walk gives the same pixels. A figure is legs, trunk, arms and head as thick
lines between points in metres; its feet are where the walk says.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from store_engine.store import Store
from store_engine.store_files import load_store
from store_engine.store_map import Camera
from store_engine.units import CameraId
from store_engine.vision.ports import Frame, Image

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
RATE_HZ = 10.0
FRAME_US = 100_000
BEGIN_US = 1_600_000_000_000_000
Walk = Callable[[float], tuple[float, float] | None]  # seconds -> where on the floor, if anywhere

SHIRT, TROUSERS, SKIN = (60, 40, 160), (70, 50, 30), (120, 150, 200)
# A standing adult who faces +x: x forward, y left, z up, metres; radius of the limb; colour.
LIMBS = [
    ((0.0, 0.10, 0.05), (0.0, 0.10, 0.85), 0.08, TROUSERS),
    ((0.0, -0.10, 0.05), (0.0, -0.10, 0.85), 0.08, TROUSERS),
    ((0.0, 0.0, 0.85), (0.0, 0.0, 1.40), 0.18, SHIRT),
    ((0.0, 0.22, 0.95), (0.0, 0.20, 1.40), 0.05, SHIRT),
    ((0.0, -0.22, 0.95), (0.0, -0.20, 1.40), 0.05, SHIRT),
    ((0.0, 0.0, 1.55), (0.0, 0.0, 1.60), 0.11, SKIN),
]


@cache
def nanostore() -> Store:
    return load_store(NANOSTORE)


def eye(name: str) -> Camera:
    return nanostore().map.cameras[CameraId(name)]


def line(start: Sequence[float], end: Sequence[float], *, from_s: float, to_s: float) -> Walk:
    """Come in at a time, walk straight and evenly, and be gone."""

    def at(seconds: float) -> tuple[float, float] | None:
        share = (seconds - from_s) / (to_s - from_s)
        if not 0.0 <= share <= 1.0:
            return None
        x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
        return x, y

    return at


def film(camera: Camera, walks: Sequence[Walk], seconds: float) -> Iterator[Frame]:
    """Yield what a camera sees, with a little noise of its sensor."""
    grains = np.random.default_rng(7).integers(0, 5, (3, *empty(camera).shape), dtype=np.uint8)
    for number in range(round(seconds * RATE_HZ)):
        image = draw(camera, [walk(number / RATE_HZ) for walk in walks])
        noisy = cv2.add(image, grains[number % len(grains)])
        yield Frame(noisy, BEGIN_US + number * FRAME_US)


def draw(camera: Camera, people: Sequence[tuple[float, float] | None]) -> Image:
    """Return the store with people at these places on its floor."""
    image = empty(camera).copy()
    for at in people:
        if at is not None:
            for start, end, radius_m, colour in LIMBS:
                _limb(image, camera, at, start, end, radius_m, colour)
    return image


def encode(frames: Iterator[Frame], path: Path, codec: str = "mp4v") -> Path:
    """Write a video file."""
    writer = None
    for frame in frames:
        if writer is None:
            size = frame.image.shape[1], frame.image.shape[0]
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), RATE_HZ, size)
            assert writer.isOpened()
        writer.write(frame.image)
    writer.release()
    return path


@cache
def empty_by_name(name: str) -> Image:
    """Return the store without people: a floor of tiles with grain, and grey walls."""
    camera = eye(name)
    u, v = np.meshgrid(np.arange(camera.width_px) + 0.5, np.arange(camera.height_px) + 0.5)
    pixels = np.stack([u, v], axis=-1).reshape(-1, 1, 2)
    ideal = cv2.undistortPoints(pixels, camera.K, camera.distortion).reshape(-1, 2)
    rays = np.column_stack([ideal, np.ones(len(ideal))]) @ camera.R.T
    reach = -camera.t[2] / np.where(rays[:, 2] < -1e-6, rays[:, 2], -1e-6)
    at = camera.t[:2] + reach[:, None] * rays[:, :2]
    floor = (rays[:, 2] < -0.05) & (reach < 8.0)
    tiles = 110.0 + 25.0 * ((np.floor(at[:, 0] / 0.3) + np.floor(at[:, 1] / 0.3)) % 2)
    grain = np.random.default_rng(3).normal(0.0, 6.0, len(at))
    shade = np.where(floor, tiles + grain, 170.0 + grain / 2)
    image = np.repeat(shade.reshape(camera.height_px, camera.width_px, 1), 3, axis=2)
    return np.clip(image * (0.9, 1.0, 1.05), 0, 255).astype(np.uint8)


def empty(camera: Camera) -> Image:
    return empty_by_name(camera.camera)


def _limb(image, camera, at, start, end, radius_m, colour) -> None:
    # Many short pieces: a straight line in the store is bent by the lens.
    points = np.linspace(start, end, 9) + np.array((*at, 0.0))
    local = (points - camera.t) @ camera.R
    radius = np.hypot(local[:, 0], local[:, 1]) / np.maximum(local[:, 2], 1e-6)
    if (local[:, 2] < 0.3).any() or (radius > 1.1).any():
        return
    still = np.zeros(3)
    pixels = cv2.projectPoints(local, still, still, camera.K, camera.distortion)[0].reshape(-1, 2)
    thick = max(1, round(2.0 * radius_m * camera.K[0, 0] / float(local[:, 2].mean())))
    for a, b in zip(np.round(pixels[:-1]), np.round(pixels[1:]), strict=True):
        cv2.line(image, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), colour, thick, cv2.LINE_AA)
