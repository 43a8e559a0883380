"""Which goods may have left (or come to) a plate, by planogram and mass; before asking who."""

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from store_engine.attribution.clusters import CROSSTALK, Cluster, Part
from store_engine.attribution.knowledge import NO_CHANGE, Knowledge, Lesson
from store_engine.attribution.mass import (
    CATALOG_ERROR,
    ProductMass,
    Unit,
    could_weigh,
    log_goods,
    log_no_goods,
    log_normal,
    log_units,
    weighed,
)
from store_engine.attribution.planogram import BESIDE, ON_FACING, Place, Planogram
from store_engine.catalog import Catalog
from store_engine.store_map import StoreMap
from store_engine.units import Gtin, PlateId

# Priors: what a lasting change is, before weighing and reach (all guesses, tuned in benchmarks).
TAKEN = math.log(0.6)
RETURNED = math.log(0.3)
NOT_GOODS = math.log(0.15)  # drift, nudges, bags, restocking
SHIFTED = math.log(0.1)  # goods pushed from one plate to its neighbour
# ... and of a take, which product:
BELONGS_FROM = 0.5  # probability from which a product is at home where it was found (guess)
STRAY = 0.5  # a product known to lie in this wrong place, before the goods that belong there
# ... or returned to it:
RETURN_HOME = math.log(0.85)
RETURN_ASTRAY = math.log(0.15)
# ... and how many at once:
MORE = 0.3  # each further unit in the same grab
FEW = 3
MANY_MORE = 0.6  # ... beyond these: who takes four may well take seven (guess)
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
    few = min(quantity, FEW) - 1
    return math.log(1 - MORE) + few * math.log(MORE) + (quantity - 1 - few) * math.log(MANY_MORE)


def log_nothing(part: Part) -> float:
    """Return the log weight of "no goods of ours came or went" for a part."""
    crosstalk_var = (CROSSTALK * part.crosstalk_g) ** 2
    if len(part.evidence) == 1:
        return NOT_GOODS + log_no_goods(part.change_g, part.var_g2 + crosstalk_var)
    moved_g = max(abs(one.step.change_g) for one in part.evidence)
    var = part.var_g2 + 1.0 + (CROSSTALK * moved_g) ** 2
    flat = (len(part.evidence) - 1) * math.log(2 * moved_g + 1.0)
    return SHIFTED + log_normal(part.change_g, 0.0, var) - flat


class Priors(NamedTuple):
    """How likely a take from a part is of each product, before weighing it."""

    near: Mapping[Gtin, float]  # listed there or on that shelf, or learned to be there
    held: Mapping[Gtin, float]  # how much of that comes from what the part's places hold
    plate: PlateId
    planogram: Planogram

    def astray(self, gtin: Gtin) -> float:
        """Return the prior of a product from another shelf."""
        return self.planogram.astray(self.planogram.place[self.plate], gtin)

    def of(self, gtin: Gtin) -> tuple[float, float]:
        """Return the prior of a product, and how much of it is of being there astray."""
        prior = self.near.get(gtin) or self.astray(gtin)
        return prior, prior - self.held.get(gtin, 0.0)


