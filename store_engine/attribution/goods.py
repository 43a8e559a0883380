"""Which goods may have left (or come to) a plate, by planogram and mass; before asking who."""

import math
from bisect import bisect_left
from collections.abc import Iterable
from itertools import combinations
from typing import Any, NamedTuple

from store_engine.attribution.clusters import CROSSTALK, Part
from store_engine.attribution.mass import (
    CATALOG_ERROR,
    Unit,
    could_weigh,
    log_goods,
    log_no_goods,
    log_normal,
    log_units,
    weighed,
)
from store_engine.catalog import Catalog, Product
from store_engine.store_map import StoreMap
from store_engine.units import Gtin, PlateId

# Priors: what a lasting change is, before weighing and reach (all guesses, tuned in benchmarks).
TAKEN = math.log(0.6)
RETURNED = math.log(0.3)
NOT_GOODS = math.log(0.15)  # drift, nudges, bags, restocking
SHIFTED = math.log(0.1)  # goods pushed from one plate to its neighbour
# ... and which product was taken from a plate:
ON_FACING = 0.965
BESIDE = 0.02  # products of the plates next to it, put back askew
ON_SHELF = 0.01  # products elsewhere on the same shelf
ELSEWHERE = 0.005  # any product: planograms go out of date
STRAY = 0.5  # a product known to lie in this wrong place, before the goods that belong there
# ... or returned to it:
RETURN_HOME = math.log(0.85)
RETURN_ASTRAY = math.log(0.15)
# ... and how many at once:
MORE = 0.3  # each further unit in the same grab
UNITS_MAX = 8
COMBINED = math.log(0.05)  # two different products in one movement

BUNDLES_MAX = 12  # kept per part
COMBINED_FROM = 6  # products considered for combinations
OUTSIDERS_MAX = 4  # products from elsewhere, closest in mass


class Bundle(NamedTuple):
    """Goods that one movement may have taken; each piece with its mass as weighed."""

    items: tuple[tuple[Gtin, tuple[Unit, ...]], ...]
    log_weight: float
    stray: bool = False  # it lay in a wrong place, remembered from an earlier visit


class Stray(NamedTuple):
    """A product left in a wrong place by somebody who is gone."""

    plate: PlateId
    gtin: Gtin
    unit: Unit
    probability: float


def log_count(quantity: int) -> float:
    """Return the log prior of taking or returning `quantity` at once."""
    return math.log(1 - MORE) + (quantity - 1) * math.log(MORE)


def log_nothing(part: Part) -> float:
    """Return the log weight of "no goods of ours came or went" for a part."""
    crosstalk_var = (CROSSTALK * part.crosstalk_g) ** 2
    if len(part.evidence) == 1:
        return NOT_GOODS + log_no_goods(part.change_g, part.var_g2 + crosstalk_var)
    moved_g = max(abs(one.step.change_g) for one in part.evidence)
    var = part.var_g2 + 1.0 + (CROSSTALK * moved_g) ** 2
    flat = (len(part.evidence) - 1) * math.log(2 * moved_g + 1.0)
    return SHIFTED + log_normal(part.change_g, 0.0, var) - flat


