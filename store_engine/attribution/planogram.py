"""What lies where by the files: places, and how likely a take from one is of what.

A *place* is a run of neighbouring plates with the same products: planograms are made, and go out
of date, by places. It is named after its first plate.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, cached_property

from store_engine.catalog import Catalog
from store_engine.store_map import StoreMap
from store_engine.units import Gtin, PlateId

# Of what a take from a plate is, before weighing (all guesses, tuned in benchmarks):
ON_FACING = 0.961  # products listed there
BESIDE = 0.02  # products of the plates next to it, put back askew
ON_SHELF = 0.01  # products elsewhere on the same shelf
NEARBY = 0.006  # products of other shelves within an arm's reach: planograms go out of date
ELSEWHERE = 0.003  # any product
MOVED_NEAR = 0.9  # of products whose place moved, came from within reach (guess)
NEARBY_M = 1.2  # on the floor, from plate to plate (guess)

Place = PlateId


class Planogram:
    """The places of one store, and what is listed there; products without a mass left out."""

    def __init__(self, store_map: StoreMap, catalog: Catalog) -> None:
        self._map = store_map
        self.products = {g: one for g, one in catalog.products.items() if one.mass_g > 0.0}
        self.facing: Mapping[PlateId, tuple[Gtin, ...]] = {
            plate: tuple(gtin for gtin in gtins if gtin in self.products)
            for plate, gtins in store_map.products_on.items()
        }
        self.along: Mapping[PlateId, tuple[PlateId, ...]] = {
            plate: plates for plates in store_map.shelves.values() for plate in plates
        }
        self.place: Mapping[PlateId, Place] = _places(store_map, self.facing)
        self._around_place = cache(self._tiers_around)
        self._along_shelf = cache(self._tiers_along)

    @cached_property
    def places_of(self) -> Mapping[Gtin, Sequence[Place]]:
        """The places where each product is listed."""
        found: dict[Gtin, list[Place]] = {}
        for place in dict.fromkeys(self.place.values()):
            for gtin in self.facing[place]:
                found.setdefault(gtin, []).append(place)
        return found

    def astray(self, place: Place, gtin: Gtin) -> float:
        """Return the prior that a take from a place is of a product not listed there."""
        return self._around_place(place).get(gtin, ELSEWHERE / len(self.products))

    def share_of_moves(self, place: Place, gtin: Gtin) -> float:
        """Return how likely a product that lies in the wrong place is this one: mostly from near.

        All products within reach are alike: whole places change with any of them.
        """
        near = self._around_place(place)
        if gtin in near:
            return MOVED_NEAR / len(near)
        return (1 - MOVED_NEAR) / len(self.products)

    def along_shelf(self, plates: tuple[PlateId, ...]) -> Mapping[Gtin, float]:
        """Return that prior for the other products of a shelf, seen from neighbouring plates."""
        return self._along_shelf(plates)

    def _tiers_along(self, plates: tuple[PlateId, ...]) -> dict[Gtin, float]:
        along = self.along[plates[0]]
        first, last = along.index(plates[0]), along.index(plates[-1])
        beside = (*along[max(0, first - 1) : first], *along[last + 1 : last + 2])
        known = {gtin for plate in plates for gtin in self.facing[plate]}
        return self._by_tier(known, ((BESIDE, beside), (ON_SHELF, along)))

    def _tiers_around(self, place: Place) -> dict[Gtin, float]:
        plates = tuple(plate for plate in self.along[place] if self.place[plate] == place)
        found = dict(self._tiers_along(plates))
        known = {*self.facing[place], *found}
        return {**found, **self._by_tier(known, ((NEARBY, self._around(place)),))}

    def _by_tier(
        self, known: AbstractSet[Gtin], tiers: Iterable[tuple[float, Sequence[PlateId]]]
    ) -> dict[Gtin, float]:
        """Share each tier's prior among its products that are not known or of an earlier tier."""
        found: dict[Gtin, float] = {}
        for share, plates in tiers:
            gtins = dict.fromkeys(gtin for plate in plates for gtin in self.facing[plate])
            fresh = [gtin for gtin in gtins if gtin not in found and gtin not in known]
            found.update(dict.fromkeys(fresh, share / max(1, len(fresh))))
        return found

    def _around(self, place: Place) -> list[PlateId]:
        at = self._map.plates[place].centre
        return [
            plate.plate
            for plate in self._map.plates.values()
            if math.dist(plate.centre[:2], at[:2]) <= NEARBY_M
        ]


def _places(
    store_map: StoreMap, facing: Mapping[PlateId, tuple[Gtin, ...]]
) -> dict[PlateId, Place]:
    found: dict[PlateId, Place] = {}
    for plates in store_map.shelves.values():
        for before, plate in zip((None, *plates), plates, strict=False):
            same = before is not None and facing[before] == facing[plate]
            found[plate] = found[before] if same and before is not None else plate
    return found
