"""What bodies look like: bones that keep their length, feet on the floor, hands on goods."""

import time

import numpy as np
import pytest
from aisle_store import crowded_scene, crowded_world
from hypothesis import given
from hypothesis import strategies as st

from sim.scene import JOINTS, FloatArray
from sim.skeleton import Skeleton, bend

J = {name: i for i, name in enumerate(JOINTS)}
BONES = [
    ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
    ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
    ("left_hip", "right_hip"), ("left_shoulder", "right_shoulder"),
]  # fmt: skip


def joints_of(i: int) -> FloatArray:
    body = crowded_scene().people[i]
    return body.joints(np.arange(body.entered_s, body.left_s - 0.1, 0.1))


@pytest.mark.parametrize("bone", BONES, ids="-".join)
def test_bones_keep_their_length(bone: tuple[str, str]) -> None:
    joints = joints_of(0)
    length = np.linalg.norm(joints[:, J[bone[0]]] - joints[:, J[bone[1]]], axis=1)
    assert np.ptp(length) < 1e-6
    assert length[0] > 0.1


def test_a_body_is_nowhere_before_it_comes_and_after_it_left() -> None:
    body = crowded_scene().people[0]
    joints = body.joints(np.array([body.entered_s - 0.1, body.entered_s + 1, body.left_s + 0.1]))
    assert np.isnan(joints[[0, 2]]).all()
    assert np.isfinite(joints[1]).all()


def test_nobody_is_smaller_or_taller_than_people_are() -> None:
    for shopper in crowded_world().everybody:
        height_m = shopper.hands.skeleton.height_m
        assert 1.5 <= height_m <= 1.95
        eyes = shopper.body().joints(np.array([shopper.spawned_s]))[0, J["left_eye"], 2]
        assert eyes == pytest.approx(0.936 * height_m, abs=0.06)


def test_feet_stay_at_the_floor() -> None:
    for i in range(8):
        ankles = joints_of(i)[:, [J["left_ankle"], J["right_ankle"]], 2]
        assert ankles.min() > 0.0
        assert ankles.max() < 0.25


def test_legs_and_arms_swing_while_walking() -> None:
    body = crowded_scene().people[0]
    joints = body.joints(np.arange(body.left_s - 1.5, body.left_s - 0.5, 0.05))
    for left, right in (("left_ankle", "right_ankle"), ("left_wrist", "right_wrist")):
        apart = np.linalg.norm(joints[:, J[left], :2] - joints[:, J[right], :2], axis=1)
        assert np.ptp(apart) > 0.1


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hand_is_at_what_it_takes_or_puts_down(seed: int) -> None:
    for shopper in crowded_world(seed).everybody:
        body = shopper.body()
        for reach in shopper.hands.reaches:
            middle_s = (reach.span.there_s + reach.span.leave_s) / 2
            wrists = body.joints(np.array([middle_s]))[0, [J["left_wrist"], J["right_wrist"]]]
            assert (
                np.linalg.norm(wrists - reach.look, axis=1).min() < 0.15
            )  # short arms end short of the back of the top shelf


def test_hands_take_half_a_second_or_more_to_get_there() -> None:
    reaches = [r for shopper in crowded_world().everybody for r in shopper.hands.reaches]
    times = [reach.span.there_s - reach.span.start_s for reach in reaches]
    assert min(times) >= 0.5
    assert max(times) <= 1.5


def test_wrists_move_no_faster_than_arms_can() -> None:
    for i in range(8):
        body = crowded_scene().people[i]
        wrists = body.joints(np.arange(body.entered_s, body.left_s - 0.02, 0.02))[:, [9, 10]]
        speed = np.linalg.norm(np.diff(wrists, axis=0), axis=2) / 0.02
        assert speed.max() < 5.0  # m/s


def test_what_was_taken_is_in_the_hand_for_a_while() -> None:
    scene = crowded_scene()
    bodies = {body.person: body for body in scene.people}
    taken = next(action for action in scene.truth.actions if action.action == "take")
    body = bodies[taken.person]
    assert taken.gtin not in body.in_hand(taken.time_s - 1.0)
    assert taken.gtin in body.in_hand(taken.time_s + 0.5)
    assert taken.gtin not in body.in_hand(taken.time_s + 8.0)


@given(
    height_m=st.floats(1.5, 1.95),
    forward_m=st.floats(0.25, 0.45),
    aside_m=st.floats(-0.35, 0.35),
    up=st.floats(0.25, 1.04),
)
def test_a_hand_reaches_from_the_lowest_shelf_to_above_the_head(
    height_m: float, forward_m: float, aside_m: float, up: float
) -> None:
    bones = Skeleton(height_m)
    side = "left" if aside_m > 0 else "right"
    wrist = np.array([forward_m, aside_m, up * height_m])
    lean, drop, short_m = bones.posture({side: wrist})
    shoulder = bones.shoulder(side, np.array(lean), np.array(drop))
    assert np.linalg.norm(shoulder - wrist) <= bones.arm_m + short_m + 1e-9
    assert short_m <= 0.01


@given(tip=st.tuples(*[st.floats(-2.0, 2.0)] * 3))
def test_a_limb_never_stretches(tip: tuple[float, float, float]) -> None:
    root, pole = np.zeros((1, 3)), np.array([[0.1, 0.2, -1.0]])
    middle, end = bend(root, np.array([tip]), upper_m=0.3, lower_m=0.25, pole=pole)
    assert np.linalg.norm(middle - root) == pytest.approx(0.3, abs=1e-4)
    assert np.linalg.norm(end - middle) == pytest.approx(0.25, abs=1e-3)


def test_a_minute_of_one_body_at_fifteen_hertz_is_quick() -> None:
    body = crowded_scene().people[0]
    began = time.perf_counter()
    body.joints(np.arange(0.0, 60.0, 1 / 15))
    assert time.perf_counter() - began < 0.5
