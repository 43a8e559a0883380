import numpy as np
import pytest
from drawn_store import eye, nanostore

from store_engine.tracking.projection import project as project_by_the_tracker
from store_engine.vision.standing import RING_M, project, standing_people

CAMERAS = sorted(nanostore().map.cameras)


@pytest.mark.parametrize("name", CAMERAS)
def test_a_camera_node_projects_as_the_tracker_does(name):
    points = np.random.default_rng(1).uniform((-3.0, -4.0, 0.0), (6.0, 2.0, 2.0), (500, 3))
    ours, theirs = project(eye(name), points), project_by_the_tracker(eye(name), points)
    both = np.isfinite(ours[:, 0]) & np.isfinite(theirs[:, 0])
    assert both.sum() > 50
    assert np.allclose(ours[both], theirs[both], atol=1e-6)


@pytest.fixture(scope="module")
def people():
    return standing_people(eye("camera-1"), nanostore().map.floor)


def test_everybody_who_could_be_there_is_within_the_image(people):
    assert (people.boxes >= 0.0).all()
    assert (people.boxes <= [640.0, 360.0, 640.0, 360.0]).all()
    assert (people.boxes[:, 2:] > people.boxes[:, :2]).all()


def test_people_stand_on_the_floor_and_on_a_ring_around_it(people):
    x, y = people.at.T
    within = (x > -1.6) & (x < 4.5) & (y > -2.6) & (y < 0.05)
    assert (people.on_floor == within).all()
    beyond = np.maximum(np.maximum(-1.6 - x, x - 4.5), np.maximum(-2.6 - y, y - 0.05))
    assert 0.5 < beyond.max() <= RING_M


def test_who_is_twice_as_far_away_looks_half_as_tall():
    eight = standing_people(eye("camera-9"), nanostore().map.floor)
    distance = np.hypot(*(eight.at - eye("camera-9").t[:2]).T)
    heights = eight.boxes[:, 3] - eight.boxes[:, 1]
    uncut = (eight.boxes[:, 1] > 1.0) & (eight.boxes[:, 3] < 359.0)
    near, far = uncut & (abs(distance - 2.2) < 0.2), uncut & (abs(distance - 4.4) < 0.2)
    assert heights[far].max() == pytest.approx(heights[near].max() / 2, rel=0.25)
