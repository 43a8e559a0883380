import dataclasses

import numpy as np
import pytest
from calibration_world import eye, nanostore

from store_engine.messages import CameraFrame, PersonDetection
from store_engine.vision.calibration_lens import project
from store_engine.vision.calibration_people import agreement, standing_at
from store_engine.vision.calibration_pose import moved

STEP_US = 100_000
KNOCKED = np.array([0.0, 0.1, 0.0, 0.0, 0.0, 0.0])  # about 6 degrees to the side


def walk(second):
    """Somebody who strolls through the aisle in a figure of eight."""
    return np.array([[2.2 + 1.2 * np.sin(second), -1.2 + 0.7 * np.sin(2.1 * second), 0.0]])


def frame(camera, number, places, *, joints=False):
    pixels = project(camera, places)
    size = np.array([camera.width_px, camera.height_px]) - 5
    people = [
        person(x, y, joints=joints)
        for x, y in pixels[((pixels > 5) & (pixels < size)).all(axis=1)].tolist()
    ]
    time_us = 1_000_000 + number * STEP_US
    return CameraFrame(device=camera.camera, sequence=number, time_us=time_us, people=tuple(people))


def person(x, y, *, joints):
    ankles = ((x - 4, y, 0.9), (x + 4, y, 0.9)) if joints else ()
    points = ((0.0, 0.0, 0.0),) * 15 + ankles if joints else ()
    return PersonDetection(box=(x - 20, max(y - 90, 0), x + 20, y), score=0.9, keypoints=points)


def session(numbers, seconds=10):
    """What cameras with the true calibrations see."""
    return [
        frame(eye(number), step, walk(step / 10))
        for step in range(seconds * 10)
        for number in numbers
    ]


def knocked(number):
    camera = moved(eye(number), KNOCKED)
    cameras = {**nanostore().cameras, camera.camera: camera}
    return dataclasses.replace(nanostore(), cameras=cameras)


def test_feet_stand_where_they_were_seen():
    camera, place = eye(1), np.array([[1.4, -1.4, 0.0]])
    people = frame(camera, 0, place).people
    assert standing_at(camera, people) == pytest.approx(place[:, :2], abs=0.01)


def test_ankles_are_a_little_above_the_floor():
    camera, place = eye(1), np.array([[1.4, -1.4, 0.0]])
    people = frame(camera, 0, place + np.array([0.0, 0.0, 0.08]), joints=True).people
    assert standing_at(camera, people) == pytest.approx(place[:, :2], abs=0.01)


def test_feet_cut_off_by_the_border_say_nothing():
    cut = PersonDetection(box=(100.0, 200.0, 140.0, 360.0), score=0.9)
    assert len(standing_at(eye(1), [cut])) == 0


def test_cameras_that_fit_agree():
    found = agreement(nanostore(), session([1, 2, 9, 10, 11]))
    assert found.fits
    assert not found.alone
    assert max(pair.median_m for pair in found.pairs if pair.median_m > 0) < 0.05


@pytest.mark.parametrize("number", [1, 10])
def test_the_camera_that_was_knocked_is_named(number):
    found = agreement(knocked(number), session([1, 2, 9, 10, 11]))
    assert not found.fits
    assert [share.camera for share in found.shares if share.is_off] == [f"camera-{number}"]


def test_of_two_cameras_nobody_can_tell_which_is_off():
    found = agreement(knocked(1), session([1, 9]))
    assert not found.fits
    assert [share.own_m for share in found.shares] == [None, None]


def test_cameras_that_never_meet_are_said_to_be_alone():
    found = agreement(nanostore(), session([1, 9], seconds=1))
    assert found.alone == ("camera-1", "camera-9")


def test_frames_of_other_devices_are_passed_over():
    stranger = CameraFrame(device="camera-77", sequence=0, time_us=1, people=())
    assert agreement(nanostore(), [stranger]).shares == ()
