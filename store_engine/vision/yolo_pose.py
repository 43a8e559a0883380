"""YOLO-pose exports to ONNX: any model with one class, person, and 17 joints.

Input: float32, 1 x 3 x height x width, red, green, blue, 0 to 1, letterboxed with grey. Output,
in pixels of the input, one of two kinds:

- 1 x 56 x n (YOLOv8-pose, YOLO11-pose): centre x, centre y, width, height, score, then 17 times
  x, y, score; n candidates, many for each person. Also accepted transposed, 1 x n x 56.
- 1 x n x 57 (exports with `nms=True`, and models without that step): left, top, right, bottom,
  score, class, then 17 times x, y, score; each person once.
"""

import cv2
import numpy as np

from store_engine.errors import ConfigError
from store_engine.messages import PersonDetection
from store_engine.vision.letterbox import FloatArray, Letterbox
from store_engine.vision.onnx_model import Model
from store_engine.vision.ports import Frame
from store_engine.vision.poses import JOINTS, Poses, detections

SCORE_MIN = 0.25  # the exporters' usual limit
CANDIDATE = 5 + 3 * JOINTS  # figures of a candidate
PERSON = 6 + 3 * JOINTS  # ... and of a person, once each
_PADDING = 114  # the grey these networks were trained with


class YoloPose:
    """A detector (port `Detector`)."""

    def __init__(self, model: Model, *, score_min: float = SCORE_MIN) -> None:
        self._model = model
        self._score_min = score_min
        _, _, self._height, self._width = model.input.sides

    @staticmethod
    def speaks(model: Model) -> bool:
        """Whether a model's input and output are a YOLO-pose export's, at a fixed size."""
        inside, outside = model.input, model.output
        return (
            inside.kind == "tensor(float)"
            and len(inside.sides) == 4
            and inside.sides[1] == 3
            and all(inside.sides[2:])
            and len(outside.sides) == 3
            and bool({CANDIDATE, PERSON} & set(outside.sides[1:]))
        )

    def detect(self, frame: Frame) -> tuple[PersonDetection, ...]:
        """Return everybody found, in pixels of the frame's image."""
        height, width = frame.image.shape[:2]
        placed = Letterbox.between((width, height), (self._width, self._height))
        inside = cv2.cvtColor(placed.put(frame.image, padding=_PADDING), cv2.COLOR_BGR2RGB)
        planes = inside.astype(np.float32).transpose(2, 0, 1)[None] / np.float32(255.0)
        poses = decode(self._model.run(np.ascontiguousarray(planes))[0])
        return detections(poses.above(self._score_min).apart(), placed)


def decode(output: FloatArray) -> Poses:
    """Return people and candidates in pixels of the input, from either kind of output.

    Args:
        output: (56, n), (n, 56) or (n, 57) as the network puts it out.
    """
    if output.shape[1] == PERSON:
        return Poses(output[:, :4], output[:, 4], output[:, 6:].reshape(-1, JOINTS, 3))
    if CANDIDATE not in output.shape:
        raise ConfigError(
            f"model output {output.shape[0]} x {output.shape[1]}: a YOLO-pose model with 17 "
            f"joints puts out {CANDIDATE} x n or n x {PERSON}"
        )
    rows = output if output.shape[1] == CANDIDATE else output.T
    half = rows[:, 2:4] / 2.0
    boxes = np.column_stack([rows[:, :2] - half, rows[:, :2] + half])
    return Poses(boxes, rows[:, 4], rows[:, 5:].reshape(-1, JOINTS, 3))
