"""What a shopkeeper reads when scales and files disagree."""

from collections.abc import Iterable

from store_engine.catalog import Catalog
from store_engine.signals import ShelfDoubt
from store_engine.units import Gtin


def doubt_text(doubt: ShelfDoubt, catalog: Catalog) -> str:
    """Return one sentence: what is wrong, and what was seen."""
    product = _named(doubt.gtin, catalog)
    if doubt.kind == "catalog_mass":
        pieces = "1 piece" if doubt.count == 1 else f"{doubt.count} pieces"
        return (
            f"{product}: the catalog says {doubt.expected_g:.0f} g, {pieces} from plate "
            f"{doubt.plate} weighed {doubt.found_g:.0f} g give or take {doubt.std_g:.1f} g"
        )
    listed = _any_of(_named(gtin, catalog) for gtin in doubt.listed)
    times = "once" if doubt.count == 1 else f"{doubt.count} times"
    return f"plate {doubt.plate} is listed with {listed}, but {product} was taken from it {times}"


def _named(gtin: Gtin, catalog: Catalog) -> str:
    return f"{catalog.products[gtin].name} ({gtin})"


def _any_of(names: Iterable[str]) -> str:
    return " or ".join(names) or "nothing"
