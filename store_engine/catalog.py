"""Products: what they cost and what they weigh. A catalog is also the store's price book."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from store_engine.errors import InvariantError
from store_engine.promotions import PER_MILLION, Promotion
from store_engine.units import Gtin

G_PER_KG = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product of the catalog.

    With a `price_per_kg` it is sold by weight (GS1: a variable-measure trade item); its `price` is
    then what a piece of mean mass costs, for display.
    """

    gtin: Gtin
    name: str
    price: int  # minor units per piece
    tax_class: str
    mass_g: float  # mean mass of one unit
    mass_std_g: float  # unit-to-unit standard deviation
    price_per_kg: int | None = None  # minor units; None: sold by the piece
    member_price: int | None = None  # per piece, or per kg of what is sold by weight
    minimum_age: int = 0  # years; 0: for everybody

    def charged_mass_g(self, quantity: int, measured_g: float | None = None) -> int | None:
        """Return the whole grams that are charged, None for what is sold by the piece.

        `measured_g` counts where it is known (and is a mass: above 0); else `quantity` pieces of
        mean mass stand for it.
        """
        if self.price_per_kg is None:
            return None
        if measured_g is None or not 0.0 < measured_g < math.inf:
            measured_g = quantity * self.mass_g
        return round(measured_g)

    def amount(self, quantity: int, mass_g: int | None, *, per: int | None = None) -> int:
        """Return what a line costs, rounded once, at `per` instead of its unit price if given."""
        unit_price = self.unit_price if per is None else per
        if mass_g is None:
            return quantity * unit_price
        return half_even(mass_g * unit_price, G_PER_KG)

    @property
    def unit_price(self) -> int:
        """What a receipt line is reckoned by: per piece, or per kg where sold by weight."""
        return self.price if self.price_per_kg is None else self.price_per_kg


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All products of a store, and how prices become money: the price book, in one version."""

    products: Mapping[Gtin, Product]
    tax_rates: Mapping[str, int]  # tax class -> parts per million: 8.25 % is 82_500
    currency: str  # ISO 4217
    currency_exponent: int  # digits after the point: 2 for USD, 0 for JPY
    prices_include_tax: bool
    tax_included: Mapping[str, bool] = field(default_factory=dict)  # tax classes that differ in it
    promotions: tuple[Promotion, ...] = ()
    version: str = ""  # names this state of the prices

    def product(self, gtin: str) -> Product:
        """Return a product. Raises `InvariantError` for an unknown one, or one without taxes."""
        product = self.products.get(Gtin(gtin))
        if product is None:
            raise InvariantError(f"product {gtin}: not in the catalog, cannot be priced")
        if product.tax_class not in self.tax_rates:
            raise InvariantError(f"product {gtin}: tax class {product.tax_class} has no rate")
        return product

    def includes_tax(self, tax_class: str) -> bool:
        """Whether the prices of a tax class contain their tax."""
        return self.tax_included.get(tax_class, self.prices_include_tax)

    def tax(self, amount: int, tax_class: str) -> int:
        """Return the tax on `amount`, or contained in it, in whole minor units."""
        included = self.includes_tax(tax_class)
        return tax_on(amount, rate_ppm=self.tax_rates[tax_class], included=included)

    def price(self, gtin: str, quantity: int) -> "Price":
        """Return the shelf price of `quantity` of a product, without any promotion.

        Raises:
            InvariantError: the product is unknown, or its tax class has no rate.
        """
        product = self.product(gtin)
        amount = product.amount(quantity, product.charged_mass_g(quantity))
        tax = self.tax(amount, product.tax_class)
        included = self.includes_tax(product.tax_class)
        return Price(product, amount, tax, amount if included else amount + tax)


class Price(NamedTuple):
    """What some pieces of one product cost. All money in minor units."""

    product: Product
    amount: int  # pieces times shelf price
    tax: int  # on `amount`, or contained in it
    owed: int  # what a shopper pays, tax included


def tax_on(amount: int, *, rate_ppm: int, included: bool) -> int:
    """Return the tax on `amount`, or the tax contained in it, in whole minor units."""
    return half_even(amount * rate_ppm, PER_MILLION + rate_ppm if included else PER_MILLION)


def half_even(numerator: int, denominator: int) -> int:
    """Return the nearest whole number to a fraction, `denominator` above 0.

    Ties go to the even one (banker's rounding), in integers: no float ever touches money.
    """
    whole, rest = divmod(numerator, denominator)
    up = 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
    return whole + int(up)
