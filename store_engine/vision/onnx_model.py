"""A pose network in an ONNX file, run by onnxruntime."""

from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from store_engine.errors import ConfigError
from store_engine.vision.letterbox import FloatArray


class Shape(NamedTuple):
    """What goes into a model or comes out of it."""

    name: str
    kind: str  # as onnxruntime says it: "tensor(float)"
    sides: tuple[int, ...]  # 0 where the file leaves it open

    def __str__(self) -> str:
        sides = " x ".join(str(side or "?") for side in self.sides)
        return f"{self.name} {self.kind} {sides}"


class Model(Protocol):
    """A network with one input and one output that matters."""

    input: Shape
    output: Shape

    def run(self, pixels: NDArray[np.generic]) -> FloatArray:
        """Return the output for one input, which has the input's shape and kind."""
        ...


class OnnxModel:
    """A model file (port `Model`).

    threads: cores it may use at a time.

    Raises:
        ConfigError: it is missing, is no ONNX model, or has several inputs.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        if not path.is_file():
            raise ConfigError(f"{path}: no such file; docs/detectors.md says where to get models")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its exceptions have no common class below Exception
            raise ConfigError(f"{path}: onnxruntime cannot load it: {error}") from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            named = ", ".join(one.name for one in inputs)
            raise ConfigError(f"{path}: {len(inputs)} inputs ({named}), a detector has 1")
        self.input = _shape(inputs[0])
        self.output = _shape(self._session.get_outputs()[0])

    def run(self, pixels: NDArray[np.generic]) -> FloatArray:
        """Return the output for one input."""
        found = self._session.run([self.output.name], {self.input.name: pixels})[0]
        return np.asarray(found, dtype=np.float64)


class _NodeArg(Protocol):
    name: str
    type: str
    shape: list[int | str | None]


def _shape(one: _NodeArg) -> Shape:
    sides = tuple(side if isinstance(side, int) else 0 for side in one.shape)
    return Shape(one.name, one.type, sides)
