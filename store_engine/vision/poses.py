"""What pose networks find, as detections in pixels of the image."""

from typing import NamedTuple

import numpy as np

from store_engine.messages import Keypoint, PersonDetection
from store_engine.vision.letterbox import FloatArray, Letterbox
from store_engine.vision.overlap import best_apart

JOINTS = 17  # COCO order, which MoveNet and YOLO-pose both use
# Two boxes that share more are one person seen twice (the YOLO exporters' usual limit is 0.7; the
# clips' shopper comes twice at 0.6 (measured)).
OVERLAP_MAX = 0.6
_DECIMALS_PX, _DECIMALS_SCORE = 1, 3


class Poses(NamedTuple):
    """People in pixels of a network's input."""

    boxes: FloatArray  # (n, 4) left, top, right, bottom
    scores: FloatArray  # (n,) 0..1
    joints: FloatArray  # (n, 17, 3) x, y, score

    def above(self, score: float) -> "Poses":
        """Return those who are at least this sure, and whose figures are all numbers."""
        numbers = np.isfinite(self.boxes).all(axis=1) & np.isfinite(self.joints).all(axis=(1, 2))
        kept = (self.scores >= score) & numbers
        return Poses(self.boxes[kept], self.scores[kept], self.joints[kept])

    def apart(self, overlap_max: float = OVERLAP_MAX) -> "Poses":
        """Return each person once, best first."""
        kept = best_apart(self.boxes, self.scores, overlap_max=overlap_max)
        return Poses(self.boxes[kept], self.scores[kept], self.joints[kept])


def detections(poses: Poses, placed: Letterbox) -> tuple[PersonDetection, ...]:
    """Return people in pixels of the image: boxes cut to it, joints where the network put them.

    A joint outside the image is the network's guess of what the image does not show: score 0.
    """
    size = np.array([placed.image_width, placed.image_height], dtype=np.float64)
    corners = np.clip(placed.back(poses.boxes.reshape(-1, 2, 2)), 0.0, size).reshape(-1, 4)
    at = placed.back(poses.joints[..., :2])
    within = ((at >= 0.0) & (at <= size)).all(axis=2)
    at = np.clip(at, 0.0, size)
    sure = np.clip(np.where(within, poses.joints[..., 2], 0.0), 0.0, 1.0)
    return tuple(
        _person(corners[i], float(poses.scores[i]), at[i], sure[i])
        for i in range(len(corners))
        if (corners[i, 2:] > corners[i, :2]).all()
    )


def _person(corners: FloatArray, score: float, at: FloatArray, sure: FloatArray) -> PersonDetection:
    left, top, right, bottom = np.round(corners, _DECIMALS_PX).tolist()
    joints: list[Keypoint] = [
        (round(x, _DECIMALS_PX), round(y, _DECIMALS_PX), round(s, _DECIMALS_SCORE))
        for (x, y), s in zip(at.tolist(), sure.tolist(), strict=True)
    ]
    return PersonDetection(
        box=(left, top, right, bottom),
        score=round(min(max(score, 0.0), 1.0), _DECIMALS_SCORE),
        keypoints=tuple(joints),
    )
