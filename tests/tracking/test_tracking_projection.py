import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats
from tracking_world import CAMERAS, pixel_of

from store_engine.tracking.projection import directions, distort, project, undistort

CAMERA = CAMERAS[0]


@given(u=floats(5, 635), v=floats(5, 355))
def test_a_point_along_a_pixels_direction_projects_back_to_the_pixel(u, v):
    ray = directions(CAMERA, np.array([[u, v]]))
    assert project(CAMERA, CAMERA.t + 3.0 * ray) == pytest.approx(np.array([[u, v]]), abs=1e-6)


@given(x=floats(0.5, 5.5), y=floats(0.5, 3.5), z=floats(0, 1.8))
def test_points_project_where_opencv_puts_them(x, y, z):
    pixel = pixel_of(CAMERA, (x, y, z))
    if pixel is not None:
        assert project(CAMERA, np.array([[x, y, z]]))[0] == pytest.approx(pixel, abs=1e-9)


def test_a_point_behind_the_camera_has_no_pixel():
    behind = CAMERA.t - CAMERA.R[:, 2]
    assert np.isnan(project(CAMERA, behind[None])).all()


def test_a_lens_model_that_folds_back_gives_no_direction_beyond_its_fold():
    barrel = np.array([-0.48, 0.08, 0.0, 0.0, 0.0])  # turns at a distorted radius of 0.59
    ideal = undistort(np.array([[0.5, 0.0], [0.65, 0.0]]), barrel)
    assert distort(ideal[:1], barrel)[0] == pytest.approx([0.5, 0.0])
    assert np.isnan(ideal[1]).all()
