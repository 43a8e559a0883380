"""What a price book must hold to before anybody is charged by it."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from store_engine.catalog import Catalog
from store_engine.promotions import MEMBER_PRICE, PercentOff, Promotion


class Mistake(NamedTuple):
    """What is wrong, and with which promotion ("" when it is none)."""

    promotion: str
    limit: str


def mistakes(book: Catalog) -> list[Mistake]:
    """Return everything that is wrong with a price book in itself."""
    return [*_untaxed(book), *_misnamed(book), *_astray(book), *_competing(book)]


def unfit(book: Catalog, store: Catalog) -> list[Mistake]:
    """Return why a price book cannot follow in a store that opened with another."""
    found = mistakes(book)
    if not book.version:
        found.append(Mistake("", "a version is missing"))
    money = (book.currency, book.currency_exponent)
    if money != (store.currency, store.currency_exponent):
        takes = f"{store.currency} with {store.currency_exponent} decimals"
        found.append(
            Mistake("", f"currency {money[0]} with {money[1]} decimals, the store takes {takes}")
        )
    return found


def _untaxed(book: Catalog) -> Iterator[Mistake]:
    for gtin, product in book.products.items():
        if product.tax_class not in book.tax_rates:
            yield Mistake("", f"product {gtin}: tax class {product.tax_class!r} has no rate")
        if min(product.unit_price, product.member_price or 0) < 0:
            yield Mistake("", f"product {gtin}: a price below 0")


def _misnamed(book: Catalog) -> Iterator[Mistake]:
    seen = {MEMBER_PRICE}
    for one in book.promotions:
        if one.promotion in seen:
            yield Mistake(one.promotion, "this name is already taken")
        seen.add(one.promotion)


def _astray(book: Catalog) -> Iterator[Mistake]:
    known = {str(gtin): product for gtin, product in book.products.items()}
    for one in book.promotions:
        for gtin in sorted(one.products):
            product = known.get(gtin)
            if product is None:
                yield Mistake(one.promotion, f"product {gtin} is not in the catalog")
            elif product.price_per_kg is not None and not isinstance(one.offer, PercentOff):
                yield Mistake(one.promotion, f"product {gtin} is sold by weight, not in sets")
        for name in sorted(one.tax_classes - book.tax_rates.keys()):
            classes = ", ".join(book.tax_rates)
            yield Mistake(one.promotion, f"tax class {name!r} is unknown; there are {classes}")


def _competing(book: Catalog) -> Iterator[Mistake]:
    """A product in two multi-buys at a time: which sets are best would be anybody's guess."""
    sets = [one for one in book.promotions if not isinstance(one.offer, PercentOff)]
    for first, second in combinations(sets, 2):
        if not _at_one_time(first, second):
            continue
        both = (
            gtin
            for gtin, product in sorted(book.products.items())
            if first.on(gtin, product.tax_class) and second.on(gtin, product.tax_class)
        )
        gtin = next(both, None)
        if gtin is not None:
            limit = f'product {gtin} is already in multi-buy "{first.promotion}" at that time'
            yield Mistake(second.promotion, limit)


def _at_one_time(first: Promotion, second: Promotion) -> bool:
    def before(one: Promotion, other: Promotion) -> bool:
        if one.until_us is None or other.from_us is None:
            return False
        return one.until_us <= other.from_us

    return not before(first, second) and not before(second, first)
