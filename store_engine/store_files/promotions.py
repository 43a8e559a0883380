"""promotions.toml: what is cheaper, for whom and when. A store without the file has none."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field, model_validator

from store_engine.promotions import Offer, PayFewer, PercentOff, Promotion, SetPrice
from store_engine.store_files.goods import CheckedGtin, minor_units
from store_engine.store_files.reading import Entry, Problems, read_toml
from store_engine.store_files.shop import PPM_PER_PERCENT, Name, Percent
from store_engine.units import to_us

FILE = "promotions.toml"


class PromotionEntry(Entry):
    """One [[promotions]] table. Price in major units (dollars), of the whole set."""

    promotion: Name
    name: Annotated[str, Field(min_length=1, max_length=64)]  # 64 still fit a receipt's line
    products: Annotated[tuple[CheckedGtin, ...], Field(min_length=1)] | None = None
    tax_classes: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    percent: Annotated[Percent, Field(gt=0.0)] | None = None
    take: Annotated[int, Field(ge=2, le=100)] | None = None
    pay: Annotated[int, Field(ge=1)] | None = None
    price: Annotated[Decimal, Field(ge=0)] | None = None
    members_only: bool = False
    begins: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_one_offer(self) -> "PromotionEntry":
        names = ("percent", "take", "pay", "price")
        given = {name for name in names if getattr(self, name) is not None}
        if given not in ({"percent"}, {"take", "pay"}, {"take", "price"}):
            raise ValueError("either percent, or take and pay, or take and price is expected")
        if self.take is not None and self.pay is not None and self.pay >= self.take:
            raise ValueError(f"take {self.take}, pay {self.pay}: pay must be below take")
        if self.begins is not None and self.until is not None and self.until <= self.begins:
            raise ValueError(f"until {self.until} must come after from {self.begins}")
        return self


class PromotionsFile(Entry):
    """The whole of promotions.toml."""

    promotions: tuple[PromotionEntry, ...] = ()


def read_promotions(folder: Path, *, currency_exponent: int) -> tuple[Promotion, ...]:
    """Return the promotions of a store, none without the file.

    Raises:
        ConfigError: with every mistake in the file itself; whether its products and tax classes
            exist is checked with the whole price book.
    """
    if not (folder / FILE).exists():
        return ()
    problems = Problems(FILE)
    entries = read_toml(folder / FILE, PromotionsFile).promotions
    promotions = tuple(_promotion(entry, currency_exponent, problems) for entry in entries)
    problems.raise_if_any()
    return promotions


def _promotion(entry: PromotionEntry, currency_exponent: int, problems: Problems) -> Promotion:
    return Promotion(
        promotion=entry.promotion,
        name=entry.name,
        offer=_offer(entry, currency_exponent, problems),
        products=frozenset(entry.products or ()),
        tax_classes=frozenset(entry.tax_classes or ()),
        members_only=entry.members_only,
        from_us=None if entry.begins is None else to_us(entry.begins.timestamp()),
        until_us=None if entry.until is None else to_us(entry.until.timestamp()),
    )


def _offer(entry: PromotionEntry, currency_exponent: int, problems: Problems) -> Offer:
    if entry.take is None:
        return PercentOff(rate_ppm=round((entry.percent or 0.0) * PPM_PER_PERCENT))
    if entry.pay is not None:
        return PayFewer(take=entry.take, pay=entry.pay)
    where = f'promotion "{entry.promotion}"'
    price = minor_units(
        "price", entry.price, exponent=currency_exponent, where=where, problems=problems
    )
    return SetPrice(take=entry.take, price=price or 0)
