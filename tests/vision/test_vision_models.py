import pytest
from fake_models import MOVENET_IN, MOVENET_OUT, YOLO_IN, YOLO_OUT, FakeModel

from store_engine.errors import ConfigError
from store_engine.vision.models import detector_for, open_model
from store_engine.vision.movenet import MoveNet
from store_engine.vision.onnx_model import Shape
from store_engine.vision.yolo_pose import YoloPose


def chosen(inside: Shape, outside: Shape):
    return detector_for(FakeModel(inside, outside), name="m.onnx")


def test_a_model_is_known_by_what_goes_in_and_comes_out():
    assert isinstance(chosen(MOVENET_IN, MOVENET_OUT), MoveNet)
    assert isinstance(chosen(YOLO_IN, YOLO_OUT), YoloPose)


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (MOVENET_IN._replace(sides=(1, 0, 0, 3)), MOVENET_OUT),  # no fixed size
        (YOLO_IN._replace(sides=(1, 3, 0, 0)), YOLO_OUT),
        (YOLO_IN, YOLO_OUT._replace(sides=(1, 84, 8_400))),  # finds things, not people's joints
        (YOLO_IN._replace(kind="tensor(float16)"), YOLO_OUT),
        (Shape("x", "tensor(float)", (1, 1_000)), Shape("y", "tensor(float)", (1, 10))),
    ],
)
def test_a_model_nobody_understands_is_named_with_what_it_takes_and_gives(inside, outside):
    with pytest.raises(ConfigError, match=rf"m\.onnx: takes {inside.name} .*understood are"):
        chosen(inside, outside)


def test_a_missing_model_is_named_with_where_to_look(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.onnx: no such file; docs/detectors\.md"):
        open_model(tmp_path / "none.onnx")


def test_a_file_that_is_no_model_is_named(tmp_path):
    path = tmp_path / "notes.onnx"
    path.write_text("not a model")
    with pytest.raises(ConfigError, match=r"notes\.onnx: onnxruntime cannot load it"):
        open_model(path)
