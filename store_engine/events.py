"""Decided words: durable, versioned, the engine's only output.

An event id is deterministic (store, visit or device, kind, ordinal), so a replay gives the same
bytes, and it is the idempotency key of the effect that the event asks for.
"""

from typing import TypeAlias

import msgspec

from store_engine.messages import Alert, LiveCart, Receipt
from store_engine.promotions import Shopper

EVENT_VERSION = 1


class Decided(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every event carries."""

    event: str  # EventId
    time_us: int  # event time
    causes: tuple[str, ...] = ()  # MessageRefs of the evidence
    version: int = EVENT_VERSION


class EntryRequested(Decided, frozen=True, tag="entry_requested"):
    """May the holder of this credential come in? Answered by `EntryDecision`."""

    gate: str
    scan: str  # MessageRef
    credential: str


class EntryRefused(Decided, frozen=True, tag="entry_refused"):
    """The gate stays closed for a scan."""

    gate: str
    scan: str
    reason: str


class VisitStarted(Decided, frozen=True, tag="visit_started"):
    """The first person of a visit walked in."""

    visit: str
    account: str
    gate: str
    track: str
    shopper: Shopper = Shopper()  # what its prices and age checks depend on


class VisitorJoined(Decided, frozen=True, tag="visitor_joined"):
    """Another person shops on the same entry; their items go to the same cart."""

    visit: str
    track: str


class ItemAdded(Decided, frozen=True, tag="item_added"):
    """The leading explanation now has `quantity` more of a product in a cart."""

    visit: str
    gtin: str
    quantity: int
    posterior: float


class ItemReturned(Decided, frozen=True, tag="item_returned"):
    """The leading explanation now has `quantity` less of a product in a cart."""

    visit: str
    gtin: str
    quantity: int
    posterior: float


class CartChanged(Decided, frozen=True, tag="cart_changed"):
    """A cart to publish."""

    cart: LiveCart


class VisitEnded(Decided, frozen=True, tag="visit_ended"):
    """The cart is final; its live cart is withdrawn."""

    visit: str


class ReceiptIssued(Decided, frozen=True, tag="receipt_issued"):
    """A receipt to publish and keep."""

    receipt: Receipt


class ReviewRequested(Decided, frozen=True, tag="review_requested"):
    """A person should look at a receipt; what is not sure stays uncharged meanwhile."""

    visit: str
    account: str
    receipt: str
    certainty: float  # probability that the receipt is entirely right
    about: tuple[str, ...]  # GTINs of its least sure lines


class ChargeRequested(Decided, frozen=True, tag="charge_requested"):
    """Charge an account once: `event` is the idempotency key. Answered by `PaymentResult`."""

    visit: str
    account: str
    receipt: str
    amount: int  # minor units, > 0
    currency: str


class ReleaseRequested(Decided, frozen=True, tag="release_requested"):
    """Let go of what is held for an account; nothing is owed. Answered by `PaymentResult`.

    Asked for a visit that took nothing, and for an admission that nobody used.
    """

    visit: str  # of an unused admission: the visit that it would have started
    account: str


class ChargeSettled(Decided, frozen=True, tag="charge_settled"):
    """The provider moved the money."""

    visit: str
    request: str
    amount: int
    provider_ref: str


class ChargeDeclined(Decided, frozen=True, tag="charge_declined"):
    """The provider refused; the visit's debt stays open."""

    visit: str
    request: str
    reason: str


class ChargeWaived(Decided, frozen=True, tag="charge_waived"):
    """Nothing is taken for what was charged: staff and testers never pay."""

    visit: str
    request: str
    reason: str


class AlertRaised(Decided, frozen=True, tag="alert_raised"):
    """An alert to publish."""

    alert: Alert


Event: TypeAlias = (
    EntryRequested
    | EntryRefused
    | VisitStarted
    | VisitorJoined
    | ItemAdded
    | ItemReturned
    | CartChanged
    | VisitEnded
    | ReceiptIssued
    | ReviewRequested
    | ChargeRequested
    | ReleaseRequested
    | ChargeSettled
    | ChargeDeclined
    | ChargeWaived
    | AlertRaised
)


def event_id(*parts: object) -> str:
    """Return a readable deterministic event id: its parts joined with slashes."""
    return "/".join(str(part) for part in parts)


def visit_of(event: Event) -> str:
    """Return the visit an event is about, "" when it is about none."""
    match event:
        case CartChanged():
            return event.cart.visit
        case ReceiptIssued():
            return event.receipt.visit
        case _:
            return str(getattr(event, "visit", ""))
