"""What truly lies in a place, learned from what was taken there.

A place holds what is listed, or one other product instead: the planogram is out of date. Takes
are independent given what it holds, so each adds its log likelihood ratio to the log odds of
every product against what is listed (a naive Bayes filter, kept within bounds so that it can turn
round, as occupancy grids are: Hornung et al. (2013), "OctoMap", section 3.2).
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from store_engine.attribution.planogram import ON_FACING
from store_engine.units import Gtin

OTHERS = Gtin("")  # stands for every product that is not named
OUTDATED = 0.02  # of places: shelves audited against their planogram differ far more (guess)
DOUBLED = 0.1  # share of products found elsewhere that still lie in their own place too (guess)
LEAST_NATS = -4.0  # no product is ever ruled out for good (guess)
MOST_NATS = 16.0  # ... or ever certain: two or three takes turn it round (guess)
VISIT_NATS = 12.0  # one visit is one witness: it adds no more than this (guess)
GRID_NATS = 0.25  # finer changes do not unsettle explanations
TRACKED_MAX = 8  # products per place
TRACKED_FROM = 0.01  # posterior from which a product is looked at
LIKELY_FROM = 1e-3  # products less likely to lie there than this are left to the prior


class Offer(NamedTuple):
    """A product that a take may have been of."""

    gtin: Gtin
    quantity: int  # the likeliest
    posterior: float
    prior: float  # that was used for it
    astray: float  # the part of it that does not come from what the place holds

    @property
    def likelihood(self) -> float:
        """How well the take fits this product, up to a factor common to all."""
        return self.posterior / self.prior


class Contents(NamedTuple):
    """Log odds, against what is listed, of each product that may lie in a place instead."""

    odds: Mapping[Gtin, float]
    others: float = 0.0  # of products not looked at so far

    def plus(self, taught: Mapping[Gtin, float], others: float) -> "Contents":
        """Return the contents after a visit's takes, within bounds."""
        known = {g: self.odds.get(g, self.others) for g in (*self.odds, *taught)}
        sums = {g: _bounded(odds + taught.get(g, others)) for g, odds in known.items()}
        kept = sorted(sums, key=lambda g: (-sums[g], g))[:TRACKED_MAX]
        return Contents(
            {g: sums[g] for g in sorted(kept)}, min(0.0, _bounded(self.others + others))
        )

    def minus(self, taught: Mapping[Gtin, float]) -> "Contents":
        """Return the contents without one take's share in them."""
        return self._replace(odds={g: it - taught.get(g, 0.0) for g, it in self.odds.items()})


class Outlook(NamedTuple):
    """How likely a place holds what is listed, and what else it holds how likely."""

    as_listed: float
    instead: Mapping[Gtin, float]


AS_LISTED = Outlook(1.0, {})


def outlook(contents: Contents, moved: Mapping[Gtin, float]) -> Outlook:
    """Return probabilities, where `moved` is the prior odds of each product lying there instead."""
    ratios = {}
    for gtin, odds in contents.odds.items():
        ratios[gtin] = moved[gtin] * (math.exp(round(odds / GRID_NATS) * GRID_NATS) - 1.0)
    total = 1.0 + sum(ratio for ratio in ratios.values() if ratio > 0.0)
    likely = {g: ratio / total for g, ratio in ratios.items() if ratio / total >= LIKELY_FROM}
    return Outlook(1.0 - sum(likely.values()), likely) if likely else AS_LISTED


def taught_by(offers: Sequence[Offer], listed: Sequence[Gtin], fits: float) -> dict[Gtin, float]:
    """Return the log likelihood ratio of every offered product lying there, and of `OTHERS`.

    fits: correction of how well the listed products fit (their masses may be known better by now).
    """
    owned = sum(one.posterior * (1 - one.astray / one.prior) for one in offers)
    rest = max(1e-9, 1.0 - owned)
    as_listed = [one.likelihood for one in offers if one.gtin in listed]
    base = math.log(ON_FACING * fits * sum(as_listed) / max(1, len(listed)) + rest)
    found = {
        one.gtin: math.log(ON_FACING * one.likelihood + rest) - base
        for one in offers
        if one.gtin not in listed and one.posterior >= TRACKED_FROM
    }
    return {**found, OTHERS: math.log(rest) - base}


def _bounded(odds: float) -> float:
    return min(MOST_NATS, max(LEAST_NATS, odds))
