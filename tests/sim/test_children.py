"""A child: small, with short arms, and out of reach of high shelves."""

import numpy as np
import pytest
from acting import alone, done, hand_is_there, owed

from sim.scene import JOINTS, Scene
from store_engine.errors import ConfigError

NOSE, SHOULDER = JOINTS.index("nose"), JOINTS.index("left_shoulder")
ELBOW, WRIST = JOINTS.index("left_elbow"), JOINTS.index("left_wrist")


def child(step: dict[str, object], *, height_m: float = 1.15, seed: int = 0) -> Scene:
    return alone(step, seed=seed, height_m=height_m)


@pytest.mark.parametrize("height_m", [1.0, 1.3])
def test_a_child_is_as_tall_as_the_script_says_with_arms_to_scale(height_m: float) -> None:
    (body,) = child({"do": "take", "plate": "1-3-5"}, height_m=height_m).people
    joints = body.joints(np.array([body.entered_s + 1.0]))[0]
    assert 0.85 * height_m < joints[NOSE, 2] < height_m
    arm_m = sum(
        np.linalg.norm(joints[a] - joints[b]) for a, b in ((SHOULDER, ELBOW), (ELBOW, WRIST))
    )
    assert arm_m == pytest.approx(0.332 * height_m, rel=0.02)


@pytest.mark.parametrize("plate", ["1-1-5", "1-2-5", "1-3-5", "5-3-5"])
def test_a_child_really_gets_its_hand_to_what_it_takes(plate: str) -> None:
    scene = child({"do": "take", "plate": plate})
    assert hand_is_there(scene, done(scene, "take")[0])
    assert sum(owed(scene)[0].values()) == 1


def test_what_stands_too_high_for_a_child_is_a_mistake_of_the_script() -> None:
    with pytest.raises(ConfigError, match=r"cannot take 1-6-5: out of reach of .* 1\.15 m tall"):
        child({"do": "take", "plate": "1-6-5"})


def test_an_adult_of_a_given_height_takes_from_there() -> None:
    assert owed(child({"do": "take", "plate": "1-6-5"}, height_m=1.85)) == [{"00000022": 1}]
