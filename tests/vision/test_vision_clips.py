"""Recorded clips of a real store: who is found, compared with boxes drawn by hand."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from store_engine.messages import PersonDetection
from store_engine.store_map import Camera
from store_engine.units import CameraId
from store_engine.vision.background import BackgroundDetector
from store_engine.vision.models import open_model
from store_engine.vision.overlap import overlap
from store_engine.vision.ports import Detector, Frame
from store_engine.vision.sources import VideoFile

# The aisle these clips show: the glass wall is at y = -1.4, passers-by are beyond it.
FLOOR = ((-0.4, -1.4), (4.5, -1.4), (4.5, 0.05), (-0.4, 0.05))
HIT = 0.3  # least overlap (intersection over union) with the box drawn by hand
LEFT_S = 22.5  # the shopper has left


class Clip(NamedTuple):
    camera: Camera
    frames: list[Frame]
    sampled: list[int]  # frames somebody looked at
    people: dict[int, tuple[list[float], str]]  # box and visibility of the only person inside


class Score(NamedTuple):
    full: int  # found of those whose torso is visible
    partial: int  # ... and of those with legs or head only
    others: int  # detections in looked-at frames that are not the person inside
    afterwards: int  # detections after the shopper left


@pytest.fixture(scope="module")
def clips(shared_data: Path) -> list[Clip]:
    folder = shared_data / "clips"
    cameras = json.loads((folder / "calibration.json").read_text())["cameras"]
    drawn = json.loads((folder / "people.json").read_text())["clips"]
    return [
        _clip(folder, f"camera-{name}", one, drawn[one["clip"]]) for name, one in cameras.items()
    ]


def _clip(folder: Path, name: str, calibration: dict, drawn: dict) -> Clip:
    K, R, t, lens = (np.array(calibration[key], float) for key in ("K", "R", "t", "dist"))
    camera = Camera(
        camera=CameraId(name), width_px=640, height_px=360, K=K, distortion=lens, R=R, t=t
    )
    video = VideoFile(folder / calibration["clip"], begin_us=0)
    frames = []
    while (frame := video.read()) is not None:
        frames.append(frame)
    people = {int(key): (one["xyxy"], one["visibility"]) for key, one in drawn["people"].items()}
    return Clip(camera, frames, drawn["sampled_frames"], people)


def scored(clip: Clip, detector: Detector, *, only_sampled: bool = False) -> Score:
    """Score a detector; one that sees each frame for itself may skip those nobody looked at."""
    found = [
        () if only_sampled and number not in clip.sampled else detector.detect(frame)
        for number, frame in enumerate(clip.frames)
    ]
    hits = {"full": 0, "partial": 0}
    others = 0
    for number in clip.sampled:
        box, visibility = clip.people.get(number, (None, ""))
        hit = box is not None and _hits(box, found[number])
        if hit:
            hits[visibility] += 1
        others += len(found[number]) - hit
    late = [len(seen) for seen, frame in zip(found, clip.frames, strict=True)
            if frame.time_us > LEFT_S * 1e6]  # fmt: skip
    return Score(hits["full"], hits["partial"], others, sum(late))


def _hits(box: list[float], people: tuple[PersonDetection, ...]) -> bool:
    boxes = np.array([person.box for person in people], dtype=float).reshape(-1, 4)
    return bool((overlap(np.array(box, dtype=float), boxes) >= HIT).any())


def total(scores: list[Score]) -> Score:
    return Score(*(sum(column) for column in zip(*scores, strict=True)))


def learnt(clip: Clip) -> BackgroundDetector:
    detector = BackgroundDetector(clip.camera, FLOOR)
    detector.learn(clip.frames[::5])
    return detector


def test_background_subtraction_finds_26_of_29_visible_shoppers(clips):
    found = total([scored(clip, learnt(clip)) for clip in clips])
    looked_at = sum(len(clip.sampled) for clip in clips)
    assert found.full >= 26
    assert found.others < 0.1 * looked_at
    assert found.afterwards == 0  # people behind the glass wall are nobody


def test_the_smaller_pose_model_finds_every_visible_shopper(clips, shared_data):
    path = shared_data.parent / "models" / "movenet-multipose-160x256.onnx"
    if not path.is_file():
        pytest.skip("no MoveNet model (shared/models) beside this checkout")
    found = total([scored(clip, open_model(path), only_sampled=True) for clip in clips])
    assert found.full == 29
    assert found.partial >= 9
