"""What else a mass could have been, and how much less likely that is than the truth."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.suite.movements import Movement
from store_engine.catalog import Product
from store_engine.store import Store

MOST_UNITS = 8  # of one product in one grip
FITS_SIGMAS = 5.0  # further off than this, nothing in the files explains a mass


class Goods(NamedTuple):
    """Some units of one product."""

    gtin: str
    units: int


class Explanation(NamedTuple):
    """Goods that may have moved, and how well that fits the mass that did."""

    goods: Goods
    sigmas: float
    log_density: float  # up to a constant


def clear_odds(one: Movement, store: Store, level_g: float) -> float:
    """Return the likelihood of the truth over that of the best other explanation of its mass.

    store: as filed. level_g: sd of a weighed mass. Other explanations of a put are what else the
    actor held (each unit's mass is known since it was taken). Of a take: other counts, other
    products filed there, and units that were put there wrongly (of known mass). What the files
    cannot explain is another product of the gondola, or else the filed one, weighing otherwise.
    """
    truth = Goods(str(one.action.gtin), one.action.quantity)
    found = list(_explanations(one, store, level_g))
    if all(e.goods != truth for e in found):  # the planogram is wrong
        found += _of_the_gondola(one, store, level_g)
    if all(e.sigmas > FITS_SIGMAS for e in found):  # the catalog is wrong
        alone = {e.goods.gtin for e in found} == {truth.gtin}
        return math.inf if alone and truth.units == 1 else 0.0
    true = max((e.log_density for e in found if e.goods == truth), default=-math.inf)
    other = max((e.log_density for e in found if e.goods != truth), default=-math.inf)
    return math.inf if other == -math.inf else math.exp(min(true - other, 700.0))


def _explanations(one: Movement, store: Store, level_g: float) -> Iterator[Explanation]:
    if one.action.action == "restock":  # staff bring what belongs there
        yield Explanation(Goods(str(one.action.gtin), one.action.quantity), 0.0, 0.0)
        return
    for unit in one.held if one.is_put else one.strays:
        yield _fit(Goods(unit.gtin, 1), one.mass_g - unit.mass_g, math.sqrt(2.0) * level_g)
    if one.is_put:
        return
    for product in _filed(one, store):
        for count in range(1, MOST_UNITS + 1):
            yield _of(product, count, one, level_g)


def _of_the_gondola(one: Movement, store: Store, level_g: float) -> Iterator[Explanation]:
    """Yield one unit of every product that the files put elsewhere on the same gondola."""
    gondolas = {store.map.plates[plate].device for plate in one.changes}
    filed = {product.gtin for product in _filed(one, store)}
    for facing in store.map.facings:
        near = store.map.plates[facing.plates[0]].device in gondolas
        if near and facing.gtin not in filed:
            yield _of(store.catalog.products[facing.gtin], 1, one, level_g)


def _filed(one: Movement, store: Store) -> list[Product]:
    """Return the products that the files put on the plates of a movement."""
    on = (gtin for plate in one.changes for gtin in store.map.products_on[plate])
    return [store.catalog.products[gtin] for gtin in dict.fromkeys(on)]


def _of(product: Product, count: int, one: Movement, level_g: float) -> Explanation:
    spread_g = math.hypot(math.sqrt(count) * product.mass_std_g, level_g)
    return _fit(Goods(str(product.gtin), count), one.mass_g - count * product.mass_g, spread_g)


def _fit(goods: Goods, off_g: float, sd_g: float) -> Explanation:
    sigmas = abs(off_g) / sd_g
    return Explanation(goods, sigmas, -0.5 * sigmas**2 - math.log(sd_g))
