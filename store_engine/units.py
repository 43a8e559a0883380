"""Identifiers, event time and money: the units every other word is spelled in."""

from decimal import Decimal
from typing import NewType

StoreId = NewType("StoreId", str)
DeviceId = NewType("DeviceId", str)
GateId = NewType("GateId", str)
CameraId = NewType("CameraId", str)  # a camera is a device; its id is its device id
ShelfId = NewType("ShelfId", str)  # "gondola-shelf", for example "1-5"
PlateId = NewType("PlateId", str)  # "gondola-shelf-plate", for example "1-5-11"
Gtin = NewType("Gtin", str)  # digits as printed on the product: GTIN-8, -12, -13 or -14
TrackId = NewType("TrackId", str)
VisitId = NewType("VisitId", str)
AccountId = NewType("AccountId", str)
MessageRef = NewType("MessageRef", str)  # "device/boot/sequence": names one recorded message
EventId = NewType("EventId", str)  # also the idempotency key of the effect it asks for

TimeUs = NewType("TimeUs", int)  # microseconds since the Unix epoch
MinorUnits = NewType("MinorUnits", int)  # money in the smallest unit of its currency, e.g. cents

US_PER_S = 1_000_000


def seconds_between(earlier: int, later: int) -> float:
    """Return `later - earlier` in seconds; both are microseconds."""
    return (later - earlier) / US_PER_S


def to_us(seconds: float) -> int:
    """Return `seconds` as whole microseconds, rounded to nearest."""
    return round(seconds * US_PER_S)


def format_money(amount: int, *, currency: str, exponent: int) -> str:
    """Return `amount` minor units as people read it: 1299 with exponent 2 is "12.99 USD"."""
    return f"{Decimal(amount).scaleb(-exponent):.{exponent}f} {currency}"
