import numpy as np
import pytest
from biip.gtin import Gtin

from benchmarks.scaling.stores import NANOSTORE, store_of
from sim.floor import Floor
from store_engine.engine import Engine
from store_engine.store_files import load_store

SIZES = (10, 30, 100)


@pytest.mark.parametrize("shelves", SIZES)
def test_a_store_has_the_shelves_asked_for_and_an_engine_can_run_it(shelves):
    store = store_of(shelves)
    assert len(store.map.shelves) == shelves
    assert Engine(store).snapshot()["store"] == f"shelves-{shelves}"


@pytest.mark.parametrize("shelves", SIZES)
def test_every_plate_belongs_to_one_controller_and_every_facing_to_known_plates(shelves):
    store_map = store_of(shelves).map
    wired = [plate for cells in store_map.cells.values() for plate in cells]
    assert sorted(wired) == sorted(store_map.plates)
    assert all(plate in store_map.plates for f in store_map.facings for plate in f.plates)


def test_no_two_gondolas_share_products_and_all_have_prices():
    store = store_of(30)
    gondolas_of = {}
    for facing in store.map.facings:
        gondolas_of.setdefault(facing.gtin, set()).add(facing.plates[0].split("-")[0])
    assert all(len(gondolas) == 1 for gondolas in gondolas_of.values())
    assert all(store.catalog.price(gtin, 1).owed > 0 for gtin in gondolas_of)


def test_the_codes_of_products_are_valid():
    assert all(Gtin.parse(code).value == code for code in store_of(10).catalog.products)


def test_a_copy_has_the_plates_and_masses_of_its_original():
    original, copy = load_store(NANOSTORE), store_of(12)
    for plate, same in (("1-3-5", "1-3-5"), ("1-6-12", "2-6-12")):
        one, two = original.map.plates[plate], copy.map.plates[same]
        assert one.centre[2] == two.centre[2]
        masses = [
            [store.catalog.products[gtin].mass_g for gtin in store.map.products_on[name]]
            for store, name in ((original, plate), (copy, same))
        ]
        assert masses[0] == masses[1]


@pytest.mark.parametrize("shelves", [10, 96])
def test_people_can_walk_from_every_gate_to_every_gondola(shelves):
    store_map = store_of(shelves).map
    floor = Floor(store_map)
    nobody = np.empty((0, 2))
    for plate in list(store_map.plates.values())[::72]:
        before = np.array(plate.centre[:2]) + (plate.depth_m / 2 + 0.4) * np.array(plate.outward)
        assert floor.standable(before)
        for gate in store_map.gates.values():
            inside = np.array(gate.centre) + 0.8 * np.array(gate.inward)
            way = floor.way(inside, before, people=nobody, door=False)
            assert np.allclose(way[-1], before)
            assert len(way) < 30
