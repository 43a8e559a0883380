"""One movement that puts a piece down and takes another instead: a plate tells their difference."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from store_engine.attribution.clusters import Part
from store_engine.attribution.goods import TAKEN, Goods
from store_engine.attribution.mass import HANDLING_STD_G, Unit, log_normal
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
        self._listed = goods.listed(part)
        self._found: dict[tuple[Gtin, Unit], Sequence[Swap]] = {}

    def of(self, gtin: Gtin, brought: Unit) -> Sequence[Swap]:
        """Return what may have been taken while a piece of another product was put down."""
        found = self._found.get((gtin, brought))
        if found is None:
            found = self._found[gtin, brought] = self._swaps(gtin, brought)
        return found

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
