"""products.csv and planogram.csv: what is sold, and what stands where."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from biip import ParseError
from biip.gtin import Gtin as ParsedGtin
from pydantic import AfterValidator, Field

from store_engine.catalog import Product
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


class ProductRow(Entry):
    """One row of products.csv. Price in major units (dollars) per piece, masses in grams."""

    gtin: CheckedGtin
    name: Annotated[str, Field(min_length=1)]
    price: Annotated[Decimal, Field(ge=0)]
    tax_class: str
    mass_g: Annotated[float, Field(gt=0.0)]
    mass_std_g: Annotated[float, Field(gt=0.0)]
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
        price = row.price.scaleb(currency_exponent)
        if price != int(price):
            problems.add(where, f"price {row.price} has more than {currency_exponent} decimals")
        products[Gtin(row.gtin)] = _product(row, price=int(price))
    problems.raise_if_any()
    return products


def _product(row: ProductRow, *, price: int) -> Product:
    return Product(
        gtin=Gtin(row.gtin),
        name=row.name,
        price=price,
        tax_class=row.tax_class,
        mass_g=row.mass_g,
        mass_std_g=row.mass_std_g,
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
