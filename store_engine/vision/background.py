"""People as what differs from the empty store: background subtraction behind a ground-plane gate.

Foreground is what a mixture of Gaussians per pixel does not explain (Zivkovic, "Improved adaptive
Gaussian mixture model for background subtraction", ICPR 2004; OpenCV's MOG2). The people who
explain it best are then chosen one after the other among those who could stand there
(`standing`), each by the likelihood of the pixels in its box. That is one camera's share of
Fleuret et al., "Multicamera people tracking with a probabilistic occupancy map", PAMI 2008, with
a greedy search.
"""

import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from store_engine.messages import PersonDetection
from store_engine.store_map import Camera
from store_engine.units import seconds_between
from store_engine.vision.ports import Frame, Image
from store_engine.vision.standing import Standing, standing_people

FloatArray = NDArray[np.float64]
Mask = NDArray[np.uint8]  # (height, width), 1 where something is that was not there

WORK_WIDTH_PX = 320  # half of our cameras' width: a quarter of the time (measured)
FORGET_S = 120.0  # what changes for good becomes background in about a third of this (guess)
BACKGROUND_SHARE = 0.7  # of the time a pixel shows what belongs there (guess; OpenCV: 0.9)
VARIANCES = 16.0  # squared distance from every mode that makes a pixel foreground (OpenCV's)
# Half of a standing person's box is the person; one pixel in fifty differs without a cause (guess).
FILL, NOISE = 0.5, 0.02
FILL_MIN = 0.3  # of a box must differ, by nobody else's doing, to be a person (guess)
LIGHTS_SHARE = 0.6  # of all pixels differ: the light has changed, nobody came (guess)
PEOPLE_MAX = 10  # in one image (guess)
_IN_BOX = math.log(FILL / NOISE)  # log-likelihood ratio of a foreground pixel in a person's box
_NOT_IN_BOX = math.log((1.0 - FILL) / (1.0 - NOISE))  # ... and of a background pixel
# Of a box's sides is searched around it for feet, head and elbows. On the recorded clips 0.1 leaves
# 0.08 false people a frame, 0.3 leaves 0.03 (measured): nobody is made of somebody else's elbow.
_MARGIN = 0.3
_SHADOW = 127  # how MOG2 marks them


class BackgroundDetector:
    """Finds people without any weights; knows the camera and the floor.

    It has to see the store for some seconds before it knows what belongs there (`learn` does that
    from a recording), and takes who stands quite still for `FORGET_S` / 3 for furniture.
    """

    def __init__(self, camera: Camera, floor: tuple[tuple[float, float], ...]) -> None:
        self._scale = min(1.0, WORK_WIDTH_PX / camera.width_px)
        self._size = (
            round(camera.width_px * self._scale),
            round(camera.height_px * self._scale),
        )
        self._candidates = _Candidates(standing_people(camera, floor), self._scale, self._size)
        self._model = cv2.createBackgroundSubtractorMOG2(varThreshold=VARIANCES, detectShadows=True)
        self._model.setBackgroundRatio(BACKGROUND_SHARE)
        self._known_s = 0.0  # of the store, so far
        self._last_us: int | None = None

    def learn(self, frames: Iterable[Frame]) -> None:
        """Learn what belongs there from frames in which nobody stays long, each as much."""
        for count, frame in enumerate(frames, start=1):
            self._model.apply(self._small(frame.image), learningRate=1.0 / count)
        self._known_s = FORGET_S

    def detect(self, frame: Frame) -> tuple[PersonDetection, ...]:
        """Return everybody who explains what is new, in pixels of the frame's image."""
        differs = self._differs(frame)
        if differs.mean() > LIGHTS_SHARE:
            self._known_s = 0.0  # learn the new light quickly
            return ()
        found = self._candidates.explain(differs)
        return tuple(self._person(box, score) for box, score in found)

    def _person(self, box: FloatArray, score: float) -> PersonDetection:
        left, top, right, bottom = (round(float(side) / self._scale, 1) for side in box)
        return PersonDetection(box=(left, top, right, bottom), score=round(score, 3))

    def _differs(self, frame: Frame) -> Mask:
        """Return what is foreground, and learn from the frame."""
        marked = self._model.apply(self._small(frame.image), learningRate=self._rate(frame.time_us))
        mask = (marked > _SHADOW).astype(np.uint8)
        # Single pixels are noise of sensor and codec; the holes they leave are filled.
        opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        return closed.astype(np.uint8, copy=False)

    def _rate(self, time_us: int) -> float:
        """Return the share of this frame in the model: of all it knows, or of `FORGET_S`."""
        passed_s = 0.0 if self._last_us is None else seconds_between(self._last_us, time_us)
        self._last_us = time_us
        self._known_s = min(self._known_s + max(passed_s, 0.0), FORGET_S)
        return min(1.0, max(passed_s, 0.0) / self._known_s) if self._known_s > 0.0 else 1.0

    def _small(self, image: Image) -> Image:
        if image.shape[1::-1] == self._size:
            return image
        small = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA)
        return small.astype(np.uint8, copy=False)


class _Candidates:
    """Everybody who could be there, prepared for asking how well they explain a mask."""

    def __init__(self, people: Standing, scale: float, size: tuple[int, int]) -> None:
        limit = np.array([*size, *size])
        self._boxes = np.clip(np.round(people.boxes * scale), 0, limit).astype(np.intp)
        self._on_floor = people.on_floor
        left, top, right, bottom = self._boxes.T
        self._areas = ((right - left) * (bottom - top)).astype(np.float64)

    def explain(self, mask: Mask) -> list[tuple[FloatArray, float]]:
        """Return (box, score) of those on the floor who explain the mask, surest first."""
        found: list[tuple[FloatArray, float]] = []
        left_over = mask.copy()  # foreground nobody explains yet
        known = np.zeros_like(mask)  # pixels somebody stands in: they say no more
        while len(found) < PEOPLE_MAX and len(self._boxes):
            new, old = self._count(left_over), self._count(known)
            gains = _IN_BOX * new + _NOT_IN_BOX * (self._areas - new - old)
            gains[new < FILL_MIN * self._areas] = -np.inf
            best = int(np.argmax(gains))
            if gains[best] <= 0.0:
                break
            box = _tightened(self._boxes[best], left_over)
            if self._on_floor[best]:
                score = min(1.0, new[best] / self._areas[best] / FILL)
                found.append((box.astype(np.float64), float(score)))
            for one in (self._boxes[best], box):
                left, top, right, bottom = one
                left_over[top:bottom, left:right] = 0
                known[top:bottom, left:right] = 1
        return found

    def _count(self, mask: Mask) -> FloatArray:
        """Return (n,) how many pixels of the mask lie in each box, by an integral image."""
        left, top, right, bottom = self._boxes.T
        sums = cv2.integral(mask).astype(np.float64)
        counted: FloatArray = (
            sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        )
        return counted


def _tightened(box: NDArray[np.intp], mask: Mask) -> NDArray[np.intp]:
    """Return the extent of the foreground in a box and a little around it."""
    left, top, right, bottom = box
    aside, above = round(_MARGIN * (right - left)), round(_MARGIN * (bottom - top))
    x0, y0 = max(left - aside, 0), max(top - above, 0)
    part = mask[y0 : bottom + above, x0 : right + aside]
    columns, rows = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    return np.array([x0 + columns[0], y0 + rows[0], x0 + columns[-1] + 1, y0 + rows[-1] + 1])
