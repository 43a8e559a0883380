from functools import cache
from pathlib import Path

from tracking_world import filmed, line, names, watch, worst_m

from store_engine.store_files import load_store
from store_engine.tracking import Tracking

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
SHOPPING = line((0.5, -1.2), (3.8, -0.8), 4.0)
COMING_IN = line((-1.1, -1.4), (1.5, -1.4), 3.0)


@cache
def store_map():
    return load_store(NANOSTORE).map


def film(paths, names_of_cameras=None):
    cameras = [
        c for c in store_map().cameras.values() if c.camera in (names_of_cameras or c.camera)
    ]
    return filmed(paths, 5.0, cameras=cameras)


def test_the_real_stores_cameras_follow_two_shoppers():
    said = watch(Tracking(store_map()), film([SHOPPING, COMING_IN]))
    assert sorted(names(said)) == ["t1", "t2"]
    assert min(worst_m(said, track, SHOPPING) for track in ("t1", "t2")) < 0.2
    assert min(worst_m(said, track, COMING_IN) for track in ("t1", "t2")) < 0.2


def test_three_of_its_cameras_are_enough_for_one_shopper():
    said = watch(Tracking(store_map()), film([SHOPPING], ("camera-1", "camera-6", "camera-9")))
    assert names(said) == ["t1"]
    assert worst_m(said, "t1", SHOPPING) < 0.3
