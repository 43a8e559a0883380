import numpy as np
import pytest
from fake_models import YOLO_IN, YOLO_OUT, FakeModel

from store_engine.vision.ports import Frame
from store_engine.vision.yolo_pose import YoloPose

# 640 x 360 into 640 x 640: 140 rows above, no scaling.
JOINTS = [250.0, 200.0 + 140.0, 0.8] * 17


def candidate(score: float, *, shift: float = 0.0) -> list[float]:
    return [250.0 + shift, 200.0 + 140.0, 100.0, 200.0, score, *JOINTS]


def detect(answer: np.ndarray):
    outside = YOLO_OUT._replace(sides=answer.shape)
    model = FakeModel(YOLO_IN, outside, answer)
    image = np.zeros((360, 640, 3), np.uint8)
    image[:, :, 2] = 255  # red
    return YoloPose(model).detect(Frame(image, 0)), model


def columns(*candidates: list[float]) -> np.ndarray:
    """As YOLO11-pose puts them out: one column each, among many that say nothing."""
    empty = [[0.0] * 56] * 100
    return np.array([*empty, *candidates]).T[None]


def test_candidates_come_back_as_boxes_and_joints_in_pixels_of_the_image():
    (person,), _ = detect(columns(candidate(0.9)))
    assert person.box == (200.0, 100.0, 300.0, 300.0)
    assert person.keypoints == ((250.0, 200.0, 0.8),) * 17


def test_of_many_candidates_for_one_person_the_best_is_kept():
    found, _ = detect(columns(candidate(0.5, shift=4.0), candidate(0.8), candidate(0.6, shift=-6)))
    assert [person.score for person in found] == [0.8]


def test_rows_are_read_like_columns():
    answer = columns(candidate(0.9))
    assert detect(answer)[0] == detect(answer.transpose(0, 2, 1))[0]


def test_an_export_that_suppresses_duplicates_itself_is_read_too():
    one = [200.0, 240.0, 300.0, 440.0, 0.9, 0.0, *JOINTS]
    found, _ = detect(np.array([[one, [0.0] * 57]]))
    assert [person.box for person in found] == [(200.0, 100.0, 300.0, 300.0)]
    assert found[0].keypoints == ((250.0, 200.0, 0.8),) * 17


def test_a_box_that_reaches_beyond_the_image_is_cut_to_it():
    low = candidate(0.9)
    low[1] += 120.0
    (person,), _ = detect(columns(low))
    assert person.box[3] == 360.0


def test_the_network_is_shown_planes_of_red_green_blue_from_0_to_1():
    _, model = detect(columns())
    shown = model.shown[0]
    assert (shown.shape, shown.dtype) == ((1, 3, 640, 640), np.float32)
    assert shown[0, :, 320, 320].tolist() == [1.0, 0.0, 0.0]
    assert shown[0, 0, 0, 0] == pytest.approx(114 / 255)
