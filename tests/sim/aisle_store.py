"""A synthetic shop like the real one: gondolas along a wall, one facing them, one door."""

import math
from functools import cache
from typing import Any

from sim.scenarios import ActionMix, Scenario
from sim.scene import Scene
from sim.world import World, build_scene
from store_engine.catalog import Catalog, Product
from store_engine.store import Store
from store_engine.store_map import Facing, Gate, Obstacle, Plate, StoreMap
from store_engine.units import DeviceId, GateId, Gtin, PlateId, ShelfId, StoreId

CREDENTIALS = tuple((f"card-{i}", f"account-{i}") for i in range(12))
SHELF_HEIGHTS_M = (0.33, 0.58, 0.85, 1.10, 1.38, 1.70)
PLATE_M, DEPTH_M = 0.1016, 0.4064
GONDOLAS = {  # name: back-left corner x, y; rotation; plates a shelf
    "1": (0.025, 0.492, 0.0, 12),
    "2": (1.245, 0.492, 0.0, 9),
    "3": (2.159, 0.492, 0.0, 12),
    "4": (3.378, 0.492, 0.0, 9),
    "5": (4.915, -0.302, -math.pi / 2, 9),
}


def aisle_store() -> Store:
    """Five gondolas with six shelves; facings of three plates; masses from 40 to 1500 g."""
    plates = {plate.plate: plate for name in GONDOLAS for plate in _plates(name)}
    shelves: dict[ShelfId, list[PlateId]] = {}
    for plate in plates.values():
        shelves.setdefault(plate.shelf, []).append(plate.plate)
    groups = [tuple(ids[i : i + 3]) for ids in shelves.values() for i in range(0, len(ids), 3)]
    facings = tuple(
        Facing(gtin=Gtin(f"{i:08d}"), plates=group) for i, group in enumerate(groups, start=1)
    )
    gate = Gate(gate=GateId("door-1"), ends=((-0.3, -2.0), (-0.3, -0.8)), inward=(1.0, 0.0))
    store_map = StoreMap(
        store=StoreId("aisle"),
        floor=((-1.6, -2.6), (4.5, -2.6), (4.5, 0.05), (-1.6, 0.05)),
        gates={gate.gate: gate},
        cameras={},
        trackers=(DeviceId("tracker-1"),),
        plates=plates,
        cells={DeviceId(f"gondola-{g}"): tuple(p for p in plates if p[0] == g) for g in GONDOLAS},
        facings=facings,
        obstacles=tuple(_obstacle(name) for name in GONDOLAS),
    )
    return Store(store_map, _catalog([facing.gtin for facing in facings]))


def _plates(gondola: str) -> list[Plate]:
    x, y, angle, count = GONDOLAS[gondola]
    along = (math.cos(angle), math.sin(angle))
    outward = (math.sin(angle), -math.cos(angle))
    return [
        Plate(
            plate=PlateId(f"{gondola}-{s}-{p}"),
            shelf=ShelfId(f"{gondola}-{s}"),
            device=DeviceId(f"gondola-{gondola}"),
            centre=(
                x + along[0] * (p - 0.5) * PLATE_M + outward[0] * DEPTH_M / 2,
                y + along[1] * (p - 0.5) * PLATE_M + outward[1] * DEPTH_M / 2,
                height,
            ),
            along=along,
            outward=outward,
            width_m=PLATE_M,
            depth_m=DEPTH_M,
            headroom_m=0.24,
        )
        for s, height in enumerate(SHELF_HEIGHTS_M, start=1)
        for p in range(1, count + 1)
    ]


def _obstacle(gondola: str) -> Obstacle:
    x, y, angle, count = GONDOLAS[gondola]
    length = count * PLATE_M
    along = (math.cos(angle) * length, math.sin(angle) * length)
    out = (math.sin(angle) * DEPTH_M, -math.cos(angle) * DEPTH_M)
    corners = (
        (x + out[0], y + out[1]),
        (x + out[0] + along[0], y + out[1] + along[1]),
        (x + along[0], y + along[1]),
        (x, y),
    )
    return Obstacle(name=gondola, corners=corners)


def _catalog(gtins: list[Gtin]) -> Catalog:
    products = {}
    for i, gtin in enumerate(gtins):
        mass_g = 40.0 * (1500 / 40) ** (i * 37 % len(gtins) / len(gtins))
        products[gtin] = Product(
            gtin=gtin,
            name=f"Product {gtin}",
            price=100 + i,
            tax_class="food",
            mass_g=mass_g,
            mass_std_g=0.015 * mass_g,
        )
    return Catalog(
        products=products,
        tax_rates={"food": 0},
        currency="USD",
        currency_exponent=2,
        prices_include_tax=False,
    )


@cache
def crowded_world(seed: int = 1) -> World:
    """Eight careless shoppers who have all left again, and everything they did."""
    scenario = Scenario(
        name="crowd",
        shoppers=8,
        arrivals_per_minute=40.0,
        group_sizes=(0.7, 0.3),
        actions_each=(3, 5),
        closeness_m=0.5,
        beside=0.4,
        mix=ActionMix(take=6.0, return_=2.0, misplace=1.0, touch=1.0, hold=0.5, hand_over=1.5),
    )
    world = World(scenario, aisle_store(), seed=seed, credentials=CREDENTIALS)
    world.run()
    return world


@cache
def crowded_scene(seed: int = 1) -> Scene:
    """The same, as sensors see it."""
    return crowded_world(seed).scene()


def scripted_scene(*shoppers: dict[str, Any], seed: int = 0) -> Scene:
    """Let shoppers do exactly this, in the aisle."""
    scenario = Scenario.model_validate({"name": "scripted", "scripted": shoppers})
    return build_scene(scenario, aisle_store(), seed=seed, credentials=CREDENTIALS)
