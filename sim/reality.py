"""How the world differs from the shopkeeper's files, which are all the engine is told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field, model_validator

from sim.scripts import ProductCode, Words
from store_engine.catalog import Catalog
from store_engine.errors import ConfigError
from store_engine.store import Store
from store_engine.store_map import StoreMap
from store_engine.units import Gtin

Grams = Annotated[float, Field(ge=1.0, le=20_000.0, allow_inf_nan=False)]


class Reality(Words):
    """What is true and not in the files."""

    masses: dict[ProductCode, Grams] = Field(default_factory=dict)  # true mean mass of one unit
    moved: tuple[tuple[ProductCode, ProductCode], ...] = ()  # pairs in each other's facing

    @model_validator(mode="after")
    def _once(self) -> "Reality":
        seen: set[str] = set()
        for i, pair in enumerate(self.moved):
            for gtin in pair:
                if gtin in seen:
                    raise ValueError(f"moved.{i}: product {gtin} is moved twice")
                seen.add(gtin)
        return self


def real_store(store: Store, reality: Reality, *, scenario: str) -> Store:
    """Return `store` as it truly is: masses and facings of `reality`, everything else as filed.

    Raises `ConfigError` for a product the store does not have, or one that stands nowhere.
    """
    if not reality.masses and not reality.moved:
        return store
    where = f"scenario {scenario}: reality"
    catalog = _weighed(store.catalog, reality.masses, where)
    return store._replace(catalog=catalog, map=_rearranged(store.map, reality.moved, where))


def _weighed(catalog: Catalog, masses: Mapping[str, float], where: str) -> Catalog:
    """Return the catalog with true masses; units differ by the same share of their mean."""
    products = dict(catalog.products)
    for code, mass_g in masses.items():
        filed = products.get(Gtin(code))
        if filed is None:
            raise ConfigError(f"{where}.masses: no product {code} in this store")
        std_g = filed.mass_std_g * mass_g / filed.mass_g
        products[filed.gtin] = replace(filed, mass_g=mass_g, mass_std_g=std_g)
    return replace(catalog, products=products)


def _rearranged(store_map: StoreMap, moved: tuple[tuple[str, str], ...], where: str) -> StoreMap:
    """Return the map with the products of each pair in each other's facings."""
    stand = {facing.gtin for facing in store_map.facings}
    instead: dict[Gtin, Gtin] = {}
    for i, pair in enumerate(moved):
        one, two = (Gtin(code) for code in pair)
        for gtin in (one, two):
            if gtin not in stand:
                raise ConfigError(f"{where}.moved.{i}: product {gtin} stands nowhere in this store")
        instead |= {one: two, two: one}
    facings = tuple(
        replace(facing, gtin=instead.get(facing.gtin, facing.gtin)) for facing in store_map.facings
    )
    return replace(store_map, facings=facings)
