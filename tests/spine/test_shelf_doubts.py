"""Doubts of catalog and planogram, as a shopkeeper reads them."""

from collections.abc import Mapping

from store_engine.catalog import Catalog, Product
from store_engine.shelf_doubts import doubt_text
from store_engine.signals import DoubtKind, ShelfDoubt
from store_engine.units import Gtin, PlateId

NAMES: Mapping[str, str] = {"1": "tea", "2": "jam"}
PRODUCTS = {
    Gtin(gtin): Product(
        gtin=Gtin(gtin), name=name, price=1, tax_class="food", mass_g=250.0, mass_std_g=2.0
    )
    for gtin, name in NAMES.items()
}
CATALOG = Catalog(
    products=PRODUCTS, tax_rates={}, currency="USD", currency_exponent=2, prices_include_tax=True
)


def doubt(kind: DoubtKind, *, listed: tuple[str, ...], count: int) -> ShelfDoubt:
    return ShelfDoubt(
        kind=kind,
        gtin=Gtin("2"),
        plate=PlateId("1-3-5"),
        listed=tuple(map(Gtin, listed)),
        expected_g=250.0,
        found_g=291.2,
        std_g=2.04,
        count=count,
        time_us=0,
        causes=(),
    )


def test_a_wrong_mass_is_told_with_what_was_weighed() -> None:
    assert doubt_text(doubt("catalog_mass", listed=("2",), count=4), CATALOG) == (
        "jam (2): the catalog says 250 g, 4 pieces from plate 1-3-5 weighed 291 g "
        "give or take 2.0 g"
    )


def test_a_moved_product_is_told_with_what_is_listed_there() -> None:
    assert doubt_text(doubt("planogram", listed=("1",), count=3), CATALOG) == (
        "plate 1-3-5 is listed with tea (1), but jam (2) was taken from it 3 times"
    )


def test_a_product_where_nothing_is_listed_is_told_too() -> None:
    assert doubt_text(doubt("planogram", listed=(), count=1), CATALOG) == (
        "plate 1-3-5 is listed with nothing, but jam (2) was taken from it once"
    )
