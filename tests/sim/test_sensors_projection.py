import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sensors.projection import (
    Solid,
    fold_radius2,
    hidden_by,
    inside_image,
    project,
    solids,
)
from tests.sim.sensor_fixtures import camera_at, tiny_store

CAMERA = camera_at(0.0, -3.0, 2.5)
AXIS = CAMERA.R[:, 2]
# A block one metre wide and deep, 1.5 m high, in front of (-y) the point (0, 2).
BLOCK = Solid(
    normals=np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]),
    offsets=np.array([0.0, 0.5, 1.0, 0.5]),
    top_m=1.5,
)
EYE = np.array([0.0, -2.0, 2.5])


def test_a_point_on_the_axis_falls_on_the_principal_point():
    seen = project(CAMERA, CAMERA.t + 3.0 * AXIS)
    assert seen.pixels == pytest.approx([640.0, 360.0])
    assert seen.depth_m == pytest.approx(3.0)


def test_right_of_the_axis_is_right_in_the_image_and_above_is_above():
    right = project(CAMERA, CAMERA.t + 3.0 * AXIS + 0.3 * CAMERA.R[:, 0]).pixels
    above = project(CAMERA, CAMERA.t + 3.0 * AXIS + np.array([0.0, 0.0, 0.3])).pixels
    assert right[0] > 640.0
    assert above[1] < 360.0


def test_distortion_pulls_points_inward_by_the_polynomial():
    radius = 0.5
    point = CAMERA.t + 2.0 * (AXIS + radius * CAMERA.R[:, 0])
    expected = 640.0 + 800.0 * radius * (1.0 - 0.1 * radius**2)
    assert project(CAMERA, point).pixels[0] == pytest.approx(expected)


def test_what_is_behind_the_camera_is_not_seen():
    assert not project(CAMERA, CAMERA.t - 3.0 * AXIS).seen_by_lens


def test_a_point_that_is_nowhere_is_not_seen():
    assert not project(CAMERA, np.full(3, np.nan)).seen_by_lens


def test_a_point_beyond_the_fold_of_the_lens_is_not_seen_although_it_lands_in_the_image():
    camera = camera_at(0.0, -3.0, 2.5, k1=-0.47)
    far_out = 1.3
    point = camera.t + 2.0 * (AXIS + far_out * camera.R[:, 0])
    folded = np.array([640.0 + 800.0 * far_out * (1.0 - 0.47 * far_out**2), 360.0])
    assert inside_image(camera, folded)
    assert not project(camera, point).seen_by_lens


@given(k1=st.floats(-0.6, -0.05))
def test_the_distorted_radius_grows_up_to_the_fold_and_not_beyond(k1):
    fold = np.sqrt(fold_radius2(camera_at(0.0, 0.0, 2.0, k1=k1)))
    inner = np.linspace(0.0, fold, 50)
    assert (np.diff(inner * (1.0 + k1 * inner**2)) > 0.0).all()
    beyond = 1.01 * fold
    assert beyond * (1.0 + k1 * beyond**2) < fold * (1.0 + k1 * fold**2)


@pytest.mark.parametrize(
    ("point", "hidden"),
    [
        ((0.0, -0.5, 1.0), False),  # before the block
        ((0.0, 1.5, 0.5), True),  # right behind it
        ((0.0, 1.5, 1.6), False),  # behind it, but above its top
        ((2.0, 1.5, 0.5), False),  # beside it
        ((0.0, 0.5, 0.5), True),  # inside it
        ((0.0, 8.0, 1.4), False),  # far behind: seen over the top
    ],
)
def test_a_block_hides_what_is_behind_it(point, hidden):
    assert hidden_by(BLOCK, EYE, np.array([point]))[0] == hidden


@given(
    x=st.floats(-3.0, 3.0), y=st.floats(-3.0, 4.0), z=st.floats(0.0, 2.2), top=st.floats(0.2, 2.0)
)
def test_hiding_agrees_with_walking_along_the_line_of_sight(x, y, z, top):
    block = BLOCK._replace(top_m=top)
    point = np.array([x, y, z])
    steps = np.linspace(0.0, 1.0, 4001)[:, None]
    line = EYE + steps * (point - EYE)
    depth = (line[:, :2] @ block.normals.T - block.offsets).max(axis=1)
    clearance = np.minimum(-depth, top - line[:, 2]).max()
    if abs(clearance) > 0.005:  # closer than the steps can tell
        assert hidden_by(block, EYE, point[None])[0] == (clearance > 0.0)


def test_an_obstacle_is_as_high_as_its_highest_shelf():
    assert [solid.top_m for solid in solids(tiny_store().map)] == [1.0]
