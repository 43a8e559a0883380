"""Which product and how many: placement score and weight score, added with fixed weights."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from benchmarks.contestants.sequential.splitting import Change
from store_engine.catalog import Catalog
from store_engine.units import Gtin, PlateId

EVENT_STD_G = 10.0  # of a measured change (published)
PRODUCT_STD_G = 10.0  # of a product's mass (published)
PLACEMENT_SHARE = 0.8  # of the score; the rest is weight (published)
VISION_SHARE = 0.2  # ... and this much more for what cameras saw in the hand (guess)
MOST_PIECES = 8  # in one change (guess)


class Guess(NamedTuple):
    """One explanation of a change. Scores 0 to 1."""

    gtin: Gtin
    quantity: int
    placement: float
    weight: float
    vision: float = 0.0

    @property
    def score(self) -> float:
        """What is compared."""
        sensed = PLACEMENT_SHARE * self.placement + (1.0 - PLACEMENT_SHARE) * self.weight
        return sensed + VISION_SHARE * self.vision


StandsOn = Callable[[Gtin, PlateId], bool]  # the planogram: may this product stand there?


def placement_score(change: Change, gtin: Gtin, stands_on: StandsOn) -> float:
    """Return the share of a change that fell on plates where a product stands."""
    total_g = change.total_g
    if total_g == 0.0:
        return 0.0
    here = (
        part_g
        for plate, part_g in zip(change.plates, change.change_g, strict=True)
        if stands_on(gtin, plate)
    )
    return min(1.0, max(0.0, sum(here) / total_g))


def weight_score(change_g: float, mass_g: float) -> float:
    """Return how well a change agrees with a mass: the common area of two Gaussians, 0 to 1.

    Two normal densities of standard deviation s whose means are d apart share erfc(d / (s 8^0.5));
    here s^2 is the mean of the two variances.
    """
    std_g = math.sqrt((EVENT_STD_G**2 + PRODUCT_STD_G**2) / 2)
    return math.erfc(abs(abs(change_g) - mass_g) / (math.sqrt(8.0) * std_g))


def pieces(change_g: float, mass_g: float, *, most: int = MOST_PIECES) -> int:
    """Return how many pieces come nearest to a change, at least one."""
    return min(most, max(1, round(abs(change_g) / mass_g)))


def best_product(
    change: Change,
    candidates: Iterable[Gtin],
    *,
    catalog: Catalog,
    stands_on: StandsOn,
    seen: Mapping[Gtin, float],
) -> Guess | None:
    """Return the best explanation of a take; None without candidates."""
    best: Guess | None = None
    for gtin in candidates:
        mass_g = catalog.products[gtin].mass_g
        quantity = pieces(change.total_g, mass_g)
        guess = Guess(
            gtin=gtin,
            quantity=quantity,
            placement=placement_score(change, gtin, stands_on),
            weight=weight_score(change.total_g, quantity * mass_g),
            vision=seen.get(gtin, 0.0),
        )
        if best is None or guess.score > best.score:
            best = guess
    return best
