"""A price book with something of every kind, and short ways to say what is offered."""

import dataclasses

from store_engine.catalog import Catalog, Product
from store_engine.checkout.pricing import Item, PricedBasket, PricedLine, price
from store_engine.promotions import (
    Offer,
    PayFewer,
    PercentOff,
    Promotion,
    SetPrice,
    Shopper,
    Voucher,
)
from store_engine.units import Gtin

TEA, MILK, SOAP = Gtin("071142008582"), Gtin("049000006346"), Gtin("012546011099")
CHEESE, WINE = Gtin("012000000133"), Gtin("012000000850")
NOON = 1_763_812_800_000_000
PUBLIC, MEMBER = Shopper(), Shopper(member=True)
THREE_FOR_TWO, TWO_FOR_300 = PayFewer(take=3, pay=2), SetPrice(take=2, price=300)
TENTH = PercentOff(rate_ppm=100_000)


def product(gtin: Gtin, name: str, cost: int, tax_class: str, **more: int) -> Product:
    return Product(
        gtin=gtin,
        name=name,
        price=cost,
        tax_class=tax_class,
        mass_g=200.4,
        mass_std_g=2.0,
        **more,
    )


PRODUCTS = (
    product(TEA, "Tea", 250, "food", member_price=200),
    product(MILK, "Milk", 120, "food"),
    product(SOAP, "Soap", 399, "goods"),
    product(CHEESE, "Cheese", 240, "food", price_per_kg=1_199, member_price=999),
    product(WINE, "Wine", 899, "goods", minimum_age=18),
)
BOOK = Catalog(
    products={one.gtin: one for one in PRODUCTS},
    tax_rates={"food": 70_000, "goods": 190_000},
    currency="USD",
    currency_exponent=2,
    prices_include_tax=True,
    version="monday",
)


def offered(offer: Offer, *gtins: Gtin, name: str = "offer", **more: object) -> Promotion:
    return Promotion(
        promotion=name, name=name.capitalize(), offer=offer, products=frozenset(gtins), **more
    )


def book(*promotions: Promotion, **changes: object) -> Catalog:
    return dataclasses.replace(BOOK, promotions=promotions, **changes)


def basket(
    items: dict[Gtin, int],
    *promotions: Promotion,
    shopper: Shopper = PUBLIC,
    at_us: int = NOON,
    **changes: object,
) -> PricedBasket:
    lines = [Item(gtin, quantity) for gtin, quantity in items.items()]
    return price(lines, book(*promotions, **changes), shopper, at_us=at_us)


def only(priced: PricedBasket) -> PricedLine:
    (line,) = priced.lines
    return line


def holding(*vouchers: Voucher, member: bool = False) -> Shopper:
    return Shopper(member=member, vouchers=vouchers)


def voucher(name: str = "v-1", **worth: int) -> Voucher:
    return Voucher(voucher=name, name="Voucher", **worth)
