"""Mistakes of a person detector within one frame: merged people, ghosts, misnamed products."""

from collections.abc import Sequence

import msgspec
import numpy as np

from sim.sensors.plan import CameraPlan
from store_engine.messages import Box, PersonDetection
from store_engine.store_map import Camera
from store_engine.units import Gtin

HandGuess = dict[str, float]
GHOST_HEIGHT_PX = (60.0, 240.0)  # guess
GHOST_SCORE = (0.1, 0.45)  # guess


def merged(
    people: Sequence[tuple[float, PersonDetection]], plan: CameraPlan, rng: np.random.Generator
) -> list[PersonDetection]:
    """Return detections after some overlapping pairs became one.

    people: (depth in metres, detection). The nearer one's keypoints survive in the joint box.
    """
    nearest_first = [person for _, person in sorted(people, key=lambda pair: pair[0])]
    kept: list[PersonDetection] = []
    for person in nearest_first:
        rival = _rival(person, kept, plan.merge_overlap)
        if rival is not None and rng.random() < plan.merge_rate:
            union = _union(kept[rival].box, person.box)
            kept[rival] = msgspec.structs.replace(kept[rival], box=union)
        else:
            kept.append(person)
    return kept


def _rival(
    person: PersonDetection, others: Sequence[PersonDetection], overlap: float
) -> int | None:
    """Return the first of `others` that covers, or is covered by, more than `overlap`."""
    for number, other in enumerate(others):
        if _covered(other.box, person.box) > overlap:
            return number
    return None


def _covered(a: Box, b: Box) -> float:
    """Return the share of the smaller box that the other covers."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0.0 or height <= 0.0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return width * height / max(smaller, 1e-9)


def _union(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def ghost(camera: Camera, rng: np.random.Generator) -> PersonDetection:
    """Return a person who is not there: a coat, a reflection."""
    height = rng.uniform(*GHOST_HEIGHT_PX)
    width = height * rng.uniform(0.3, 0.5)
    left = rng.uniform(0.0, max(camera.width_px - width, 1.0))
    top = rng.uniform(0.0, max(camera.height_px - height, 1.0))
    right, bottom = min(left + width, camera.width_px), min(top + height, camera.height_px)
    box = (round(left, 1), round(top, 1), round(right, 1), round(bottom, 1))
    return PersonDetection(box=box, score=round(rng.uniform(*GHOST_SCORE), 3))


def name_in_hand(
    held: Sequence[Gtin], names: Sequence[Gtin], plan: CameraPlan, rng: np.random.Generator
) -> HandGuess:
    """Return product scores for what a visible hand holds; sometimes the wrong product."""
    guess: HandGuess = {}
    for gtin in held:
        if rng.random() >= plan.in_hand_rate:
            continue
        wrong = bool(names) and rng.random() < plan.in_hand_wrong
        named = names[int(rng.integers(len(names)))] if wrong else gtin
        guess[named] = round(float(rng.beta(2.0, 3.0) if wrong else rng.beta(5.0, 2.0)), 2)
    return guess
