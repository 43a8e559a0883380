import numpy as np
import pytest
from calibration_world import eye

from store_engine.tracking import projection
from store_engine.vision.calibration_lens import depths, directions, project, project_anyhow

EVERYWHERE = np.random.default_rng(1).uniform((-2, -3, 0), (5, 1, 2.2), (500, 3))


@pytest.mark.parametrize("number", range(1, 13))
def test_points_are_put_where_opencv_puts_them(number):
    cv2 = pytest.importorskip("cv2", reason="OpenCV (extra `vision`) is not installed")
    camera = eye(number)
    pixels = project(camera, EVERYWHERE)
    seen = (np.abs(pixels) < 2000).all(axis=1)  # NaN is not
    local, still = (EVERYWHERE[seen] - camera.t) @ camera.R, np.zeros(3)
    theirs, _ = cv2.projectPoints(local, still, still, camera.K, camera.distortion)
    assert seen.sum() > 20
    assert pixels[seen] == pytest.approx(theirs.reshape(-1, 2), abs=1e-6)


@pytest.mark.parametrize("number", range(1, 13))
def test_the_engine_sees_the_same(number):
    camera = eye(number)
    ours, theirs = project(camera, EVERYWHERE), projection.project(camera, EVERYWHERE)
    both = np.isfinite(ours).all(axis=1) & np.isfinite(theirs).all(axis=1)
    assert ours[both] == pytest.approx(theirs[both], abs=1e-9)


@pytest.mark.parametrize("distortion", [(-0.5, 0.2, 0, 0, 0), (0.1, 0, 1e-3, -2e-3, 0.01)])
def test_a_direction_leads_back_to_its_pixel(distortion):
    camera = eye(1).__class__(**{**vars(eye(1)), "distortion": np.array(distortion)})
    pixels = np.random.default_rng(2).uniform((60, 40), (580, 320), (200, 2))
    points = camera.t + 3.0 * directions(camera, pixels)
    assert project(camera, points) == pytest.approx(pixels, abs=0.01)


def test_what_is_behind_the_camera_is_nowhere_but_can_be_searched_from():
    camera = eye(1)
    behind = camera.t - 2.0 * camera.R[:, 2] + np.array([[0.1, 0.2, 0.3]])
    assert depths(camera, behind)[0] < 0
    assert np.isnan(project(camera, behind)).all()
    assert np.isfinite(project_anyhow(camera, behind)).all()


@pytest.mark.parametrize("number", range(1, 13))
def test_what_the_image_shows_lies_in_the_direction_of_its_pixel(number):
    camera = eye(number)
    pixels = project(camera, EVERYWHERE)
    shown = ((pixels > (80, 45)) & (pixels < (560, 315))).all(axis=1)
    ray = directions(camera, pixels[shown])
    found = camera.t + ray * depths(camera, EVERYWHERE[shown])[:, None]
    assert shown.any()
    assert found == pytest.approx(EVERYWHERE[shown], abs=1e-4)
