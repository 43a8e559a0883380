"""When the shopkeeper is told that catalog or planogram must be wrong, and by which evidence."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from store_engine.attribution.contents import Outlook
from store_engine.attribution.planogram import Place
from store_engine.attribution.weighings import Weighings, is_wrong
from store_engine.catalog import Product
from store_engine.signals import DoubtKind, ShelfDoubt
from store_engine.units import Gtin, MessageRef, PlateId

SURE_MOVED = 0.95  # probability that another product lies in a place (guess)
SURE_WRONG = 0.99  # probability that a catalog mass is plainly wrong (guess)
SURE_LISTED = 0.9  # ... while its place surely holds it (guess)
WRONG_FROM = 0.03  # relative; smaller errors hurt nobody (guess: they drown in CATALOG_ERROR)
VISITS_FROM = 2  # different visits must have shown it (guess: one may be somebody's trick)
CHANGED = 0.05  # relative; a mass told before is told again when it is this far off that (guess)
CAUSES_MAX = 16  # the latest

Key = tuple[Place, Gtin]


class Tally(NamedTuple):
    """How often a product was seen at a place."""

    visits: int = 0
    pieces: int = 0
    plate: PlateId = PlateId("")  # the last one
    causes: tuple[MessageRef, ...] = ()

    def plus(self, other: "Tally") -> "Tally":
        """Return both together, `other` the later one."""
        causes = (*self.causes, *other.causes)[-CAUSES_MAX:]
        visits, pieces = self.visits + other.visits, self.pieces + other.pieces
        return Tally(visits, pieces, other.plate, causes)


class Doubts:
    """What was seen, what was told, and what is to be told now."""

    def __init__(self) -> None:
        self._seen: dict[Key, Tally] = {}
        self._told: dict[Key, float] = {}  # with the mass told of it, 0 for one that moved
        self._new: list[ShelfDoubt] = []

    def see(self, key: Key, tally: Tally) -> None:
        """Remember that a visit took a product at a place."""
        self._seen[key] = self._seen.get(key, Tally()).plus(tally)

    def look_for_moved(
        self, place: Place, listed: tuple[Gtin, ...], outlook: Outlook, time_us: int
    ) -> None:
        """Tell which other product lies in a place; take it back when it does no longer."""
        for key in [key for key in self._seen if key[0] == place and key[1] not in listed]:
            tally, sure = self._seen[key], outlook.instead.get(key[1], 0.0)
            if sure < SURE_MOVED or tally.visits < VISITS_FROM:
                if sure < 1 - SURE_MOVED:
                    self._told.pop(key, None)
            elif key not in self._told:
                self._told[key] = 0.0
                self._new.append(_doubt("planogram", key[1], listed, tally, time_us))

    def look_for_wrong(
        self, place: Place, product: Product, known: Weighings, outlook: Outlook, time_us: int
    ) -> None:
        """Tell that a product does not weigh what the catalog says."""
        key, tally = (place, product.gtin), self._seen.get((place, product.gtin), Tally())
        found_g = product.mass_g + known.off_g
        told_g = self._told.get(key, product.mass_g)
        is_new = abs(found_g - told_g) >= (CHANGED if key in self._told else WRONG_FROM) * told_g
        sure = is_wrong(known, product) >= SURE_WRONG and outlook.as_listed >= SURE_LISTED
        if is_new and sure and tally.visits >= VISITS_FROM:
            self._told[key] = found_g
            mass = (product.mass_g, found_g, 1 / math.sqrt(known.precision))
            self._new.append(
                _doubt("catalog_mass", product.gtin, (product.gtin,), tally, time_us, mass)
            )

    def forget(self, place: Place, kept: frozenset[Gtin]) -> None:
        """Drop what was seen at a place of products that are not looked at any more."""
        for key in [key for key in self._seen if key[0] == place and key[1] not in kept]:
            del self._seen[key]
            self._told.pop(key, None)

    def take(self) -> list[ShelfDoubt]:
        """Return what is to be told, once."""
        new, self._new = self._new, []
        return new

    def snapshot(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "seen": [[*key, *it[:3], list(it.causes)] for key, it in self._seen.items()],
            "new": [msgspec.to_builtins(doubt) for doubt in self._new],
            "told": [[*key, mass_g] for key, mass_g in self._told.items()],
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Become what took `snapshot`."""
        self._new = [msgspec.convert(doubt, ShelfDoubt) for doubt in snapshot["new"]]
        self._told = {(place, gtin): mass_g for place, gtin, mass_g in snapshot["told"]}
        self._seen = {
            (place, gtin): Tally(visits, pieces, plate, tuple(causes))
            for place, gtin, visits, pieces, plate, causes in snapshot["seen"]
        }


def _doubt(
    kind: DoubtKind,
    gtin: Gtin,
    listed: tuple[Gtin, ...],
    tally: Tally,
    time_us: int,
    mass: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> ShelfDoubt:
    return ShelfDoubt(
        kind=kind,
        gtin=gtin,
        plate=tally.plate,
        listed=listed,
        expected_g=mass[0],
        found_g=mass[1],
        std_g=mass[2],
        count=tally.pieces,
        time_us=time_us,
        causes=tuple(dict.fromkeys(tally.causes)),
    )