class Goods:
    """Products by plate and by mass: planogram and catalog as priors, corrected by what is known.

    learns: whether anything is learned at all (off to measure what it is worth).
    """

    def __init__(self, store_map: StoreMap, catalog: Catalog, *, learns: bool = True) -> None:
        self.products = catalog.products
        self.learns = learns
        self._planogram = Planogram(store_map, catalog)
        self.knowledge = Knowledge(self._planogram)
        self.strays: list[Stray] = []  # oldest first
        self._settled: dict[Place, frozenset[Gtin]] = {}  # as far as anybody asked
        self._sort()

    def _sort(self) -> None:
        gtins = self._planogram.products
        self._by_mass = sorted((self.knowledge.mass(gtin).mean_g, gtin) for gtin in gtins)

    def belongs(self, gtin: Gtin, plates: Iterable[PlateId]) -> bool:
        """Whether a product's place is on any of these plates, by planogram or as learned."""
        return any(
            gtin in self._planogram.facing[plate] or gtin in self.settled_on(plate)
            for plate in plates
        )

    def settled_on(self, plate: PlateId) -> frozenset[Gtin]:
        """Return the products that are at home on a plate though they are not listed there."""
        place = self._planogram.place[plate]
        found = self._settled.get(place)
        if found is None:
            instead = self.knowledge.outlook(place).instead.items()
            found = frozenset(gtin for gtin, probability in instead if probability >= BELONGS_FROM)
            self._settled[place] = found
        return found

    def learn(self, takes: Sequence[Lesson], time_us: int) -> Callable[[Cluster], bool] | None:
        """Learn from a visit; return which clusters that may concern, None for none."""
        changed = self.knowledge.learn(takes, time_us)
        self._settled = {}
        if changed == NO_CHANGE:
            return None
        places = dict.fromkeys(changed.plates)
        for gtin, before_g, after_g in changed.masses:
            self._by_mass.remove((before_g, gtin))
            insort(self._by_mass, (after_g, gtin))
            places.update(dict.fromkeys(self._planogram.places_of[gtin]))
        plates = frozenset(plate for place in places for plate in self._planogram.along[place])
        masses = [mass_g for _, *both in changed.masses for mass_g in both]

        def is_concerned(cluster: Cluster) -> bool:
            return any(one.step.plate in plates for one in cluster.evidence) or any(
                abs(-part.change_g - mass_g) <= _slack_g(part)
                for part in cluster.parts
                for mass_g in masses
            )

        return is_concerned

    def bundles(self, part: Part) -> list[Bundle]:
        """Return the likeliest goods that a part's loss of weight may be, best first."""
        priors = self.priors(part)
        masses = self._masses(part, priors.near)
        found = [
            bundle
            for gtin, prior in priors.near.items()
            for bundle in self._single(part, gtin, masses[gtin], math.log(prior))
        ]
        found += self._outsiders(part, priors)
        found += self._combined(part, priors.near, masses)
        found += self._strays_on(part)
        found.sort(key=lambda bundle: -bundle.log_weight)
        return found[:BUNDLES_MAX]

    def priors(self, part: Part) -> Priors:
        """Return how likely a take from a part is of each product.

        Where products differ from plate to plate, those count by their plate's share of the change.
        """
        total_g = sum(abs(one.step.change_g) for one in part.evidence) or 1.0
        held: dict[Gtin, float] = {}
        for one in part.evidence:
            share = ON_FACING * abs(one.step.change_g) / total_g
            for gtin, probability in self._held(one.step.plate, part).items():
                held[gtin] = held.get(gtin, 0.0) + share * probability
        listed = {g for plate in part.plates for g in self._planogram.facing[plate]}
        near = {g: max(BESIDE, prior) if g in listed else prior for g, prior in held.items()}
        for gtin, prior in self._planogram.along_shelf(part.plates).items():
            near[gtin] = near.get(gtin, 0.0) + prior
        return Priors(near, held, part.main_plate, self._planogram)

    def listed(self, part: Part) -> list[tuple[Gtin, float, ProductMass]]:
        """Return (product, prior of a take, mass) of what a part's places hold."""
        held = self.priors(part).held
        masses = self._masses(part, held)
        return [(gtin, prior, masses[gtin]) for gtin, prior in held.items() if prior > 0.0]

    def _held(self, plate: PlateId, part: Part) -> dict[Gtin, float]:
        """Return how likely a plate's place holds each product, as other steps tell."""
        outlook = self.knowledge.outlook(plate, [one.order for one in part.evidence])
        listed = self._planogram.facing[plate]
        held = {gtin: outlook.as_listed / len(listed) for gtin in listed}
        return {**held, **outlook.instead}

    def _masses(self, part: Part, gtins: Iterable[Gtin]) -> dict[Gtin, ProductMass]:
        besides = [one.order for one in part.evidence]
        return {gtin: self.knowledge.mass(gtin, part.main_plate, besides) for gtin in gtins}

    def _single(self, part: Part, gtin: Gtin, mass: ProductMass, log_prior: float) -> list[Bundle]:
        mass_g, std_g = -part.change_g, math.sqrt(part.var_g2)
        around = round(mass_g / mass.mean_g)
        counts = range(max(1, around - 1), min(UNITS_MAX, max(1, around + 1)) + 1)
        return [
            Bundle(
                ((gtin, (weighed(mass_g, part.var_g2, mass, n),) * n),),
                TAKEN + log_prior + log_count(n) + log_goods(mass_g, part.var_g2, ((mass, n),)),
            )
            for n in counts
            if could_weigh(mass_g, std_g, mass.mean_g, n)
        ]

    def _outsiders(self, part: Part, priors: Priors) -> list[Bundle]:
        """Return single products from elsewhere that fit best."""
        mass_g, slack_g = -part.change_g, _slack_g(part)
        low = bisect_left(self._by_mass, (mass_g - slack_g,))
        high = bisect_left(self._by_mass, (mass_g + slack_g,))
        fits = [gtin for _, gtin in self._by_mass[low:high] if gtin not in priors.near]
        masses = self._masses(part, fits)
        found = [
            bundle
            for gtin in fits
            for bundle in self._single(part, gtin, masses[gtin], math.log(priors.astray(gtin)))[:1]
        ]
        found.sort(key=lambda bundle: -bundle.log_weight)
        return found[:OUTSIDERS_MAX]

    def _combined(
        self, part: Part, near: Mapping[Gtin, float], masses: Mapping[Gtin, ProductMass]
    ) -> list[Bundle]:
        """Return two different products taken in one movement."""
        mass_g, std_g = -part.change_g, math.sqrt(part.var_g2)
        found = []
        for a, b in combinations(list(near)[:COMBINED_FROM], 2):
            first, second = masses[a], masses[b]
            for n, m in ((1, 1), (1, 2), (2, 1)):
                unit_g = n * first.mean_g + m * second.mean_g
                if not could_weigh(mass_g, std_g, unit_g, 1):
                    continue
                prior = math.log(near[a] * near[b]) + COMBINED + log_count(n) + log_count(m)
                density = log_goods(mass_g, part.var_g2, ((first, n), (second, m)))
                items = ((a, (_piece(first),) * n), (b, (_piece(second),) * m))
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

    def snapshot(self) -> dict[str, Any]:
        """Return what is known beyond planogram and catalog as plain values."""
        strays = [[it.plate, it.gtin, *it.unit, it.probability] for it in self.strays]
        return {"strays": strays, "knowledge": self.knowledge.snapshot()}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Know what was known at `snapshot`."""
        self.knowledge.restore(snapshot["knowledge"])
        self._settled = {}
        self.strays = [
            Stray(PlateId(plate), Gtin(gtin), Unit(mass_g, var_g2), probability)
            for plate, gtin, mass_g, var_g2, probability in snapshot["strays"]
        ]
        self._sort()


def _slack_g(part: Part) -> float:
    """Return how far off a product from elsewhere may be in mass to be considered."""
    return 3 * (math.sqrt(part.var_g2) + CATALOG_ERROR * abs(part.change_g)) + 1.0


def _piece(mass: ProductMass) -> Unit:
    return Unit(mass.mean_g, mass.spread_g2 + mass.error_g2)
