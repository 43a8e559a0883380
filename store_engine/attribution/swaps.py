"""One movement that puts a piece down and takes another instead: a plate tells their difference."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from store_engine.attribution.clusters import Part
from store_engine.attribution.goods import TAKEN, Goods
from store_engine.attribution.mass import HANDLING_STD_G, ProductMass, Unit, log_normal
from store_engine.attribution.supplies import TIE_NATS, Supplies, Supply
from store_engine.units import Gtin

SWAPPED = math.log(0.02)  # something is put down by who takes something here (guess)
FITS_SIGMA = 4.0  # differences further off than this are another story


class Swap(NamedTuple):
    """A piece that was taken while another was put down."""

    log_weight: float  # without reach, and without how likely the other was at hand
    gtin: Gtin
    unit: Unit  # as weighed by the difference


class Swaps:
    """What may have been taken from one part by whoever put something down there."""

    def __init__(self, part: Part, goods: Goods) -> None:
        self._part = part
        self._goods = goods
        self._found: dict[tuple[Gtin, Unit], Sequence[Swap]] = {}
        self._fits: dict[Supplies, Sequence[tuple[Supply, Sequence[Swap]]]] = {}

    def fits(self, supplies: Supplies) -> Sequence[tuple[Supply, Sequence[Swap]]]:
        """Return which pieces may have been put down here though they belong elsewhere, for what.

        Pieces that are too unlikely by themselves are left out.
        """
        found = self._fits.get(supplies)
        if found is None:
            brought = [(one, self._brought(one)) for one in supplies.pieces]
            found = self._fits[supplies] = [(one, swaps) for one, swaps in brought if swaps]
        return found

    def _brought(self, supply: Supply) -> Sequence[Swap]:
        if supply.log_share < -TIE_NATS or not self._may_be_for(supply.unit_g):
            return ()
        if self._goods.belongs(supply.gtin, self._part.plates):
            return ()
        return self.of(supply.gtin, Unit(supply.unit_g, HANDLING_STD_G**2))

    def of(self, gtin: Gtin, brought: Unit) -> Sequence[Swap]:
        """Return what may have been taken while a piece of another product was put down."""
        found = self._found.get((gtin, brought))
        if found is None:
            found = self._found[gtin, brought] = self._swaps(gtin, brought)
        return found

    @cached_property
    def _listed(self) -> Sequence[tuple[Gtin, float, ProductMass]]:
        return self._goods.listed(self._part)

    @cached_property
    def _ranges_g(self) -> Sequence[tuple[float, float]]:
        """Masses that a piece must have to be exchanged for what is listed here."""
        change_g, base = self._part.change_g, self._part.var_g2 + 3 * HANDLING_STD_G**2
        found = []
        for _, _, mass in self._listed:
            slack_g = FITS_SIGMA * math.sqrt(base + mass.error_g2 + mass.spread_g2)
            middle_g = change_g + mass.mean_g
            found.append((middle_g - slack_g, middle_g + slack_g))
        return found

    def _may_be_for(self, mass_g: float) -> bool:
        """Whether a piece of this mass may have been put down for anything that is listed here."""
        return any(low <= mass_g <= high for low, high in self._ranges_g)

    def _swaps(self, gtin: Gtin, brought: Unit) -> Sequence[Swap]:
        found, part = [], self._part
        base = part.var_g2 + HANDLING_STD_G**2 + brought.var_g2
        for taken, prior, mass in self._listed:
            off_g = part.change_g - (brought.mass_g - mass.mean_g)
            var = base + HANDLING_STD_G**2 + mass.error_g2 + mass.spread_g2
            if taken != gtin and off_g * off_g <= FITS_SIGMA**2 * var:
                weight = SWAPPED + TAKEN + math.log(prior) + log_normal(off_g, 0.0, var)
                found.append(Swap(weight, taken, Unit(brought.mass_g - part.change_g, base)))
        return found
