import numpy as np
import pytest
from fake_models import MOVENET_IN, MOVENET_OUT, FakeModel

from store_engine.vision.movenet import MoveNet
from store_engine.vision.ports import Frame

# 640 x 360 into 448 x 256 is 448 x 252 with two rows above: 0.7 of the image's size.
LEFT, TOP, RIGHT, BOTTOM = 200.0, 100.0, 300.0, 300.0


def share(x: float, y: float) -> tuple[float, float]:
    """An image's pixel as MoveNet spells it: shares of the input, y first."""
    return (0.7 * y + 2.0) / 256.0, 0.7 * x / 448.0


def row(score: float, *, shift: float = 0.0) -> list[float]:
    joint = (*share(250.0 + shift, 200.0), 0.8)
    box = (*share(LEFT + shift, TOP), *share(RIGHT + shift, BOTTOM))
    return [*(joint * 17), *box, score]


def detect(*rows: list[float]):
    answer = np.zeros((1, 6, 56))
    for number, one in enumerate(rows):
        answer[0, number] = one
    model = FakeModel(MOVENET_IN, MOVENET_OUT, answer)
    image = np.zeros((360, 640, 3), np.uint8)
    image[:, :, 0] = 200  # blue
    return MoveNet(model).detect(Frame(image, 0)), model


def test_boxes_and_joints_come_back_in_pixels_of_the_image():
    (person,), _ = detect(row(0.9))
    assert person.box == (LEFT, TOP, RIGHT, BOTTOM)
    assert person.keypoints == ((250.0, 200.0, 0.8),) * 17
    assert person.score == 0.9


def test_who_is_less_sure_than_the_limit_is_nobody():
    assert detect(row(0.1))[0] == ()


def test_a_person_seen_twice_is_one():
    people, _ = detect(row(0.5, shift=5.0), row(0.9))
    assert [person.score for person in people] == [0.9]


def test_two_people_side_by_side_are_two():
    assert len(detect(row(0.5, shift=120.0), row(0.9))[0]) == 2


def test_the_network_is_shown_red_green_blue_as_whole_numbers():
    _, model = detect()
    shown = model.shown[0]
    assert (shown.shape, shown.dtype) == ((1, 256, 448, 3), np.int32)
    assert shown[0, 128, 224].tolist() == [0, 0, 200]
    assert shown[0, 0, 0].tolist() == [0, 0, 0]


def test_a_joint_outside_the_image_has_no_score():
    one = row(0.9)
    one[0] = 1.5  # y of the nose
    (person,), _ = detect(one)
    assert person.keypoints[0][2] == 0.0
    assert person.keypoints[1][2] == pytest.approx(0.8)


def test_what_is_not_a_number_is_not_let_out():
    one = row(0.9)
    one[3] = float("nan")
    assert detect(one)[0] == ()
