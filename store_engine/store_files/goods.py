"""products.csv and planogram.csv: what is sold, and what stands where."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from biip import ParseError
from biip.gtin import Gtin as ParsedGtin
from pydantic import AfterValidator, BeforeValidator, Field

from store_engine.catalog import G_PER_KG, Product, half_even
from store_engine.store_files.reading import Entry, Problems, read_csv
from store_engine.store_map import Facing
from store_engine.units import Gtin, PlateId, ShelfId

PRODUCTS = "products.csv"
PLANOGRAM = "planogram.csv"


def _gtin(text: str) -> str:
    try:
        ParsedGtin.parse(text)
    except ParseError as error:
        raise ValueError(f"{error} (did a spreadsheet drop leading zeros?)") from error
    return text


CheckedGtin = Annotated[str, AfterValidator(_gtin)]


# An empty cell says nothing.
Price = Annotated[
    Annotated[Decimal, Field(ge=0)] | None, BeforeValidator(lambda text: text or None)
]
Age = Annotated[
    Annotated[int, Field(ge=0, le=99)], BeforeValidator(lambda text: text or 0)
]  # years


class ProductRow(Entry):
    """One row of products.csv. Prices in major units (dollars), masses in grams.

    What has a price per kg is sold by weight; its member price is per kg too.
    """

    gtin: CheckedGtin
    name: Annotated[str, Field(min_length=1)]
    price: Price = None
    tax_class: str
    mass_g: Annotated[float, Field(gt=0.0)]
    mass_std_g: Annotated[float, Field(gt=0.0)]
    price_per_kg: Price = None
    member_price: Price = None
    minimum_age: Age = 0
    note: str = ""


class FacingRow(Entry):
    """One row of planogram.csv: plates are counted from the left, from 1."""

    shelf: str
    first_plate: int
    last_plate: int
    gtin: CheckedGtin


def read_products(
    folder: Path, *, tax_classes: Mapping[str, int], currency_exponent: int
) -> dict[Gtin, Product]:
    """Return the products. Raises `ConfigError` with every mistake in the file."""
    rows, problems = read_csv(folder / PRODUCTS, ProductRow)
    products: dict[Gtin, Product] = {}
    first_line: dict[str, int] = {}  # by GTIN-14: 90162909 and 0000090162909 are one product
    for line, row in rows:
        where = f"line {line}: {row.gtin}"
        earlier = first_line.setdefault(ParsedGtin.parse(row.gtin).as_gtin_14(), line)
        if earlier != line:
            problems.add(where, f"this product is already on line {earlier}")
        if row.tax_class not in tax_classes:
            known = ", ".join(tax_classes)
            problems.add(where, f"tax class {row.tax_class!r} is unknown; store.toml has {known}")
        _check_prices(row, where, problems)
        products[Gtin(row.gtin)] = _product(row, currency_exponent, where, problems)
    problems.raise_if_any()
    return products


def minor_units(
    what: str, amount: Decimal | None, *, exponent: int, where: str, problems: Problems
) -> int | None:
    """Return money in minor units, None for none; a part of a minor unit is a mistake."""
    if amount is None:
        return None
    minor = amount.scaleb(exponent)
    if minor != int(minor):
        problems.add(where, f"{what} {amount} has more than {exponent} decimals")
    return int(minor)


def _check_prices(row: ProductRow, where: str, problems: Problems) -> None:
    if (row.price is None) == (row.price_per_kg is None):
        problems.add(where, "either a price or a price_per_kg is expected")
    price = row.price if row.price_per_kg is None else row.price_per_kg
    if row.member_price is not None and price is not None and row.member_price > price:
        problems.add(where, f"member_price {row.member_price} is above {price}, everybody's price")


def _product(row: ProductRow, exponent: int, where: str, problems: Problems) -> Product:
    def minor(what: str, amount: Decimal | None) -> int | None:
        return minor_units(what, amount, exponent=exponent, where=where, problems=problems)

    price_per_kg = minor("price_per_kg", row.price_per_kg)
    price = minor("price", row.price)
    if price is None:  # sold by weight: what a piece of mean mass costs
        price = half_even((price_per_kg or 0) * round(row.mass_g), G_PER_KG)
    return Product(
        gtin=Gtin(row.gtin),
        name=row.name,
        price=price,
        tax_class=row.tax_class,
        mass_g=row.mass_g,
        mass_std_g=row.mass_std_g,
        price_per_kg=price_per_kg,
        member_price=minor("member_price", row.member_price),
        minimum_age=row.minimum_age,
    )


def read_planogram(
    folder: Path,
    *,
    products: Mapping[Gtin, Product],
    shelves: Mapping[ShelfId, tuple[PlateId, ...]],
) -> tuple[Facing, ...]:
    """Return the facings. Raises `ConfigError` with every mistake in the file."""
    rows, problems = read_csv(folder / PLANOGRAM, FacingRow)
    facings: list[Facing] = []
    first_line: dict[tuple[str, str], int] = {}
    for line, row in rows:
        if row.gtin not in products:
            problems.add(f"line {line}", f"product {row.gtin} is not in {PRODUCTS}")
        plates = _facing_plates(row, line, shelves, problems)
        for plate in plates:
            earlier = first_line.setdefault((plate, row.gtin), line)
            if earlier != line:
                problems.add(
                    f"line {line}: plate {plate}", f"{row.gtin} is already there on line {earlier}"
                )
        facings.append(Facing(gtin=Gtin(row.gtin), plates=plates))
    problems.raise_if_any()
    return tuple(facings)


def _facing_plates(
    row: FacingRow,
    line: int,
    shelves: Mapping[ShelfId, tuple[PlateId, ...]],
    problems: Problems,
) -> tuple[PlateId, ...]:
    plates = shelves.get(ShelfId(row.shelf))
    if plates is None:
        problems.add(f"line {line}", f"shelf {row.shelf} is not in gondolas.toml")
        return ()
    if row.first_plate > row.last_plate:
        problems.add(
            f"line {line}", f"first plate {row.first_plate} is beyond last {row.last_plate}"
        )
    for number in (row.first_plate, row.last_plate):
        if not 1 <= number <= len(plates):
            problems.add(
                f"line {line}: plate {row.shelf}-{number}",
                f"shelf {row.shelf} has plates 1 to {len(plates)}",
            )
            return ()
    return plates[row.first_plate - 1 : row.last_plate]
