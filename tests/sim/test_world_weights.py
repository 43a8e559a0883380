"""What plates feel: every unit has its own mass and takes it along."""

import numpy as np
import pytest
from aisle_store import CREDENTIALS, aisle_store, crowded_scene, crowded_world, scripted_scene

from sim.scenarios import ActionMix, Scenario
from sim.stock import MASS_LIMITS, TRAY_G, Stock
from sim.world import build_scene
from store_engine.units import PlateId


def stock() -> Stock:
    store = aisle_store()
    rng = np.random.default_rng(3)
    return Stock(store.map, store.catalog, full=(0.5, 1.0), rng=rng)


@pytest.mark.parametrize("seed", [1, 2])
def test_loads_say_exactly_what_is_left_on_the_plates(seed: int) -> None:
    world = crowded_world(seed)
    felt = dict(world.stock.initial_g)
    for load in world.log.loads:
        felt[load.plate] += load.change_g
    stands = dict.fromkeys(felt, TRAY_G)
    for unit in world.stock.units():
        for plate, share in unit.shares:
            stands[plate] += share * unit.mass_g
    assert felt == pytest.approx(stands, abs=1e-6)


def test_no_plate_ever_holds_less_than_nothing() -> None:
    scene = crowded_scene()
    held = dict(scene.initial_g)
    for load in sorted(scene.loads, key=lambda load: load.end_s):
        held[load.plate] += load.change_g
        assert held[load.plate] >= TRAY_G - 1e-6


def test_units_of_a_product_differ_but_not_wildly() -> None:
    products = aisle_store().catalog.products
    ratios = np.array([unit.mass_g / products[unit.gtin].mass_g for unit in stock().units()])
    assert MASS_LIMITS[0] < ratios.min() < ratios.max() < MASS_LIMITS[1]
    assert 0.010 < ratios.std() < 0.020  # 1.5 % in this store


def test_some_units_straddle_two_plates_and_all_are_carried_in_full() -> None:
    shares = [[share for _, share in unit.shares] for unit in stock().units()]
    assert all(sum(parts) == pytest.approx(1.0) for parts in shares)
    assert 0.05 < np.mean([len(parts) > 1 for parts in shares]) < 0.6


def test_a_straddling_unit_stands_on_neighbouring_plates() -> None:
    for unit in stock().units():
        numbers = [int(plate.rsplit("-", 1)[1]) for plate, _ in unit.shares]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_hand_touches_before_it_lifts() -> None:
    scene = scripted_scene({"name": "ann", "steps": [{"do": "take", "plate": "1-4-2"}]})
    lift = scene.loads[0]
    touch = next(contact for contact in scene.contacts if contact.plate == lift.plate)
    assert touch.start_s < touch.end_s <= lift.start_s < lift.end_s
    assert 0.1 <= lift.end_s - lift.start_s <= 0.5


def test_a_returned_unit_weighs_what_it_weighed() -> None:
    take, back = {"do": "take", "plate": "1-4-2"}, {"do": "return", "gtin": "00000013"}
    scene = scripted_scene({"name": "ann", "steps": [take, back]})
    assert len(scene.truth.actions) == 2
    assert sum(load.change_g for load in scene.loads) == pytest.approx(0.0, abs=1e-9)


def test_touching_changes_nothing_for_good() -> None:
    steps = [{"do": do, "plate": "2-3-2"} for do in ("touch", "touch", "hold", "browse")]
    scene = scripted_scene({"name": "ann", "steps": steps})
    assert scene.loads == ()
    kinds = {contact.kind for contact in scene.contacts}
    assert "rest" in kinds
    assert len(scene.contacts) >= 3


def test_a_hold_lasts_as_long_as_the_script_says() -> None:
    step = {"do": "hold", "plate": "2-3-2", "seconds": 7.5}
    scene = scripted_scene({"name": "ann", "steps": [step]})
    rests = [contact for contact in scene.contacts if contact.kind == "rest"]
    assert rests
    assert all(rest.end_s - rest.start_s == pytest.approx(7.5) for rest in rests)


def test_several_units_in_one_grip_are_lifted_together() -> None:
    step = {"do": "take", "plate": "1-4-2", "quantity": 2, "together": True}
    scene = scripted_scene({"name": "ann", "steps": [step]})
    assert len({load.start_s for load in scene.loads}) == 1
    assert [action.quantity for action in scene.truth.actions] == [2]


def test_the_same_seed_gives_the_same_scene() -> None:
    scenario = Scenario(name="small", shoppers=3, actions_each=(1, 2), mix=ActionMix())
    scenes = [
        build_scene(scenario, aisle_store(), seed=seed, credentials=CREDENTIALS)
        for seed in (5, 5, 6)
    ]
    first, same, other = scenes
    times = np.arange(0.0, first.duration_s, 0.5)
    for one, two in zip(first.people, same.people, strict=True):
        np.testing.assert_array_equal(one.joints(times), two.joints(times))
    for name in ("loads", "contacts", "scans", "passes", "footsteps", "initial_g", "truth"):
        assert getattr(first, name) == getattr(same, name)
    assert first.loads != other.loads


def test_every_plate_of_the_store_has_a_load() -> None:
    loads = crowded_scene().initial_g
    assert set(loads) == set(aisle_store().map.plates)
    assert loads[PlateId("1-1-1")] > TRAY_G
