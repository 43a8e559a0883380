"""Products: what they cost and what they weigh."""

from collections.abc import Mapping
from dataclasses import dataclass

from store_engine.units import Gtin


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product of the catalog."""

    gtin: Gtin
    name: str
    price: int  # minor units per piece
    tax_class: str
    mass_g: float  # mean mass of one unit
    mass_std_g: float  # unit-to-unit standard deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All products of a store, and how prices become money."""

    products: Mapping[Gtin, Product]
    tax_rates: Mapping[str, int]  # tax class -> parts per million: 8.25 % is 82_500
    currency: str  # ISO 4217
    currency_exponent: int  # digits after the point: 2 for USD, 0 for JPY
    prices_include_tax: bool
