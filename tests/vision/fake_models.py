"""Networks that answer what a test says."""

import numpy as np

from store_engine.vision.onnx_model import Shape

MOVENET_IN = Shape("input", "tensor(int32)", (1, 256, 448, 3))
MOVENET_OUT = Shape("output", "tensor(float)", (1, 6, 56))
YOLO_IN = Shape("images", "tensor(float)", (1, 3, 640, 640))
YOLO_OUT = Shape("output0", "tensor(float)", (1, 56, 8_400))


class FakeModel:
    """Answers the same whatever it is shown, and keeps that."""

    def __init__(self, inside: Shape, outside: Shape, answer=None) -> None:
        self.input = inside
        self.output = outside
        self._answer = answer
        self.shown: list[np.ndarray] = []

    def run(self, pixels):
        self.shown.append(pixels)
        return np.asarray(self._answer, dtype=float)
