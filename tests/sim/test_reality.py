"""How the world differs from the shopkeeper's files, and who is told."""

import pytest
from acting import TEA, ann, hand_is_there, moved_g, owed
from aisle_store import CREDENTIALS, aisle_store

from sim.reality import Reality, real_store
from sim.scenarios import Scenario
from sim.scene import Scene, Truth
from sim.session import simulate
from sim.world import build_scene
from store_engine.errors import ConfigError
from store_engine.units import Gtin

WATER = "00000025"  # stands on gondola 2


def session(**entries: object) -> Truth:
    scenario = Scenario.model_validate({"name": "odd", "people_from": "tracker", **entries})
    return simulate(scenario, aisle_store(), seed=1, credentials=CREDENTIALS)[1]


def scene(reality: Reality, gtin: str) -> Scene:
    scripted = [ann({"do": "take", "gtin": gtin})]
    scenario = Scenario.model_validate({"name": "odd", "scripted": scripted})
    store = real_store(aisle_store(), reality, scenario="odd")
    return build_scene(scenario, store, seed=1, credentials=CREDENTIALS)


def test_a_product_weighs_what_it_truly_weighs() -> None:
    lifted_g = -moved_g(scene(Reality(masses={TEA: 700.0}), TEA), sign=-1)
    assert lifted_g == pytest.approx(700.0, rel=0.08)
    assert lifted_g != pytest.approx(aisle_store().catalog.products[Gtin(TEA)].mass_g, rel=0.3)


def test_products_that_were_moved_stand_in_each_others_facing() -> None:
    moved = Reality(moved=((TEA, WATER),))
    (take,) = scene(moved, TEA).truth.actions
    (other,) = scene(moved, WATER).truth.actions
    assert (take.gtin, take.plate[0]) == (TEA, "2")
    assert (other.gtin, other.plate[:3]) == (WATER, "1-4")
    assert hand_is_there(scene(moved, TEA), take)


def test_truth_names_true_products_and_the_store_of_the_engine_is_left_alone() -> None:
    listed_g = aisle_store().catalog.products[Gtin(TEA)].mass_g
    reality = {"moved": [[TEA, WATER]], "masses": {TEA: 33.0}}
    truth = session(scripted=[ann({"do": "take", "plate": "2-1-2"})], reality=reality)
    assert [dict(visit.items) for visit in truth.visits] == [{TEA: 1}]
    assert aisle_store().catalog.products[Gtin(TEA)].mass_g == listed_g != 33.0


def test_without_differences_the_store_is_the_same_object() -> None:
    store = aisle_store()
    assert real_store(store, Reality(), scenario="odd") is store


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ({"reality": {"masses": {"9": 5.0}}}, "reality.masses: no product 9 in this store"),
        ({"reality": {"moved": [[TEA, "9"]]}}, r"reality.moved.0: product 9 stands nowhere"),
        ({"aisle": ["7"]}, r"aisle.0: no gondola 7, only 1, 2, 3, 4, 5"),
    ],
)
def test_what_the_store_does_not_have_is_named(entries: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=f"scenario odd: {complaint}"):
        session(shoppers=1, **entries)


def test_random_shoppers_of_an_aisle_use_nothing_else() -> None:
    truth = session(shoppers=3, aisle=["2", "3"], mix={"take": 4.0, "misplace": 2.0})
    used = {action.plate.split("-")[0] for action in truth.actions if action.plate}
    assert used
    assert used <= {"2", "3"}


def test_what_is_taken_in_a_rearranged_shop_is_owed_by_its_true_name() -> None:
    assert owed(scene(Reality(moved=((TEA, WATER),)), WATER)) == [{WATER: 1}]