class Goods:
    """Products by plate and by mass: the planogram as a prior."""

    def __init__(self, store_map: StoreMap, catalog: Catalog) -> None:
        self.products = catalog.products
        self.facing = {
            plate: tuple(gtin for gtin in gtins if _is_weighable(catalog, gtin))
            for plate, gtins in store_map.products_on.items()
        }
        self._along = {plate: plates for plates in store_map.shelves.values() for plate in plates}
        sound = (product for product in catalog.products.values() if product.mass_g > 0.0)
        self._by_mass = sorted(sound, key=lambda product: (product.mass_g, product.gtin))
        self._masses = [product.mass_g for product in self._by_mass]
        self.strays: list[Stray] = []  # oldest first

    def belongs(self, gtin: Gtin, plates: Iterable[PlateId]) -> bool:
        """Whether the planogram puts a product on any of these plates."""
        return any(gtin in self.facing[plate] for plate in plates)

    def bundles(self, part: Part) -> list[Bundle]:
        """Return the likeliest goods that a part's loss of weight may be, best first."""
        near = self._near(part)
        found = [
            bundle
            for gtin, prior in near.items()
            for bundle in self._single(part, self.products[gtin], math.log(prior))
        ]
        found += self._outsiders(part, near)
        found += self._combined(part, near)
        found += self._strays_on(part)
        found.sort(key=lambda bundle: -bundle.log_weight)
        return found[:BUNDLES_MAX]

    def _near(self, part: Part) -> dict[Gtin, float]:
        """Return the planogram prior of products on, beside and along from a part's plates.

        Where products differ from plate to plate, those count by their plate's share of the change.
        """
        total_g = sum(abs(one.step.change_g) for one in part.evidence) or 1.0
        prior: dict[Gtin, float] = {}
        for one in part.evidence:
            gtins = self.facing[one.step.plate]
            for gtin in gtins:
                share = abs(one.step.change_g) / total_g / len(gtins)
                prior[gtin] = max(BESIDE, prior.get(gtin, 0.0) + ON_FACING * share)
        along = self._along[part.plates[0]]
        first, last = along.index(part.plates[0]), along.index(part.plates[-1])
        beside = (*along[max(0, first - 1) : first], *along[last + 1 : last + 2])
        for share, plates in ((BESIDE, beside), (ON_SHELF, along)):
            gtins = tuple(dict.fromkeys(gtin for plate in plates for gtin in self.facing[plate]))
            fresh = [gtin for gtin in gtins if gtin not in prior]
            prior.update(dict.fromkeys(fresh, share / max(1, len(fresh))))
        return prior

    def _single(self, part: Part, product: Product, log_prior: float) -> list[Bundle]:
        mass_g, std_g = -part.change_g, math.sqrt(part.var_g2)
        around = round(mass_g / product.mass_g)
        counts = range(max(1, around - 1), min(UNITS_MAX, max(1, around + 1)) + 1)
        return [
            Bundle(
                ((product.gtin, (weighed(mass_g, part.var_g2, product, n),) * n),),
                TAKEN + log_prior + log_count(n) + log_goods(mass_g, part.var_g2, ((product, n),)),
            )
            for n in counts
            if could_weigh(mass_g, std_g, product.mass_g, n)
        ]

    def _outsiders(self, part: Part, near: dict[Gtin, float]) -> list[Bundle]:
        """Return single products from elsewhere whose mass fits best."""
        mass_g = -part.change_g
        slack_g = 3 * (math.sqrt(part.var_g2) + CATALOG_ERROR * mass_g) + 1.0
        low = bisect_left(self._masses, mass_g - slack_g)
        high = bisect_left(self._masses, mass_g + slack_g)
        fits = [product for product in self._by_mass[low:high] if product.gtin not in near]
        fits.sort(key=lambda product: (abs(product.mass_g - mass_g), product.gtin))
        log_prior = math.log(ELSEWHERE / len(self._by_mass)) if fits else 0.0
        bundles = [self._single(part, product, log_prior) for product in fits[:OUTSIDERS_MAX]]
        return [bundle for one in bundles for bundle in one[:1]]

    def _combined(self, part: Part, near: dict[Gtin, float]) -> list[Bundle]:
        """Return two different products taken in one movement."""
        mass_g, std_g = -part.change_g, math.sqrt(part.var_g2)
        found = []
        for a, b in combinations(list(near)[:COMBINED_FROM], 2):
            first, second = self.products[a], self.products[b]
            for n, m in ((1, 1), (1, 2), (2, 1)):
                unit_g = n * first.mass_g + m * second.mass_g
                if not could_weigh(mass_g, std_g, unit_g, 1):
                    continue
                prior = math.log(near[a] * near[b]) + COMBINED + log_count(n) + log_count(m)
                density = log_goods(mass_g, part.var_g2, ((first, n), (second, m)))
                items = ((a, (_by_catalog(first),) * n), (b, (_by_catalog(second),) * m))
                found.append(Bundle(items, TAKEN + prior + density))
        return found

    def _strays_on(self, part: Part) -> list[Bundle]:
        mass_g = -part.change_g
        return [
            Bundle(
                ((stray.gtin, (Unit(mass_g, part.var_g2 + 1.0),)),),
                TAKEN
                + math.log(STRAY * stray.probability)
                + log_units(mass_g, part.var_g2, (stray.unit,)),
                stray=True,
            )
            for stray in self.strays
            if stray.plate in part.plates and stray.gtin in self.products
        ]

    def snapshot(self) -> list[Any]:
        """Return what is remembered of strays as plain values."""
        return [[stray.plate, stray.gtin, *stray.unit, stray.probability] for stray in self.strays]

    def restore(self, snapshot: list[Any]) -> None:
        """Remember the strays of `snapshot`."""
        self.strays = [
            Stray(PlateId(plate), Gtin(gtin), Unit(mass_g, var_g2), probability)
            for plate, gtin, mass_g, var_g2, probability in snapshot
        ]


def _is_weighable(catalog: Catalog, gtin: Gtin) -> bool:
    """Goods without a mass cannot be told from nothing: they are never attributed."""
    return gtin in catalog.products and catalog.products[gtin].mass_g > 0.0


def _by_catalog(product: Product) -> Unit:
    return Unit(product.mass_g, product.mass_std_g**2 + (CATALOG_ERROR * product.mass_g) ** 2)
