"""Cameras: frames of people, with the mistakes a detector makes."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from sim.scene import Body, Scene
from sim.sensors.detections import HandGuess, ghost, merged, name_in_hand
from sim.sensors.noise import BoolArray, FloatArray, bursts, stream
from sim.sensors.outgoing import Outgoing, Stamp, latencies_us
from sim.sensors.plan import CameraPlan
from sim.sensors.projection import Solid, solids
from sim.sensors.sight import COCO, Sight, look
from store_engine.messages import CameraFrame, PersonDetection
from store_engine.store import Store
from store_engine.store_map import Camera
from store_engine.units import Gtin, to_us

EXTREMITIES = (9, 10, 15, 16)  # wrists and ankles: the joints estimators place worst
WRISTS = (9, 10)
HAND_GRID_HZ = 10.0  # what a person holds is looked up this often
APPEARANCE_NOISE = 0.3  # sd per element, of vectors of unit variance; guess
HIDDEN_SCORE = 0.15  # mean score of a joint that is only guessed; guess

Holdings = list[list[tuple[Gtin, ...]]]  # [person][time step of HAND_GRID_HZ]


def camera_frames(
    scene: Scene, store: Store, plan: CameraPlan, *, until_s: float, seed: int
) -> Iterator[Outgoing]:
    """Yield every frame of every camera until `until_s`."""
    obstacles = solids(store.map)
    holdings = [_holdings(body, until_s) for body in scene.people]
    names = sorted(store.catalog.products)
    for camera in store.map.cameras.values():
        rng = stream(seed, "camera", camera.camera)
        times_s = np.arange(rng.uniform(0.0, 1.0 / plan.rate_hz), until_s, 1.0 / plan.rate_hz)
        view = _view(camera, scene.people, times_s, obstacles, plan, rng)
        film = _Film(camera, plan, view, times_s, holdings, names, seed)
        sent = rng.random(len(times_s)) >= plan.dropped_frames
        delays_us = latencies_us(rng, len(times_s), plan.latency_ms)
        for frame in np.nonzero(sent)[0].tolist():
            time_us = scene.start_us + to_us(float(times_s[frame]))
            received_us = time_us + delays_us[frame]
            build = partial(film.message, frame)
            yield Outgoing(camera.camera, time_us, time_us, received_us, build)


def _holdings(body: Body, until_s: float) -> list[tuple[Gtin, ...]]:
    steps = int(until_s * HAND_GRID_HZ) + 1
    held: list[tuple[Gtin, ...]] = [()] * steps
    for step in range(steps):
        if body.entered_s <= step / HAND_GRID_HZ <= body.left_s:
            held[step] = body.in_hand(step / HAND_GRID_HZ)
    return held


class View(NamedTuple):
    """What a detector makes of one camera's sight; n frames, p people."""

    detected: BoolArray  # (n, p)
    boxes: FloatArray  # (n, p, 4) pixels
    scores: FloatArray  # (n, p)
    keypoints: FloatArray  # (n, p, 17, 3)
    hands_seen: BoolArray  # (n, p)
    depth_m: FloatArray  # (n, p)


def _view(
    camera: Camera,
    people: Sequence[Body],
    times_s: FloatArray,
    obstacles: Sequence[Solid],
    plan: CameraPlan,
    rng: np.random.Generator,
) -> View:
    sight = look(camera, people, times_s, obstacles, plan)
    detected = _detected(sight, plan, rng)
    share = sight.visible.mean(axis=2)
    scores = plan.score * (0.4 + 0.6 * share) + 0.06 * rng.standard_normal(share.shape)
    return View(
        detected,
        _noisy_boxes(camera, sight.boxes, plan, rng),
        np.clip(scores, 0.05, 0.99),
        _keypoints(camera, sight, plan, rng),
        np.asarray(sight.visible[:, :, WRISTS].any(axis=2)),
        sight.depth_m,
    )


def _detected(sight: Sight, plan: CameraPlan, rng: np.random.Generator) -> BoolArray:
    """Return (n, p) who is found: enough joints, large enough, not in a burst of misses."""
    joints = sight.visible.sum(axis=2)
    height = sight.boxes[..., 3] - sight.boxes[..., 1]
    with np.errstate(invalid="ignore"):
        found = (joints >= plan.least_joints) & (height >= plan.least_height_px)
    found &= rng.random(found.shape) < 2.0 * joints / COCO  # half a body is found every time
    for person in range(found.shape[1]):
        length = plan.miss_burst_s * plan.rate_hz
        found[:, person] &= ~bursts(rng, len(found), fraction=plan.miss_rate, mean_length=length)
    return np.asarray(found)


