"""Putting down what scripts ask for: a bag, new stock, a swap, something on the floor."""

import numpy as np
import pytest
from acting import (
    JUICE,
    TEA,
    WRISTS,
    alone,
    done,
    hand_gaps_m,
    hand_is_there,
    main_load,
    moved_g,
    owed,
)

TAKE = {"do": "take", "gtin": TEA}
BAG = {"do": "set_bag", "plate": "1-4-5", "mass_g": 2500.0, "seconds": 6.0}


@pytest.mark.parametrize("seed", range(4))
def test_a_bag_lies_on_one_to_three_neighbouring_plates_and_goes_again(seed: int) -> None:
    scene = alone(BAG, seed=seed)
    bag = [contact for contact in scene.contacts if contact.kind == "bag"]
    numbers = sorted(int(contact.plate.rsplit("-", 1)[1]) for contact in bag)
    assert 1 <= len(numbers) <= 3
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert sum(contact.force_g for contact in bag) == pytest.approx(2500.0)
    assert all(5.5 < contact.end_s - contact.start_s < 8.0 for contact in bag)


def test_a_bag_is_nobodys_goods() -> None:
    scene = alone(BAG)
    assert scene.loads == ()
    assert [(a.action, a.gtin) for a in scene.truth.actions] == [("set_bag", None)]
    assert owed(scene) == [{}]


def test_a_hand_sets_the_bag_down_and_comes_back_for_it() -> None:
    scene = alone(BAG)
    bag = next(contact for contact in scene.contacts if contact.kind == "bag")
    there = [
        min(hand_gaps_m(scene, "ann", bag.plate, time_s))
        for time_s in (bag.start_s, (bag.start_s + bag.end_s) / 2, bag.end_s)
    ]
    assert there[0] < 0.2 < there[1]
    assert there[2] < 0.2


def test_new_stock_is_in_nobodys_cart() -> None:
    scene = alone({"do": "restock", "gtin": TEA, "quantity": 4}, role="staff")
    put = done(scene, "restock")
    assert [action.quantity for action in put] == [1] * 4
    assert all(hand_is_there(scene, action) for action in put)
    assert moved_g(scene, sign=1) > 0.0 == moved_g(scene, sign=-1)
    assert owed(scene) == [{}]


def test_staff_owe_what_they_take() -> None:
    scene = alone({"do": "restock", "gtin": TEA}, TAKE, role="staff")
    assert owed(scene) == [{TEA: 1}]


def test_a_swap_is_a_take_and_a_put_in_one_visit_of_the_hands() -> None:
    scene = alone(TAKE, {"do": "swap", "gtin": TEA, "with": JUICE})
    out, (into,) = done(scene, "take")[-1], done(scene, "misplace")
    assert (out.gtin, into.gtin) == (JUICE, TEA)
    assert main_load(scene, out).change_g < 0.0 < main_load(scene, into).change_g
    assert 0.0 < main_load(scene, into).start_s - main_load(scene, out).start_s < 1.5
    assert owed(scene) == [{JUICE: 1}]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hands_are_there_for_both_halves_of_a_swap(seed: int) -> None:
    scene = alone(TAKE, {"do": "swap", "gtin": TEA, "with": JUICE}, seed=seed)
    assert all(
        hand_is_there(scene, a) for a in (done(scene, "take")[-1], done(scene, "misplace")[0])
    )


def test_what_is_dropped_is_still_owed_and_lies_on_no_plate() -> None:
    scene = alone(TAKE, {"do": "drop", "gtin": TEA})
    assert [action.plate for action in done(scene, "drop")] == [None]
    assert moved_g(scene, sign=1) == 0.0
    assert owed(scene) == [{TEA: 1}]


def test_a_dropped_thing_is_laid_on_the_floor_away_from_shelves() -> None:
    scene = alone(TAKE, {"do": "drop", "gtin": TEA})
    (body,), (drop,) = scene.people, done(scene, "drop")
    wrists = body.joints(np.array([drop.time_s]))[0, WRISTS]
    assert wrists[:, 2].min() < 0.25
    assert body.in_hand(drop.time_s - 0.1) == (TEA,)
    assert body.in_hand(drop.time_s + 0.1) == ()
