import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats
from tracking_world import CAMERAS, looking, pixel_of, shop

from store_engine.tracking.cameras import SITE_STD_M, CameraView
from store_engine.tracking.floor import Floor
from store_engine.tracking.projection import directions

FLOOR = Floor(shop())
CAMERA = CAMERAS[0]
VIEW = CameraView(CAMERA, FLOOR)


@given(u=floats(0, 640), v=floats(0, 360))
def test_tabled_directions_are_within_a_tenth_of_a_pixel(u, v):
    tabled, exact = VIEW.direction(u, v), directions(CAMERA, np.array([[u, v]]))[0]
    angle = math.acos(
        min(1.0, np.dot(tabled, exact) / np.linalg.norm(tabled) / np.linalg.norm(exact))
    )
    assert angle < 0.1 / 500.0


@given(u=floats(0, 640), v=floats(0, 360))
def test_a_ray_and_a_bare_direction_look_the_same_way(u, v):
    ray = VIEW.ray(u, v)
    assert VIEW.direction(u, v) == pytest.approx((ray.dx, ray.dy, ray.dz), abs=1e-12)


@given(x=floats(0.5, 5.5), y=floats(0.5, 3.5))
def test_a_ray_meets_the_floor_where_its_pixel_came_from(x, y):
    pixel = pixel_of(CAMERA, (x, y, 0.0))
    if pixel is not None:
        fix = VIEW.meet(VIEW.ray(*pixel), 0.0, 0.0)
        assert (fix.x, fix.y) == pytest.approx((x, y), abs=0.02)


def test_the_covariance_is_what_noise_in_pixels_and_height_really_does():
    rng, (x, y) = np.random.default_rng(1), (4.0, 2.5)
    u, v = pixel_of(CAMERA, (x, y, 1.5))
    fix = VIEW.meet(VIEW.ray(u, v), 1.5, 0.05**2)
    noise = rng.normal(0.0, math.sqrt(VIEW.pixel_var), (4000, 2))
    heights = rng.normal(1.5, 0.05, 4000)
    fixes = [
        VIEW.meet(VIEW.ray(u + a, v + b), h, 0.0) for (a, b), h in zip(noise, heights, strict=True)
    ]
    spread = np.cov(np.array([(fix.x, fix.y) for fix in fixes]).T) + SITE_STD_M**2 * np.eye(2)
    assert np.array([[fix.xx, fix.xy], [fix.xy, fix.yy]]) == pytest.approx(
        spread, rel=0.15, abs=2e-3
    )


def test_positions_get_less_certain_with_distance():
    near, far = (
        VIEW.meet(VIEW.ray(*pixel_of(CAMERA, (*at, 0.0))), 0.0, 0.0) for at in ((2, 1.5), (5, 3.5))
    )
    assert near.xx + near.yy < far.xx + far.yy


@pytest.mark.parametrize("pixel", [(-1.0, 5.0), (5.0, 361.0), (math.nan, 5.0), (5.0, math.inf)])
def test_a_pixel_outside_the_image_looks_nowhere(pixel):
    assert VIEW.ray(*pixel) is None
    assert VIEW.direction(*pixel) is None


def test_a_ray_above_the_horizon_never_meets_the_floor():
    level = CameraView(looking("level", (0.0, 2.0, 1.0), (6.0, 2.0, 1.0)), FLOOR)
    assert level.meet(level.ray(320.0, 20.0), 0.0, 0.0) is None


def test_a_camera_knows_which_floor_it_sees():
    away = CameraView(looking("away", (3.0, 2.0, 2.7), (6.0, 2.0, 1.2)), FLOOR)
    assert away.sees[FLOOR.index(5.8, 2.0)] == 1
    assert away.sees[FLOOR.index(1.0, 2.0)] == 0
