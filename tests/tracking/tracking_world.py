"""A small shop with four cameras, and people who walk through it, for tests of tracking.

The projection here is written out from OpenCV's camera model, apart from the one under test.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from store_engine.messages import CameraFrame, Joint, PersonDetection, TrackedPeople, TrackedPerson
from store_engine.signals import TrackEnded, TrackMoved
from store_engine.store_map import Camera, Gate, StoreMap
from store_engine.tracking import Tracking
from store_engine.units import CameraId, DeviceId, GateId, StoreId

START_US = 1_000_000_000
Said = list[TrackMoved | TrackEnded]
Path = Callable[[float], tuple[float, float] | None]  # seconds -> where they are, if anywhere

# A standing adult facing along +x, COCO order: x forward, y left, z up, metres.
BODY = np.array(
    [
        (0.10, 0.00, 1.56), (0.09, 0.03, 1.59), (0.09, -0.03, 1.59), (0.0, 0.07, 1.57),
        (0.0, -0.07, 1.57), (0.0, 0.19, 1.37), (0.0, -0.19, 1.37), (0.0, 0.22, 1.10),
        (0.0, -0.22, 1.10), (0.3, 0.20, 1.05), (0.3, -0.20, 1.05), (0.0, 0.10, 0.89),
        (0.0, -0.10, 0.89), (0.0, 0.10, 0.48), (0.0, -0.10, 0.48), (0.0, 0.10, 0.08),
        (0.0, -0.10, 0.08),
    ]
)  # fmt: skip


def looking(name: str, at: tuple[float, float, float], to: tuple[float, float, float]) -> Camera:
    """A wide camera at one point that looks at another."""
    forward = np.subtract(to, at) / np.linalg.norm(np.subtract(to, at))
    right = np.cross(forward, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    return Camera(
        camera=CameraId(name),
        width_px=640,
        height_px=360,
        K=np.array([[500.0, 0.0, 320.0], [0.0, 500.0, 180.0], [0.0, 0.0, 1.0]]),
        distortion=np.array([-0.40, 0.15, 0.001, -0.0005, 0.0]),
        R=np.stack([right, np.cross(forward, right), forward], axis=1),
        t=np.array(at),
    )


CORNERS = [(-0.5, -0.5), (6.5, -0.5), (6.5, 4.5), (-0.5, 4.5)]
CAMERAS = [looking(f"c{i + 1}", (*xy, 2.7), (3.0, 2.0, 0.9)) for i, xy in enumerate(CORNERS)]


def shop(cameras: Sequence[Camera] = CAMERAS) -> StoreMap:
    """A bare room of 6 m x 4 m with a gate in its west wall."""
    gate = Gate(gate=GateId("g"), ends=((0.0, 1.5), (0.0, 2.5)), inward=(1.0, 0.0))
    return StoreMap(
        store=StoreId("shop"),
        floor=((0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0)),
        gates={gate.gate: gate},
        cameras={camera.camera: camera for camera in cameras},
        trackers=(DeviceId("tracker"),),
        plates={},
        cells={},
        facings=(),
        obstacles=(),
    )


def pixel_of(camera: Camera, point: Sequence[float]) -> tuple[float, float] | None:
    """OpenCV's projection of one point; None behind the camera or outside the image."""
    x, y, z = camera.R.T @ (np.array(point) - camera.t)
    if z <= 0.1:
        return None
    x, y = x / z, y / z
    k1, k2, p1, p2, k3 = camera.distortion
    r2 = x * x + y * y
    radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
    u = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
    v = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
    px = camera.K[0, 0] * u + camera.K[0, 2]
    py = camera.K[1, 1] * v + camera.K[1, 2]
    seen = r2 < 0.8 and 0 <= px < camera.width_px and 0 <= py < camera.height_px
    return (float(px), float(py)) if seen else None


