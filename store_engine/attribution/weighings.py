"""What pieces of a product truly weigh, learned from pieces that were weighed.

The true mean mass m of a product is near the catalog's word m0, or plainly wrong:

    p(m) = (1 - MASS_WRONG) N(m0, (CATALOG_ERROR m0)^2) + MASS_WRONG N(m0, (MASS_WRONG_ERROR m0)^2)

Weighings are normal around m, so each part of the mixture stays normal, and which part holds
follows from how far the weighings' mean is off. Source: conjugate normal mixture, for example
Bishop (2006), "Pattern Recognition and Machine Learning", section 2.3.6.
"""

import math
from typing import NamedTuple

from store_engine.attribution.mass import (
    CATALOG_ERROR,
    CONTRADICTION,
    HANDLING_STD_G,
    MASS_WRONG,
    MASS_WRONG_ERROR,
    ProductMass,
    by_catalog,
    log_normal,
)
from store_engine.catalog import Product

PIECES_MAX = 32.0  # remembered: older ones fade, stock gets replaced (guess)
VISIT_PIECES = 3.0  # one visit is one witness: it counts for no more pieces than this (guess)
REPLACED_KEPT = 0.1  # of what was known, once weighings contradict it: other stock (guess)
SCALES_ERROR = 0.003  # masses are never known better, relative: gains of cells differ (guess)
STOCK_CHANGED = 0.005  # chance that a well-known product weighs something else now (guess)
AGREES_FROM = 4.0  # pieces weighed from which they say more than the catalog (guess)
SPREAD_FROM = 8.0  # single pieces before their spread is believed to be other than listed (guess)
SPREAD_PRIOR = 8.0  # pieces that the catalog's spread counts for (guess)
NOTHING = 1e-9  # weights below this are what rounding leaves
SPREAD_LEAST = 0.3  # of the catalog's standard deviation (guess)


class Weighing(NamedTuple):
    """Equal pieces weighed together."""

    off_g: float  # mean of a piece less the catalog's mass
    var_g2: float  # of that mean, by measuring alone
    pieces: int
    weight: float  # probability that they were these goods


class Weighings(NamedTuple):
    """Everything remembered of one product's weighings: sums that add up."""

    precision: float = 0.0  # 1 / g^2, of the mean
    pull: float = 0.0  # precision times deviation from the catalog, 1 / g
    pieces: float = 0.0
    singles: float = 0.0  # pieces weighed alone
    off: float = 0.0  # sum of their deviations, g
    off2: float = 0.0  # ... and of the squares, g^2
    noise: float = 0.0  # ... and of the measuring variances, g^2

    def plus(self, other: "Weighings", sign: float = 1.0) -> "Weighings":
        """Return both together, or without the other; never less than nothing."""
        sums = [a + sign * b for a, b in zip(self, other, strict=True)]
        return Weighings(*sums) if min(sums[0], sums[2]) > NOTHING else Weighings()

    def times(self, share: float) -> "Weighings":
        """Return only a share of all that."""
        return Weighings(*(share * value for value in self))

    @property
    def off_g(self) -> float:
        """Mean deviation from the catalog."""
        return self.pull / self.precision if self.precision else 0.0


def weighings(weighing: Weighing, product: Product) -> Weighings:
    """Return what one weighing teaches about a product."""
    share = weighing.weight * min(1.0, VISIT_PIECES / weighing.pieces)
    precision = share / (weighing.var_g2 + product.mass_std_g**2 / weighing.pieces)
    off_g, pieces = weighing.off_g, share * weighing.pieces
    if weighing.pieces > 1:
        return Weighings(precision, precision * off_g, pieces)
    sums = (share, share * off_g, share * off_g**2, share * weighing.var_g2)
    return Weighings(precision, precision * off_g, pieces, *sums)


def share_of_one_visit(found: Weighings) -> float:
    """Return by how much to scale what all pieces of one visit teach together."""
    return min(1.0, VISIT_PIECES / found.pieces) if found.pieces else 1.0


def remembered(known: Weighings, fresh: Weighings) -> Weighings:
    """Return what is known after fresh weighings; old ones fade, at once if contradicted."""
    if known.precision and fresh.precision:
        var = 1 / known.precision + 1 / fresh.precision
        if (known.off_g - fresh.off_g) ** 2 > CONTRADICTION**2 * var and known.pieces >= 1.0:
            known = known.times(REPLACED_KEPT)
    both = known.plus(fresh)
    return both.times(min(1.0, PIECES_MAX / both.pieces)) if both.pieces else both


def is_wrong(known: Weighings, product: Product) -> float:
    """Return the probability that the catalog's mass is plainly wrong."""
    if not known.precision:
        return MASS_WRONG
    var = 1 / known.precision
    right, wrong = (
        math.log(share) + log_normal(known.off_g, 0.0, var + (error * product.mass_g) ** 2)
        for share, error in ((1 - MASS_WRONG, CATALOG_ERROR), (MASS_WRONG, MASS_WRONG_ERROR))
    )
    return 1 / (1 + math.exp(min(700.0, right - wrong)))


def believed(known: Weighings, product: Product) -> ProductMass:
    """Return the belief that explanations use, on a coarse grid: without weighings the catalog's.

    On a grid so that a little more of the same evidence does not unsettle every explanation:
    errors in steps of sqrt(2), means in halves of the error; and a few pieces that weigh what the
    catalog says are no news.
    """
    wrong_catalog = bool(known.precision) and is_wrong(known, product) > 0.5
    if known.pieces < AGREES_FROM and not wrong_catalog:
        return by_catalog(product)
    share = MASS_WRONG_ERROR if wrong_catalog else CATALOG_ERROR
    prior = (share * product.mass_g) ** -2
    var = max(1 / (prior + known.precision), (SCALES_ERROR * product.mass_g) ** 2)
    steps = math.ceil(math.log2(var * prior))
    var = math.exp2(steps) / prior
    grid_g = math.sqrt(var) / 2
    off_g = round(known.pull / (prior + known.precision) / grid_g) * grid_g
    seen = math.exp2(math.floor(math.log2(known.pieces))) if known.pieces >= 1.0 else 0.0
    wrong = max(STOCK_CHANGED, MASS_WRONG / (1.0 + seen))
    return ProductMass(product.mass_g + off_g, var, _spread_g2(known, product), wrong)


def measured_var_g2(var_g2: float, pieces: int) -> float:
    """Return the variance of a piece's mean mass, of pieces that changed a plate together."""
    return (var_g2 + HANDLING_STD_G**2) / pieces**2


def _spread_g2(known: Weighings, product: Product) -> float:
    listed = product.mass_std_g**2
    if known.singles < SPREAD_FROM:
        return listed
    scatter = known.off2 - known.off**2 / known.singles - known.noise
    spread = (SPREAD_PRIOR * listed + max(0.0, scatter)) / (SPREAD_PRIOR + known.singles - 1)
    return max(SPREAD_LEAST**2 * listed, math.exp2(round(2 * math.log2(max(spread, 1e-6))) / 2))
