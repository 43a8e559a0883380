"""Which detector a model file is for: told by what goes in and comes out."""

from pathlib import Path

from store_engine.errors import ConfigError
from store_engine.vision.movenet import MoveNet
from store_engine.vision.onnx_model import Model, OnnxModel
from store_engine.vision.ports import Detector
from store_engine.vision.yolo_pose import YoloPose


def open_model(path: Path, *, threads: int = 1, score_min: float | None = None) -> Detector:
    """Return the detector in a model file.

    score_min: least score of a person; left out: what suits the model.

    Raises:
        ConfigError: the file is missing, or its input or output is none we know.
    """
    return detector_for(OnnxModel(path, threads=threads), name=str(path), score_min=score_min)


def detector_for(model: Model, *, name: str, score_min: float | None = None) -> Detector:
    """Return the detector that understands a model. Raises `ConfigError` when none does."""
    chosen = {} if score_min is None else {"score_min": score_min}
    for kind in (MoveNet, YoloPose):
        if kind.speaks(model):
            return kind(model, **chosen)
    raise ConfigError(
        f"{name}: takes {model.input}, gives {model.output}; understood are MoveNet MultiPose "
        "(int32 1 x height x width x 3) and YOLO-pose (float 1 x 3 x height x width), exported "
        "with a fixed size"
    )
