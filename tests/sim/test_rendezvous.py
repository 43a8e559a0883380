"""Several people at one shelf: at the same moment, from a chosen side, and things passed on."""

import numpy as np
import pytest
from acting import JUICE, TEA, WATER, ann, ben, done, hand_is_there, main_load, owed
from aisle_store import aisle_store, scripted_scene

from sim.scene import JOINTS, Scene

HIPS = [JOINTS.index("left_hip"), JOINTS.index("right_hip")]


def to_the_left_m(scene: Scene, person: str) -> float:
    """Return how far to the left of what they took somebody stood, facing the shelf."""
    take = next(action for action in done(scene, "take") if action.person == person)
    load = main_load(scene, take)
    plate = aisle_store().map.plates[load.plate]
    body = next(body for body in scene.people if body.person == person)
    hips = body.joints(np.array([load.start_s]))[0, HIPS, :2].mean(axis=0)
    left = np.array([plate.outward[1], -plate.outward[0]])
    return float((hips - np.array(plate.centre[:2])) @ left)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("plate", ["1-4-5", "5-3-5"])
def test_a_shopper_stands_on_the_side_the_script_says(side: str, plate: str) -> None:
    scene = scripted_scene(ann({"do": "take", "plate": plate, "side": side}))
    aside_m = to_the_left_m(scene, "ann") * (1 if side == "left" else -1)
    assert 0.2 < aside_m < 0.55  # of the middle of the plate
    assert hand_is_there(scene, done(scene, "take")[0])


def test_two_who_meet_take_the_same_product_at_the_same_moment() -> None:
    one, two = ({"do": "take", "gtin": WATER, "sync": "now", "side": s} for s in ("left", "right"))
    scene = scripted_scene(ann(one), ben(two, at_s=4.0))
    first, second = done(scene, "take")
    assert abs(main_load(scene, first).start_s - main_load(scene, second).start_s) < 0.6
    assert {first.person, second.person} == {"ann", "ben"}
    assert owed(scene) == [{WATER: 1}, {WATER: 1}]


def test_two_who_each_take_what_is_before_the_other_cross_arms() -> None:
    one = {"do": "take", "plate": "1-4-3", "side": "right", "sync": "now"}
    two = {"do": "take", "plate": "1-4-4", "side": "left", "sync": "now"}
    scene = scripted_scene(ann(one), ben(two))
    assert to_the_left_m(scene, "ann") < 0.0 < to_the_left_m(scene, "ben")
    assert all(hand_is_there(scene, action) for action in done(scene, "take"))
    a, b = (main_load(scene, action).start_s for action in done(scene, "take"))
    assert abs(a - b) < 0.6


def test_a_rendezvous_that_never_comes_about_ends_after_fifteen_seconds() -> None:
    early = ann({"do": "take", "gtin": TEA, "sync": "now"})
    late = ben({"do": "take", "gtin": JUICE, "sync": "now"}, at_s=60.0)
    first, second = done(scripted_scene(early, late), "take")
    alone = done(scripted_scene(ann({"do": "take", "gtin": TEA})), "take")[0]
    assert 14.0 < first.time_s - alone.time_s < 18.0
    assert second.time_s > 60.0


def test_two_exchange_what_they_took_and_each_picker_pays() -> None:
    give, take = {"do": "hand_over"}, {"do": "take"}
    one = ann(take | {"gtin": TEA}, give | {"gtin": TEA, "to": "ben"})
    two = ben(take | {"gtin": JUICE}, give | {"gtin": JUICE, "to": "ann"})
    scene = scripted_scene(one, two)
    assert {(a.person, a.gtin) for a in done(scene, "hand_over")} == {("ann", TEA), ("ben", JUICE)}
    assert owed(scene) == [{TEA: 1}, {JUICE: 1}]


def test_somebody_waits_for_what_they_are_to_put_back_for_another() -> None:
    one = ann({"do": "take", "gtin": TEA}, {"do": "hand_over", "gtin": TEA, "to": "ben"})
    scene = scripted_scene(one, ben({"do": "return", "gtin": TEA}))
    assert [a.person for a in done(scene, "return")] == ["ben"]
    assert owed(scene) == [{}, {}]
