"""How products and places are chosen: drawn from a store's catalog and map, by stated rules."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Literal, TypeVar

import numpy as np

from sim.floor import Floor
from store_engine.catalog import Product
from store_engine.errors import ConfigError
from store_engine.store import Store
from store_engine.store_map import Facing, Plate

T = TypeVar("T")
Range = tuple[float, float]
Side = Literal["left", "right"]

# Surfaces that adults of 1.50 m to 1.95 m reach without stooping to the floor or standing on
# tiptoe (sim/shoppers.py draws their heights); a child of 1.0 m reaches to about 1.1 m.
ADULT_REACH_M: Range = (0.4, 1.45)
CHILD_REACH_M: Range = (0.3, 0.95)
ANY_MASS_G: Range = (28.0, 2000.0)  # 28 g: the lightest bags; all are above a noisy plate's noise
TO_ONE_SIDE_M: Range = (0.30, 0.45)  # where people stand when sent to one side of a product
BEFORE_M: Range = (0.32, 0.46)  # ... and from the edge of the shelf
BESIDE_M = 0.40  # neighbours' middles are nearer than this: one arm's width (guess)


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A product where it stands: the only facing of that product, so its GTIN names the place."""

    product: Product
    facing: Facing
    plates: tuple[Plate, ...]

    @property
    def gtin(self) -> str:
        """The product's code."""
        return str(self.product.gtin)

    @property
    def mass_g(self) -> float:
        """Mean mass of one unit."""
        return self.product.mass_g

    @property
    def shelf(self) -> str:
        """The shelf it stands on."""
        return str(self.plates[0].shelf)

    @property
    def gondola(self) -> str:
        """The gondola that shelf is on."""
        return self.shelf.rpartition("-")[0]

    @property
    def middle_plate(self) -> str:
        """The plate in the middle of the facing."""
        return str(self.plates[len(self.plates) // 2].plate)

    def end(self, side: Side) -> str:
        """Return the plate at one end of the facing, as seen from the aisle."""
        return str(self.plates[0 if side == "left" else -1].plate)

    @property
    def height_m(self) -> float:
        """Height of the surface it stands on."""
        return self.plates[0].centre[2]

    @property
    def length_m(self) -> float:
        """Length along the shelf."""
        return sum(plate.width_m for plate in self.plates)

    @cached_property
    def front(self) -> tuple[float, float]:
        """Middle of the front edge, metres."""
        x, y = (np.mean([plate.centre[i] for plate in self.plates]) for i in (0, 1))
        out = self.plates[0].outward
        half = self.plates[0].depth_m / 2
        return float(x + out[0] * half), float(y + out[1] * half)


def apart_m(one: Spot, two: Spot) -> float:
    """Return the distance between the middles of two front edges, on the floor."""
    return math.dist(one.front, two.front)


def along_m(one: Spot, two: Spot) -> float:
    """Return how far `two` is to the right of `one`, as seen from the aisle."""
    along = one.plates[0].along
    return (two.front[0] - one.front[0]) * along[0] + (two.front[1] - one.front[1]) * along[1]


def unlike(one: Spot, two: Spot) -> float:
    """Return by which share of the heavier one two products differ in mass: 0 is alike."""
    return abs(one.mass_g - two.mass_g) / max(one.mass_g, two.mass_g)


def stds_apart(one: Spot, two: Spot) -> float:
    """Return how many unit-to-unit standard deviations two masses lie apart."""
    spread = math.hypot(one.product.mass_std_g, two.product.mass_std_g)
    return abs(one.mass_g - two.mass_g) / spread


class Shop:
    """The places of one store, and the dice of one trial."""

    def __init__(self, store: Store, rng: np.random.Generator) -> None:
        self.store, self.rng = store, rng
        count = Counter(facing.gtin for facing in store.map.facings)
        self.everywhere = tuple(
            _spot(store, facing) for facing in store.map.facings if count[facing.gtin] == 1
        )

    def spots(
        self,
        *,
        reach_m: Range = ADULT_REACH_M,
        mass_g: Range = ANY_MASS_G,
        gondolas: Sequence[str] = (),
        least_length_m: float = 0.0,
    ) -> list[Spot]:
        """Return the places within reach whose product's mass is in range."""
        return [
            spot
            for spot in self.everywhere
            if reach_m[0] <= spot.height_m <= reach_m[1]
            and mass_g[0] <= spot.mass_g <= mass_g[1]
            and (not gondolas or spot.gondola in gondolas)
            and spot.length_m >= least_length_m
        ]

    @cached_property
    def _floor(self) -> Floor:
        return Floor(self.store.map)

    def room(self, spot: Spot, side: Side) -> bool:
        """Return whether somebody can stand to one side of a place, as seen from the aisle."""
        sign = -1 if side == "left" else 1
        plate = spot.plates[0]
        stands = [
            np.array(spot.front)
            + sign * aside * np.array(plate.along)
            + out * np.array(plate.outward)
            for aside in (TO_ONE_SIDE_M[0], TO_ONE_SIDE_M[1] + spot.length_m / 2)
            for out in BEFORE_M
        ]
        return all(self._floor.standable(stand) for stand in stands)

    def one(self, options: Iterable[T]) -> T:
        """Return one of `options`, all alike. Raises `ConfigError` when there is none."""
        choices = list(options)
        if not choices:
            raise ConfigError(
                f"store {self.store.map.store}: no place fits the rules of this trial"
            )
        return choices[int(self.rng.integers(len(choices)))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """Return `count` different ones of `options`, in random order."""
        if len(options) < count:
            raise ConfigError(
                f"store {self.store.map.store}: {count} places wanted of {len(options)}"
            )
        return [options[int(i)] for i in self.rng.permutation(len(options))[:count]]

    def pair(
        self, fits: Callable[[Spot, Spot], bool], spots: Sequence[Spot] | None = None
    ) -> tuple[Spot, Spot]:
        """Return two places that fit together, in the order `fits` was asked: any such, alike."""
        pairs = list(permutations(self.spots() if spots is None else spots, 2))
        for i in self.rng.permutation(len(pairs)):
            if fits(*pairs[int(i)]):
                return pairs[int(i)]
        raise ConfigError(f"store {self.store.map.store}: no two places fit this trial's rules")

    def near(
        self,
        spot: Spot,
        *,
        within_m: float,
        beyond_m: float = 0.0,
        besides: Sequence[Spot] = (),
    ) -> Spot:
        """Return another place near `spot`, and not one of `besides`; the nearest if need be."""
        taken = {spot.gtin, *(other.gtin for other in besides)}
        free = [s for s in self.spots() if s.gtin not in taken]
        near = [s for s in free if beyond_m <= apart_m(spot, s) <= within_m]
        return self.one(near or sorted(free, key=lambda s: apart_m(spot, s))[:1])

    def number(self, span: Range) -> float:
        """Return a number from a range, in hundredths: scenarios stay readable."""
        return round(float(self.rng.uniform(*span)), 2)


def _spot(store: Store, facing: Facing) -> Spot:
    plates = tuple(store.map.plates[plate] for plate in facing.plates)
    return Spot(product=store.catalog.products[facing.gtin], facing=facing, plates=plates)
