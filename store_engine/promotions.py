"""What lowers a price, and for whom: promotions, vouchers, and what a shopper is known to be.

Money is in minor units of the store's currency, rates in parts per million, times in microseconds
of event time. The words only say what is offered; what a basket costs is decided in checkout.
"""

from typing import Final, Literal, TypeAlias

import msgspec

PER_MILLION = 1_000_000
MEMBER_PRICE: Final = "member_price"  # the id that member prices go by among the promotions


class PercentOff(msgspec.Struct, frozen=True, kw_only=True, tag="percent_off"):
    """Every unit is cheaper by a share of its price."""

    rate_ppm: int  # 10 % is 100_000

    def __post_init__(self) -> None:
        """Raise `ValueError` unless the share is above nothing and at most everything."""
        if not 0 < self.rate_ppm <= PER_MILLION:
            raise ValueError(f"{self.rate_ppm} ppm off: more than 0 and at most {PER_MILLION}")


class PayFewer(msgspec.Struct, frozen=True, kw_only=True, tag="pay_fewer"):
    """Take some and pay for fewer ("3 for 2"): of every set, the cheapest are free."""

    take: int
    pay: int

    def __post_init__(self) -> None:
        """Raise `ValueError` unless a set costs something and less than all its units."""
        if not 0 < self.pay < self.take:
            raise ValueError(
                f"{self.take} for {self.pay}: pay for at least 1, and fewer than taken"
            )


class SetPrice(msgspec.Struct, frozen=True, kw_only=True, tag="set_price"):
    """Take some for one price ("2 for 3.00")."""

    take: int
    price: int  # of the whole set

    def __post_init__(self) -> None:
        """Raise `ValueError` unless it is a set, at a price that is not negative."""
        if self.take < 2 or self.price < 0:
            raise ValueError(f"{self.take} for {self.price}: at least 2, for 0 or more")


Offer: TypeAlias = PercentOff | PayFewer | SetPrice
MultiBuy: TypeAlias = PayFewer | SetPrice


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """One promotion: what it offers, on what, to whom and when.

    It is on the listed products and on those of the listed tax classes; where neither is listed,
    on everything. It holds for visits that start in `[from_us, until_us)`.
    """

    promotion: str  # its id
    name: str  # as a receipt says it
    offer: Offer
    products: frozenset[str] = frozenset()  # GTINs
    tax_classes: frozenset[str] = frozenset()
    members_only: bool = False
    from_us: int | None = None  # None: always was
    until_us: int | None = None  # None: stays

    def on(self, gtin: str, tax_class: str) -> bool:
        """Whether a product of this tax class is in it."""
        everything = not self.products and not self.tax_classes
        return everything or gtin in self.products or tax_class in self.tax_classes

    def holds(self, *, at_us: int, member: bool) -> bool:
        """Whether it holds for a visit that started then."""
        begun = self.from_us is None or at_us >= self.from_us
        over = self.until_us is not None and at_us >= self.until_us
        return begun and not over and (member or not self.members_only)


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """Money off a whole basket, once: an amount, or a share of what is left to pay.

    Whether it was redeemed before is not known here: who lets a shopper in hands over only the
    vouchers that are still good, and notes those that a receipt redeems.
    """

    voucher: str  # its id
    name: str  # as a receipt says it
    amount: int = 0  # minor units off; 0: `rate_ppm` counts
    rate_ppm: int = 0  # share off; 0: `amount` counts
    until_us: int | None = None  # redeemed by visits that start before; None: stays good

    def __post_init__(self) -> None:
        """Raise `ValueError` unless it is either an amount or a share, and a sensible one."""
        amount, share = self.amount > 0, 0 < self.rate_ppm <= PER_MILLION
        if amount + share != 1 or self.amount < 0 or self.rate_ppm < 0:
            raise ValueError(
                f"voucher {self.voucher}: either an amount above 0 or a share above 0 and at most "
                f"{PER_MILLION} ppm, not {self.amount} and {self.rate_ppm} ppm"
            )


# What somebody does here. "" is a shopper, who pays; nobody else is ever charged.
Role: TypeAlias = Literal["", "staff", "picker", "restocker", "tester"]


class Shopper(msgspec.Struct, frozen=True, kw_only=True):
    """What prices and checks depend on. Said by whoever answers an entry, for the whole visit."""

    member: bool = False
    adult: bool = False  # known to be old enough for everything the store sells
    vouchers: tuple[Voucher, ...] = ()  # presented at entry, not redeemed before
    role: Role = ""
