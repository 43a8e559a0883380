import dataclasses

import numpy as np
import pytest
from calibration_world import CLICK_PX, clicked, clicked_at, eye
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, tuples
from scipy.stats import chi2

from store_engine.errors import ConfigError
from store_engine.vision.calibration_fit import fit_of
from store_engine.vision.calibration_pose import moved, step_between
from store_engine.vision.calibration_refine import refine

TURNED = np.array([0.35, -0.25, 0.2, 0.5, -0.4, 0.2])  # radians, metres


def small(size):
    return floats(-size, size)


KNOCKS = tuples(*[small(0.4)] * 3, *[small(0.5)] * 3, small(0.2)).map(np.array)
FLOOR = [(x, y, 0.0) for x in np.arange(-1.0, 4.5, 0.4) for y in np.arange(-2.5, 0.0, 0.4)]
WALL = [(x, 0.1, z) for x in np.arange(0.0, 4.0, 0.3) for z in np.arange(0.0, 2.1, 0.3)]
LINE = [(x, -0.6, 0.0) for x in np.arange(0.0, 4.0, 0.2)]
CORNER = [(2.5 + 0.05 * x, -1.2 + 0.05 * y, 0.1 * (x * y % 3)) for x, y in np.ndindex(5, 5)]


@settings(max_examples=6)
@given(number=integers(1, 12), knock=KNOCKS, seed=integers(0, 1000))
def test_the_true_camera_is_within_the_stated_covariance(number, knock, seed):
    true = eye(number)
    refined = refine(moved(true, knock), clicked(true, 16, seed=seed))
    off = step_between(refined.camera, true)[: len(refined.covariance)]
    assert refined.focal_std is not None
    assert off @ np.linalg.solve(refined.covariance, off) < chi2.ppf(1 - 1e-5, len(off))


def test_a_camera_without_noise_is_found_exactly():
    true = eye(1)
    refined = refine(moved(true, TURNED), clicked(true, 12, noise_px=0.0))
    assert step_between(refined.camera, true) == pytest.approx(np.zeros(7), abs=1e-5)
    assert refined.after.median_px < 1e-3 < refined.before.median_px
    assert (refined.camera.distortion == true.distortion).all()


def test_more_landmarks_leave_less_doubt():
    few, many = (refine(eye(1), clicked(eye(1), count)) for count in (8, 30))
    assert (many.position_std_m < few.position_std_m).all()
    assert (many.rotation_std_deg < few.rotation_std_deg).all()


def test_a_misnamed_landmark_is_pointed_out_and_does_no_harm():
    true = eye(8)
    marks = list(clicked(true, 14))
    marks[3] = marks[3]._replace(pixel=(marks[3].pixel[0] + 60.0, marks[3].pixel[1] - 30.0))
    refined = refine(moved(true, TURNED), marks)
    assert [miss.landmark for miss in refined.doubtful] == [marks[3]]
    assert np.abs(step_between(refined.camera, true)[3:6]).max() < 0.1


def test_landmarks_of_another_lens_are_not_believed():
    bent = dataclasses.replace(eye(9), distortion=np.zeros(5))
    assert refine(eye(9), clicked(eye(9), 20)).is_sound
    assert not refine(bent, clicked(eye(9), 20), focal="held").is_sound


def test_what_is_left_out_is_missed_by_more_than_what_is_fitted():
    refined = refine(eye(1), clicked(eye(1), 10))
    assert refined.check.median_px >= refined.after.median_px
    assert refined.check.median_px < 4 * CLICK_PX


def test_a_turned_camera_does_not_fit_and_the_refined_one_does():
    marks = clicked(eye(4), 12)
    turned = moved(eye(4), np.array([0.0, 0.06, 0.0, 0.0, 0.0, 0.0]))
    assert fit_of(eye(4), marks).fits
    assert not fit_of(turned, marks).fits
    assert fit_of(refine(turned, marks).camera, marks).fits


def test_a_camera_that_looks_away_does_not_fit():
    marks = clicked(eye(4), 12)
    away = moved(eye(4), np.array([0.0, 3.0, 0.0, 0.0, 0.0, 0.0]))
    assert fit_of(away, marks).median_m == np.inf


def test_floor_marks_alone_give_a_pose_but_no_focal_length():
    marks = clicked_at(eye(1), FLOOR, 16)
    refined = refine(moved(eye(1), TURNED), marks)
    assert refined.focal_std is None
    assert "one plane" in refined.focal_note
    assert np.abs(step_between(refined.camera, eye(1))[3:6]).max() < 0.1


def test_a_focal_length_the_landmarks_contradict_is_not_kept():
    zoomed = moved(eye(1), np.array([0, 0, 0, 0, 0, 0, 0.25]))
    with pytest.raises(ConfigError, match=r"cameras.toml does not fit, but .* one plane"):
        refine(zoomed, clicked_at(eye(1), FLOOR, 20))


def test_a_held_focal_length_is_held():
    zoomed = moved(eye(1), np.array([0, 0, 0, 0, 0, 0, 0.02]))
    refined = refine(zoomed, clicked(eye(1), 12), focal="held")
    assert (refined.camera.K == zoomed.K).all()
    assert refined.focal_note == "as asked"


@pytest.mark.parametrize(
    ("points", "count", "says"),
    [
        (WALL, 4, "4 landmarks, at least 5 are needed"),
        (LINE, 9, "on one line"),
        (CORNER, 6, "determine its position to .* cm and its aim .* are needed: .*add "),
    ],
    ids=["too few", "on a line", "in one corner"],
)
def test_landmarks_that_cannot_tell_are_refused(points, count, says):
    with pytest.raises(ConfigError, match="camera-1: .*" + says):
        refine(eye(1), clicked_at(eye(1), points, count))


def test_a_free_focal_length_needs_depth():
    with pytest.raises(ConfigError, match=r"focal length cannot be refined: .* one plane"):
        refine(eye(1), clicked_at(eye(1), WALL, 20), focal="free")


def test_the_camera_given_is_left_as_it_was():
    before = dataclasses.replace(eye(1), t=eye(1).t.copy())
    refine(before, clicked(eye(1), 8))
    assert (before.t == eye(1).t).all()
