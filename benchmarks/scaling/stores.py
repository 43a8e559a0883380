"""Stores of any number of shelves: one gondola of the nanostore, over and over.

Gondolas stand in rows, shoppers before them in aisles, a corridor at both ends. Every shelf has
the plates and facings of its original; every gondola has products of its own, with the masses and
prices of the originals: a larger shop sells more things, not more of the same.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from store_engine.catalog import Product
from store_engine.store import Store
from store_engine.store_files import load_store
from store_engine.store_map import Facing, Gate, Obstacle, Plate, StoreMap
from store_engine.units import DeviceId, GateId, Gtin, PlateId, ShelfId, StoreId

NANOSTORE = Path(__file__).parents[2] / "configs" / "nanostore"
MODEL = "1"  # the gondola that is repeated: 6 shelves of 12 plates
AISLE_M = 2.0  # of floor before a row of gondolas (guess: supermarkets have 1.8 m to 2.4 m)
CORRIDOR_M = 2.4  # of floor at both ends of the rows (guess)
GATE_M = 1.2  # width of a gate
GATES_MOST = 4  # one for each aisle, as far as that goes
OWN_CODES = 200_000_000_000  # GTIN-13 with prefix 2, its check digit left out: a shop's own codes


@dataclass(frozen=True, kw_only=True)
class Gondola:
    """A gondola with what stands on it."""

    plates: tuple[Plate, ...]
    facings: tuple[Facing, ...]
    products: tuple[Product, ...]
    obstacle: Obstacle


class Layout(NamedTuple):
    """How many gondolas stand in how many rows, and how far apart. Metres."""

    in_row: int
    rows: int
    width_m: float  # of a gondola
    pitch_m: float  # from row to row: an aisle and the depth of a gondola

    @classmethod
    def of(cls, gondolas: int, model: Obstacle) -> "Layout":
        """Return a layout about as long as it is deep."""
        (left, front), (right, back) = model.corners[0], model.corners[2]
        width_m, pitch_m = right - left, back - front + AISLE_M
        in_row = max(1, round(math.sqrt(gondolas * pitch_m / width_m)))
        return cls(in_row, math.ceil(gondolas / in_row), width_m, pitch_m)

    def shift(self, number: int) -> tuple[float, float]:
        """Return where gondola `number` (from 0) stands, as a shift of the first, metres."""
        row, place = divmod(number, self.in_row)
        return place * self.width_m, row * self.pitch_m


def store_of(shelves: int) -> Store:
    """Return a store with this many shelves, an upstream 3-D tracker and no cameras."""
    original = load_store(NANOSTORE)
    model = _model(original)
    per_gondola = len({plate.shelf for plate in model.plates})
    sizes = [min(per_gondola, shelves - i) for i in range(0, shelves, per_gondola)]
    layout = Layout.of(len(sizes), model.obstacle)
    gondolas = [
        _copy(model, number, shelves=size, by=layout.shift(number))
        for number, size in enumerate(sizes)
    ]
    products = {product.gtin: product for one in gondolas for product in one.products}
    store_map = StoreMap(
        store=StoreId(f"shelves-{shelves}"),
        floor=_floor(model.obstacle, layout),
        gates={gate.gate: gate for gate in _gates(model.obstacle, layout)},
        cameras={},
        trackers=(DeviceId("tracker-1"),),
        plates={plate.plate: plate for one in gondolas for plate in one.plates},
        cells={one.plates[0].device: tuple(p.plate for p in one.plates) for one in gondolas},
        facings=tuple(facing for one in gondolas for facing in one.facings),
        obstacles=tuple(one.obstacle for one in gondolas),
    )
    return Store(store_map, replace(original.catalog, products=products))


def _model(store: Store) -> Gondola:
    plates = tuple(p for p in store.map.plates.values() if p.shelf.startswith(f"{MODEL}-"))
    own = {plate.plate for plate in plates}
    facings = tuple(facing for facing in store.map.facings if own.issuperset(facing.plates))
    (obstacle,) = (one for one in store.map.obstacles if one.name == f"gondola {MODEL}")
    gtins = dict.fromkeys(facing.gtin for facing in facings)
    products = tuple(store.catalog.products[gtin] for gtin in gtins)
    return Gondola(plates=plates, facings=facings, products=products, obstacle=obstacle)


def _named(code: str, name: str) -> str:
    """Return a plate's or shelf's id with the gondola called something else."""
    return f"{name}-{code.split('-', 1)[1]}"


def _copy(model: Gondola, number: int, *, shelves: int, by: tuple[float, float]) -> Gondola:
    """Return the lowest `shelves` of the model, shifted, under names and codes of their own."""
    name, first = str(number + 1), number * len(model.products)
    kept = list(dict.fromkeys(plate.shelf for plate in model.plates))[:shelves]
    code_of = {
        product.gtin: _gtin13(OWN_CODES + first + place)
        for place, product in enumerate(model.products)
    }
    plates = tuple(_plate(p, name, by) for p in model.plates if p.shelf in kept)
    own = {plate.plate for plate in plates}
    facings = tuple(
        Facing(
            gtin=code_of[facing.gtin], plates=tuple(PlateId(_named(p, name)) for p in facing.plates)
        )
        for facing in model.facings
    )
    return Gondola(
        plates=plates,
        facings=tuple(facing for facing in facings if own.issuperset(facing.plates)),
        products=tuple(replace(one, gtin=code_of[one.gtin]) for one in model.products),
        obstacle=Obstacle(
            name=f"gondola {name}",
            corners=tuple((x + by[0], y + by[1]) for x, y in model.obstacle.corners),
        ),
    )


def _plate(plate: Plate, name: str, by: tuple[float, float]) -> Plate:
    x, y, z = plate.centre
    return replace(
        plate,
        plate=PlateId(_named(plate.plate, name)),
        shelf=ShelfId(_named(plate.shelf, name)),
        device=DeviceId(f"gondola-{name}"),
        centre=(x + by[0], y + by[1], z),
    )


def _floor(model: Obstacle, layout: Layout) -> tuple[tuple[float, float], ...]:
    """Return the rectangle around all rows: an aisle before each, corridors at their ends."""
    (left, front), (_, back) = model.corners[0], model.corners[2]
    low = (left - CORRIDOR_M, front - AISLE_M)
    high = (
        left + layout.in_row * layout.width_m + CORRIDOR_M,
        back + (layout.rows - 1) * layout.pitch_m,
    )
    return low, (high[0], low[1]), high, (low[0], high[1])


def _gates(model: Obstacle, layout: Layout) -> Iterator[Gate]:
    """Yield gates in the west wall, each at the end of an aisle."""
    left, front = model.corners[0]
    x = left - CORRIDOR_M
    for row in range(min(layout.rows, GATES_MOST)):
        y = front - AISLE_M / 2 + row * layout.pitch_m
        ends = ((x, y - GATE_M / 2), (x, y + GATE_M / 2))
        yield Gate(gate=GateId(f"door-{row + 1}"), ends=ends, inward=(1.0, 0.0))


def _gtin13(digits: int) -> Gtin:
    """Return twelve digits with their check digit (GS1 General Specifications, 7.9)."""
    text = f"{digits:012d}"
    return Gtin(text + str(-_weighted([int(digit) for digit in text]) % 10))


def _weighted(digits: Sequence[int]) -> int:
    return sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits))
