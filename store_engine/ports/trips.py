"""Shopping trips, where a retailer's back end decides who comes in and what things cost.

A trip is a visit as the retailer knows it. Its receipt is what the engine saw; what is paid, the
retailer says. Trips wait in line and are handed over in the order in which shoppers left.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol, TypeAlias

import msgspec

from store_engine.messages import Receipt
from store_engine.promotions import Role

Presented: TypeAlias = Literal["card", "code"]
VisitorKind: TypeAlias = Literal["shopper", "associate"]
TripState: TypeAlias = Literal["waiting", "handed over", "turned away", "at work"]
AMOUNT_MAX = 10**12  # minor units; more is a mistake, and still far from what a database holds


class TripEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was let in on a party; a group has several."""

    entry: str  # EventId of the `EntryRequested`
    party: str
    presented: Presented
    visitor: VisitorKind
    time_us: int


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """One shopping trip in the line."""

    trip: str  # what the retailer knows it as: a UUID
    store: str
    party: str
    receipt: str
    entered_us: int
    left_us: int
    items: int  # charged lines; 0: an empty cart
    role: Role = ""  # at work: nothing is handed over
    state: TripState = "waiting"
    purchase: str = ""  # the retailer's name for it, once handed over
    reason: str = ""  # why the retailer turned it away


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a retailer asks for a trip."""

    order: str
    trip: str
    total: int  # minor units
    digest: str  # of the cart as it was sent: the same cart again is no news
    time_us: int


class TripRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that a retailer asked for; its name is unique for ever."""

    refund: str
    trip: str
    amount: int  # minor units
    reason: str
    time_us: int


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What a retailer says became of a trip's money."""

    trip: str
    total: int  # minor units
    settled: int
    time_us: int


class TripBook(Protocol):
    """Trips of one store in the store of record. Every call may raise `RecordsError`."""

    def note_entry(self, entry: TripEntry) -> None:
        """Keep that somebody was let in; the same entry once."""
        ...

    def entries(self, party: str) -> list[TripEntry]:
        """Return who was let in on a party, first come first."""
        ...

    def line_up(self) -> None:
        """Take in every receipt that the engine has issued since, in its order."""
        ...

    def first_waiting(self) -> Trip | None:
        """Return the trip that left first of those not settled."""
        ...

    def settle(self, trip: str, *, state: TripState, purchase: str = "", reason: str = "") -> None:
        """Keep what became of a trip."""
        ...

    def trip(self, trip: str) -> Trip | None:
        """Return a trip."""
        ...

    def trip_of_receipt(self, receipt: str) -> Trip | None:
        """Return the trip of a receipt."""
        ...

    def trips_of(self, party: str) -> list[Trip]:
        """Return the trips of a party, in line."""
        ...

    def keep_order(self, order: Order) -> Order:
        """Keep an order; return the one that its trip has, an earlier one perhaps."""
        ...

    def keep_refund(self, refund: TripRefund) -> TripRefund:
        """Keep a refund; return the one that has its name, an earlier one perhaps."""
        ...

    def keep_settlement(self, settlement: Settlement) -> None:
        """Keep what a retailer said last."""
        ...


# ---- the retailer's back end -------------------------------------------------------------------


class Visitor(NamedTuple):
    """Who the holder of a code is to the retailer."""

    visitor: str
    kind: VisitorKind


class Authorised(NamedTuple):
    """The holder of a card may come in."""

    hold: int  # minor units to hold


class HandedOver(NamedTuple):
    """The retailer has a trip, and prices and charges it."""

    purchase: str  # "" for an empty cart


class TurnedAway(NamedTuple):
    """The retailer says no."""

    reason: str


class Presentation(NamedTuple):
    """What was presented at a gate, and where."""

    entry: str
    party: str  # "" while it is not known
    time_us: int


class Basket(NamedTuple):
    """Everything that a trip is handed over with."""

    trip: Trip
    receipt: Receipt
    entries: Sequence[TripEntry]
    visitor: str = ""  # who they are to the retailer; "" for holders of cards, and once erased


class Retailer(Protocol):
    """The retailer's back end. Every call raises `UnreachableError` when it cannot be asked."""

    def identify(self, code: str, at: Presentation) -> Visitor | TurnedAway:
        """Ask who the holder of a code is."""
        ...

    def authorise(self, card: str, at: Presentation, *, hold: int) -> Authorised | TurnedAway:
        """Ask whether the holder of a card (a name for it) may come in, on a hold of `hold`."""
        ...

    def hand_over(self, basket: Basket) -> HandedOver | TurnedAway:
        """Tell what a trip took; the same trip again causes nothing new."""
        ...

    def trip_id(self, party: str, number: int) -> str:
        """Return the retailer's name for a party's first, second, ... trip."""
        ...


# ---- money, as retailers write it ----------------------------------------------------------------


def major_units(amount: int, exponent: int) -> Decimal:
    """Return minor units as a decimal number of major ones: 1299 with exponent 2 is 12.99."""
    return Decimal(amount).scaleb(-exponent)


def minor_units(amount: Decimal, exponent: int) -> int:
    """Return a decimal number of major units in minor ones.

    Raises:
        ValueError: it is no amount of this currency: not rounded to it, or too large.
    """
    if not amount.is_finite() or amount.adjusted() + exponent > len(str(AMOUNT_MAX)):
        raise ValueError("not an amount of money")
    scaled = amount.scaleb(exponent)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"not rounded to {exponent} decimals")
    if abs(scaled) > AMOUNT_MAX:
        raise ValueError("not an amount of money")
    return int(scaled)