def _noisy_boxes(
    camera: Camera, boxes: FloatArray, plan: CameraPlan, rng: np.random.Generator
) -> FloatArray:
    """Return boxes (n, p, 4) with uneven sides, within the image."""
    size = np.tile(boxes[..., 2:] - boxes[..., :2], 2)
    margin = np.array([-1.0, -0.5, 1.0, 0.5]) * 0.08 * size  # clothes and flesh beyond the joints
    noisy = boxes + margin + plan.box_noise * size * rng.standard_normal(boxes.shape)
    limit = np.array([camera.width_px, camera.height_px] * 2, dtype=np.float64)
    return np.asarray(np.round(np.clip(noisy, 0.0, limit), 1), dtype=np.float64)


def _keypoints(
    camera: Camera, sight: Sight, plan: CameraPlan, rng: np.random.Generator
) -> FloatArray:
    """Return (n, p, 17, 3): x, y in pixels and a score; unseen joints are guessed badly."""
    height = np.nan_to_num(sight.boxes[..., 3] - sight.boxes[..., 1])
    sd = np.repeat((plan.pixel_noise + plan.relative_noise * height)[..., None], COCO, axis=2)
    sd[:, :, EXTREMITIES] *= plan.wrist_noise
    sd = np.where(sight.visible, sd, sd * plan.hidden_noise)
    at = np.nan_to_num(sight.pixels) + sd[..., None] * rng.standard_normal(sight.pixels.shape)
    at = np.clip(at, 0.0, [camera.width_px - 1.0, camera.height_px - 1.0])
    mean = np.where(sight.visible, plan.score, HIDDEN_SCORE)
    score = np.clip(mean + 0.1 * rng.standard_normal(mean.shape), 0.01, 0.99)
    return np.concatenate([np.round(at, 1), np.round(score, 2)[..., None]], axis=-1)


class _Film:
    """Builds the messages of one camera, one frame at a time."""

    def __init__(
        self,
        camera: Camera,
        plan: CameraPlan,
        view: View,
        times_s: FloatArray,
        holdings: Holdings,
        names: Sequence[Gtin],
        seed: int,
    ) -> None:
        self._camera = camera
        self._plan = plan
        self._view = view
        self._times_s = times_s
        self._holdings = holdings
        self._names = names
        self._seed = seed
        self._looks = [
            stream(seed, "looks", person).standard_normal(plan.appearance)
            for person in range(len(holdings))
        ]

    def message(self, frame: int, stamp: Stamp) -> CameraFrame:
        """Return one frame; its own stream makes it the same however often it is built."""
        rng = stream(self._seed, "frame", self._camera.camera, frame)
        people = [
            (float(self._view.depth_m[frame, person]), self._person(frame, person, rng))
            for person in np.nonzero(self._view.detected[frame])[0].tolist()
        ]
        found = merged(people, self._plan, rng)
        if rng.random() < self._plan.ghost_rate:
            found.append(ghost(self._camera, rng))
        return CameraFrame(
            device=self._camera.camera,
            sequence=stamp.sequence,
            boot=stamp.boot,
            time_us=stamp.time_us,
            people=tuple(found),
        )

    def _person(self, frame: int, person: int, rng: np.random.Generator) -> PersonDetection:
        view = self._view
        return PersonDetection(
            box=tuple(view.boxes[frame, person].tolist()),
            score=round(float(view.scores[frame, person]), 3),
            keypoints=tuple(map(tuple, view.keypoints[frame, person].tolist())),
            appearance=self._appearance(person, rng),
            in_hand=self._in_hand(frame, person, rng),
        )

    def _appearance(self, person: int, rng: np.random.Generator) -> tuple[float, ...]:
        """Return a unit vector near this person's own."""
        looks = self._looks[person] + APPEARANCE_NOISE * rng.standard_normal(self._plan.appearance)
        length = float(np.linalg.norm(looks)) or 1.0
        return tuple(np.round(looks / length, 3).tolist())

    def _in_hand(self, frame: int, person: int, rng: np.random.Generator) -> HandGuess:
        if not self._view.hands_seen[frame, person]:
            return {}
        held = self._holdings[person][int(self._times_s[frame] * HAND_GRID_HZ)]
        return name_in_hand(held, self._names, self._plan, rng)
