import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples

from store_engine.tracking.wrists import REACH_STD_M, locate_wrist, standpoint

BODY = (3.0, 2.0)
WRIST = (3.3, 2.2, 1.1)
EYES = lists(tuples(floats(-1, 7), floats(-1, 5), floats(2.2, 3.5)), min_size=1, max_size=5)


def line(at, target=WRIST, *, age_s=0.0, velocity=(0.0, 0.0)):
    eye = standpoint(at, BODY, velocity, angle_std=0.005, age_s=age_s)
    return eye, tuple(np.subtract(target, at).tolist())


def test_two_cameras_triangulate_a_wrist():
    hand = locate_wrist(BODY, [line((0, 0, 2.7)), line((6, 0, 2.7))])
    assert math.dist(hand[:3], WRIST) < 0.02
    assert hand.std_m < 0.1


def test_one_camera_says_where_across_its_ray_and_admits_not_knowing_along_it():
    hand = locate_wrist(BODY, [line((0, 0, 2.7))])
    along = np.subtract(WRIST, (0, 0, 2.7))
    off = np.subtract(hand[:3], (0, 0, 2.7))
    assert np.linalg.norm(np.cross(off, along / np.linalg.norm(along))) < 0.03
    assert hand.std_m == pytest.approx(REACH_STD_M, rel=0.2)


def test_a_ray_that_disagrees_with_two_others_is_left_out():
    good = [line((0, 0, 2.7)), line((6, 0, 2.7)), line((0, 4, 2.7))]
    hand = locate_wrist(BODY, [*good, line((6, 4, 2.7), (4.0, 1.2, 1.9))])
    assert math.dist(hand[:3], WRIST) < 0.03


def test_an_old_ray_moves_along_with_the_body():
    before = (WRIST[0] - 0.2, WRIST[1], WRIST[2])
    eyes = [(0, 0, 2.7), (6, 0, 2.7)]
    hand = locate_wrist(BODY, [line(eye, before, age_s=0.2, velocity=(1.0, 0.0)) for eye in eyes])
    assert math.dist(hand[:3], WRIST) < 0.05


@given(eyes=EYES, more=tuples(floats(-1, 7), floats(-1, 5), floats(2.2, 3.5)))
def test_another_camera_that_agrees_never_makes_a_wrist_less_certain(eyes, more):
    lines = [line(eye) for eye in eyes]
    fewer = locate_wrist(BODY, lines)
    assert locate_wrist(BODY, [*lines, line(more)]).std_m <= fewer.std_m + 1e-9


@given(eyes=EYES)
def test_the_worst_direction_is_the_largest_eigenvalue(eyes):
    lines = [line(eye) for eye in eyes]
    information = np.diag([1 / REACH_STD_M**2, 1 / REACH_STD_M**2, 1 / 0.4**2])
    for (*_, weight), direction in lines:
        ray = np.array(direction) / np.linalg.norm(direction)
        information += weight * (np.eye(3) - np.outer(ray, ray))
    worst = np.linalg.eigvalsh(np.linalg.inv(information)).max()
    assert locate_wrist(BODY, lines).std_m == pytest.approx(math.sqrt(worst), rel=1e-6)
