import itertools

import numpy as np
import pytest
from drawn_store import BEGIN_US, FRAME_US, draw, empty, eye, film, line, nanostore

from store_engine.messages import PersonDetection
from store_engine.tracking.projection import project
from store_engine.vision.background import BackgroundDetector
from store_engine.vision.ports import Frame

CAMERA = eye("camera-1")
FLOOR = nanostore().map.floor
NARROW = ((-0.4, -1.4), (4.5, -1.4), (4.5, 0.05), (-0.4, 0.05))  # the aisle, up to the glass wall


def knows_the_store(floor=FLOOR) -> BackgroundDetector:
    detector = BackgroundDetector(CAMERA, floor)
    detector.learn(film(CAMERA, [], 2.0))
    return detector


def shown(*people: tuple[float, float], image=None) -> tuple[PersonDetection, ...]:
    detector = knows_the_store(NARROW)
    return detector.detect(Frame(draw(CAMERA, people) if image is None else image, BEGIN_US))


def feet_and_crown(x: float, y: float) -> np.ndarray:
    return project(CAMERA, np.array([[x, y, 0.0], [x, y, 1.71]]))


def test_nobody_is_found_in_an_empty_store():
    detector = knows_the_store()
    assert [detector.detect(one) for one in film(CAMERA, [], 2.0)] == [()] * 20


@pytest.mark.parametrize("at", [(1.2, -0.9), (2.0, -0.6), (2.2, -1.2)])
def test_somebody_is_found_from_head_to_toe(at):
    (person,) = shown(at)
    (foot_x, foot_y), (_, crown_y) = feet_and_crown(*at)
    left, top, right, bottom = person.box
    assert left < foot_x < right
    assert bottom == pytest.approx(foot_y, abs=16.0)  # toes are nearer than their middle
    assert top == pytest.approx(max(crown_y, 0.0), abs=12.0)


def test_two_people_apart_are_two():
    assert len(shown((1.5, -0.2), (1.5, -0.9))) == 2


def test_somebody_behind_the_glass_wall_is_not_reported():
    outside = (1.0, -2.2)
    assert shown(outside) == ()
    found = knows_the_store(FLOOR).detect(Frame(draw(CAMERA, [outside]), BEGIN_US))
    assert len(found) == 1  # where the floor reaches further, the same picture is a person


def test_what_is_no_size_of_a_person_is_not_reported():
    image = empty(CAMERA).copy()
    foot = feet_and_crown(2.0, -0.8)[0].astype(int)
    image[foot[1] - 18 : foot[1], foot[0] - 18 : foot[0] + 18] = 20  # a bag on the floor
    assert shown(image=image) == ()


def test_other_light_is_nobody_and_is_soon_known():
    detector = knows_the_store()
    brighter = np.clip(empty(CAMERA).astype(int) + 60, 0, 255).astype(np.uint8)
    frames = [Frame(brighter, BEGIN_US + number * FRAME_US) for number in range(20)]
    assert all(detector.detect(one) == () for one in frames)
    lit = draw(CAMERA, [(2.0, -0.6)]).astype(int) + 60
    later = Frame(np.clip(lit, 0, 255).astype(np.uint8), BEGIN_US + 21 * FRAME_US)
    assert len(detector.detect(later)) == 1


def test_somebody_there_from_the_beginning_leaves_no_lasting_ghost():
    stays = line((2.0, -0.6), (2.0, -0.6), from_s=0.0, to_s=2.0)
    detector = BackgroundDetector(CAMERA, FLOOR)
    found = [detector.detect(one) for one in film(CAMERA, [stays], 8.0)]
    assert not any(itertools.chain(*found[-20:]))


def test_the_same_film_gives_the_same_people():
    def seen():
        walk = line((0.5, -1.2), (3.0, -0.8), from_s=1.0, to_s=3.0)
        detector = BackgroundDetector(CAMERA, FLOOR)
        return [detector.detect(one) for one in film(CAMERA, [walk], 3.0)]

    assert seen() == seen()
