"""How well goods explain a change of weight. Log densities per gram."""

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from store_engine.catalog import Product

CATALOG_ERROR = 0.02  # std of a catalog mass against the true mean, relative (guess)
HANDLING_STD_G = 1.0  # what a hand moves on a plate besides (guess)
MASS_WRONG = 0.03  # share of products whose catalog mass is plainly wrong (shared store facts)
MASS_WRONG_ERROR = 0.15  # ... and by how much, relative std (guess)

CONTRADICTION = 4.0  # standard deviations between catalog and scales (guess)
REWEIGH_WRONG = 0.03  # share of pieces that come back lighter or only half on a plate (guess)
REWEIGH_ERROR = 0.03  # ... and by how much, relative std (guess)

# What changes a plate when no goods of ours moved, as a mixture:
DRIFT = (0.6, 5.0)  # share, std in grams: drift, something nudged (guess)
BUMP = (0.3, 50.0)  # share, scale in grams: heavier nudges, tags, hands that never left (guess)
OBJECT = (0.1, 20_000.0)  # share, half-range in grams: bags, crates; a plate is rated 20 kg


class Unit(NamedTuple):
    """One piece of goods as weighed when it left (or came to) a plate."""

    mass_g: float
    var_g2: float


class ProductMass(NamedTuple):
    """What is believed about one product's mass: the catalog's word, until pieces were weighed.

    Its true mean is N(mean_g, error_g2), or with probability `wrong` anything about as heavy.
    """

    mean_g: float
    error_g2: float
    spread_g2: float  # from piece to piece
    wrong: float


def by_catalog(product: Product) -> ProductMass:
    """Return what the catalog alone makes believe."""
    error_g2 = (CATALOG_ERROR * product.mass_g) ** 2
    return ProductMass(product.mass_g, error_g2, product.mass_std_g**2, MASS_WRONG)


def log_normal(x: float, mean: float, var: float) -> float:
    """Return log N(x; mean, var)."""
    return -0.5 * ((x - mean) ** 2 / var + math.log(2 * math.pi * var))


def log_sum(terms: Iterable[float]) -> float:
    """Return log sum exp(terms), minus infinity when there are none."""
    values = list(terms)
    top = max(values, default=-math.inf)
    if top == -math.inf:
        return top
    return top + math.log(sum(math.exp(value - top) for value in values))


def log_goods(mass_g: float, var_g2: float, goods: Iterable[tuple[ProductMass, int]]) -> float:
    """Return the log density of `mass_g` being these goods.

    mass_g: weight that left a plate, > 0, measured with variance `var_g2`.
    The sum of n units has mean n m and variance n s^2 + (n e)^2: unit-to-unit spread averages
    out, an error of the mean does not.
    """
    mean = spread = tight = wide = wrong = 0.0
    for mass, quantity in goods:
        total_g = quantity * mass.mean_g
        mean += total_g
        spread += quantity * mass.spread_g2
        tight += quantity**2 * mass.error_g2
        wide += (MASS_WRONG_ERROR * total_g) ** 2
        wrong = max(wrong, mass.wrong)
    base = var_g2 + HANDLING_STD_G**2 + spread
    log_right, log_wrong = _log_odds(wrong)
    return log_sum(
        (
            log_right + log_normal(mass_g, mean, base + tight),
            log_wrong + log_normal(mass_g, mean, base + wide),
        )
    )


@lru_cache(maxsize=1024)
def _log_odds(wrong: float) -> tuple[float, float]:
    return math.log(1 - wrong), math.log(wrong)


def log_units(mass_g: float, var_g2: float, units: Iterable[Unit]) -> float:
    """Return the log density of `mass_g` being these very pieces, weighed before."""
    known = list(units)
    mean = sum(unit.mass_g for unit in known)
    base = var_g2 + HANDLING_STD_G**2 + sum(unit.var_g2 for unit in known)
    return log_sum(
        (
            math.log(1 - REWEIGH_WRONG) + log_normal(mass_g, mean, base),
            math.log(REWEIGH_WRONG) + log_normal(mass_g, mean, base + (REWEIGH_ERROR * mean) ** 2),
        )
    )


def log_no_goods(change_g: float, var_g2: float) -> float:
    """Return the log density of a lasting change that no shopper's goods caused."""
    drift, drift_std_g = DRIFT
    bump, bump_scale_g = BUMP
    thing, half_range_g = OBJECT
    terms = [
        math.log(drift) + log_normal(change_g, 0.0, var_g2 + drift_std_g**2),
        math.log(bump / (2 * bump_scale_g)) - abs(change_g) / bump_scale_g,
    ]
    if abs(change_g) <= half_range_g:
        terms.append(math.log(thing / (2 * half_range_g)))
    return log_sum(terms)


def weighed(change_g: float, var_g2: float, product: ProductMass, quantity: int) -> Unit:
    """Return what one of `quantity` equal pieces weighs, given the change they made together.

    Their mean is measured with var / n^2 and fused with what was believed (unless they contradict:
    then the belief is wrong); one piece differs from it by the unit-to-unit spread.
    """
    mean, var = abs(change_g) / quantity, (var_g2 + HANDLING_STD_G**2) / quantity**2
    prior_var = product.spread_g2 / quantity + product.error_g2
    if (mean - product.mean_g) ** 2 <= CONTRADICTION**2 * (prior_var + var):
        gain = prior_var / (prior_var + var)
        mean, var = product.mean_g + gain * (mean - product.mean_g), gain * var
    return Unit(mean, var + product.spread_g2 * (1 - 1 / quantity))


def could_weigh(mass_g: float, std_g: float, unit_g: float, quantity: int) -> bool:
    """Whether units of a mean mass might explain `mass_g` at all; generous, spares work."""
    slack_g = 6 * std_g + 10.0 + 3 * MASS_WRONG_ERROR * quantity * unit_g
    return abs(mass_g - quantity * unit_g) <= slack_g


def could_reweigh(mass_g: float, std_g: float, unit_g: float, quantity: int) -> bool:
    """Whether pieces weighed before at `unit_g` each might explain `mass_g` at all."""
    slack_g = 6 * std_g + 5.0 + 2 * REWEIGH_ERROR * quantity * unit_g
    return abs(mass_g - quantity * unit_g) <= slack_g
