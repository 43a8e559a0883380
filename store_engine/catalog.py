"""Products: what they cost and what they weigh."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from store_engine.errors import InvariantError
from store_engine.units import Gtin

PER_MILLION = 1_000_000


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

    def price(self, gtin: str, quantity: int) -> "Price":
        """Return what `quantity` of a product cost. Raises `InvariantError` for an unknown one."""
        product = self.products.get(Gtin(gtin))
        if product is None:
            raise InvariantError(f"product {gtin}: not in the catalog, cannot be priced")
        rate = self.tax_rates.get(product.tax_class)
        if rate is None:
            raise InvariantError(f"product {gtin}: tax class {product.tax_class} has no rate")
        amount = product.price * quantity
        tax = tax_on(amount, rate_ppm=rate, included=self.prices_include_tax)
        return Price(product, amount, tax, amount if self.prices_include_tax else amount + tax)


class Price(NamedTuple):
    """What some pieces of one product cost. All money in minor units."""

    product: Product
    amount: int  # pieces times shelf price
    tax: int  # on `amount`, or contained in it
    owed: int  # what a shopper pays, tax included


def tax_on(amount: int, *, rate_ppm: int, included: bool) -> int:
    """Return the tax on `amount`, or the tax contained in it, in whole minor units.

    Ties go to the even unit (banker's rounding), in integers: no float ever touches money.
    """
    base = PER_MILLION + rate_ppm if included else PER_MILLION
    whole, rest = divmod(amount * rate_ppm, base)
    up = 2 * rest > base or (2 * rest == base and whole % 2 == 1)
    return whole + int(up)
