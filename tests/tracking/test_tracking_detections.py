import math

import pytest
from hypothesis import given
from hypothesis.strategies import floats
from tracking_world import CAMERAS, detection, looking, shop

from store_engine.messages import PersonDetection
from store_engine.tracking.cameras import CameraView
from store_engine.tracking.detections import ANKLES, BOX_BOTTOM, BOX_TOP, HEAD, locate, refine
from store_engine.tracking.floor import Floor
from store_engine.tracking.heights import HEAD_M, Height

FLOOR = Floor(shop())
CAMERA = CAMERAS[0]
VIEW = CameraView(CAMERA, FLOOR)
FEET = (15, 16)


def away_m(sighting, at):
    return math.hypot(sighting.fix.x - at[0], sighting.fix.y - at[1])


@given(x=floats(2.0, 5.0), y=floats(1.5, 3.5))
def test_somebody_in_full_view_stands_on_their_ankles(x, y):
    sighting = locate(VIEW, detection(CAMERA, (x, y)))
    assert sighting.anchor is ANKLES
    assert away_m(sighting, (x, y)) < 0.05


def test_hidden_feet_leave_the_head_which_is_less_certain():
    at = (3.0, 2.0)
    seen = locate(VIEW, detection(CAMERA, at))
    hidden = locate(VIEW, detection(CAMERA, at, hidden=FEET))
    assert hidden.anchor is HEAD
    assert away_m(hidden, at) < 2 * math.hypot(hidden.fix.xx, hidden.fix.yy) ** 0.5
    assert hidden.fix.xx + hidden.fix.yy > seen.fix.xx + seen.fix.yy


def test_ankles_that_cannot_carry_the_head_are_not_believed():
    whole = detection(CAMERA, (3.0, 2.0))
    higher = [(x, y - 100.0 * (j in FEET), s) for j, (x, y, s) in enumerate(whole.keypoints)]
    fooled = PersonDetection(box=whole.box, score=0.8, keypoints=tuple(higher))
    assert locate(VIEW, fooled).anchor is HEAD


def test_a_known_height_places_a_head_better():
    at = (4.0, 2.5)
    sighting = locate(VIEW, detection(CAMERA, at, hidden=FEET))
    short = refine(VIEW, sighting, Height(HEAD_M - 0.3, 0.02**2, 0), 0)
    known = refine(VIEW, sighting, Height(HEAD_M, 0.02**2, 0), 0)
    assert math.dist((known.x, known.y), at) < math.dist((short.x, short.y), at)
    assert known.xx + known.yy < sighting.fix.xx + sighting.fix.yy


def test_a_box_without_keypoints_stands_on_its_bottom():
    whole = detection(CAMERA, (3.0, 2.0))
    boxed = locate(VIEW, PersonDetection(box=whole.box, score=0.8))
    assert boxed.anchor is BOX_BOTTOM
    assert away_m(boxed, (3.0, 2.0)) < 0.3


def test_a_box_cut_off_by_the_border_hangs_from_its_top():
    down = looking("down", (0.0, 2.0, 2.7), (6.0, 2.0, 1.3))
    view = CameraView(down, FLOOR)
    left, top, right, _ = detection(down, (2.0, 2.0)).box
    cut = locate(view, PersonDetection(box=(left, top, right, 360.0), score=0.8))
    assert cut.anchor is BOX_TOP


@pytest.mark.parametrize(
    "box", [(math.nan,) * 4, (0.0, 0.0, math.inf, math.inf), (-9.0, 0.0, 1e9, 360.0)]
)
def test_a_senseless_box_places_nobody(box):
    assert locate(VIEW, PersonDetection(box=box, score=0.8)) is None


def test_keypoints_the_network_only_guessed_place_nobody():
    whole = detection(CAMERA, (3.0, 2.0))
    guessed = tuple((x, y, 0.1) for x, y, _ in whole.keypoints)
    assert locate(VIEW, PersonDetection(box=whole.box, score=0.8, keypoints=guessed)) is None


def test_a_height_is_learned_and_then_forgotten():
    crouched = Height().measured(1.1, 0.03**2, 0)
    assert crouched.mean_m < 1.2
    assert crouched.at(60_000_000).mean_m == pytest.approx(HEAD_M, abs=0.01)
    assert crouched.at(60_000_000).var_m2 > crouched.var_m2