def detection(
    camera: Camera,
    at: tuple[float, float],
    *,
    rng: np.random.Generator | None = None,
    hidden: Iterable[int] = (),
    **more: object,
) -> PersonDetection | None:
    """What the camera's detector makes of a person who stands at a point, facing +x."""
    keypoints = []
    for joint, offset in enumerate(BODY):
        pixel = pixel_of(camera, (at[0] + offset[0], at[1] + offset[1], offset[2]))
        if pixel is None or joint in hidden:
            keypoints.append((0.0, 0.0, 0.0))
            continue
        noise = rng.normal(0.0, 2.0, 2) if rng else (0.0, 0.0)
        keypoints.append((pixel[0] + float(noise[0]), pixel[1] + float(noise[1]), 0.9))
    shown = np.array([k[:2] for k in keypoints if k[2] > 0])
    if len(shown) < 4:
        return None
    box = (*shown.min(axis=0).tolist(), *shown.max(axis=0).tolist())
    return PersonDetection(box=box, score=0.8, keypoints=tuple(keypoints), **more)


def frame(
    camera: Camera, time_us: int, people: Iterable[PersonDetection | None], sequence: int = 0
) -> CameraFrame:
    """A frame of the people who were seen."""
    found = tuple(person for person in people if person is not None)
    return CameraFrame(device=camera.camera, sequence=sequence, time_us=time_us, people=found)


def person(track: str, x: float, y: float, *, score: float = 1.0) -> TrackedPerson:
    """Somebody as an upstream tracker knows them, hands before the body."""
    return TrackedPerson(
        track=track,
        head=Joint(at=(x, y, 1.6), score=score),
        neck=Joint(at=(x, y, 1.45), score=score),
        left_wrist=Joint(at=(x + 0.3, y + 0.2, 1.05), score=score),
        right_wrist=Joint(at=(x + 0.3, y - 0.2, 1.05), score=score),
    )


def people(time_us: int, *everyone: TrackedPerson, sequence: int = 0) -> TrackedPeople:
    """One message of the upstream tracker."""
    return TrackedPeople(device="tracker", sequence=sequence, time_us=time_us, people=everyone)


def filmed(
    paths: Sequence[Path],
    seconds: float,
    *,
    seed: int = 0,
    cameras: Sequence[Camera] = CAMERAS,
    hidden: Iterable[int] = (),
) -> Iterator[CameraFrame]:
    """Every camera at 10 Hz, one after the other, with 2 px of noise and a tenth of misses."""
    rng = np.random.default_rng(seed)
    for step in range(round(seconds * 10 * len(cameras))):
        camera = cameras[step % len(cameras)]
        at_s = step / (10 * len(cameras))
        standing = [place for path in paths if (place := path(at_s)) is not None]
        seen = [
            detection(camera, place, rng=rng, hidden=hidden)
            for place in standing
            if rng.random() > 0.1
        ]
        yield frame(camera, START_US + round(at_s * 1e6), seen, step)


def line(
    start: tuple[float, float], end: tuple[float, float], seconds: float, *, begin_s: float = 0.0
) -> Path:
    """A straight walk; they stand still before and after."""

    def at(time_s: float) -> tuple[float, float]:
        share = min(1.0, max(0.0, (time_s - begin_s) / seconds))
        return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])

    return at


def watch(tracking: Tracking, messages: Iterable[CameraFrame | TrackedPeople]) -> Said:
    """Everything tracking says of messages in order."""
    said: Said = []
    for message in messages:
        if isinstance(message, CameraFrame):
            said += tracking.see_frame(message, message.time_us)
        else:
            said += tracking.see_people(message, message.time_us)
    return said


def moves(said: Said) -> list[TrackMoved]:
    return [word for word in said if isinstance(word, TrackMoved)]


def names(said: Said) -> list[str]:
    """Names in order of appearance."""
    return list(dict.fromkeys(word.track for word in moves(said)))


def worst_m(said: Said, track: str, path: Path, *, after_s: float = 1.0) -> float:
    """The largest error of a track against a path, once it has settled."""
    errors = []
    for word in moves(said):
        at_s = (word.time_us - START_US) / 1e6
        place = path(at_s)
        if word.track == track and at_s >= after_s and place is not None:
            errors.append(math.hypot(word.x - place[0], word.y - place[1]))
    return max(errors)
