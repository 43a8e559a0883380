"""The bodies of the calls, spelled as the retailer's back end expects them."""

import base64
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import msgspec

NAMES = uuid.UUID("6f1d0f4e-6a0b-5c0e-9d0a-7d6b6c5e4f3a")  # drawn once; names our trips and events
IDENTITY_KEY_MAX = 1_000  # characters, Base64 (verify_identity_keys)
NAME_MAX = 255  # characters, of everything that is named (create_purchases)

ItemType = Literal["SKU", "SCANCODE"]


@dataclass(frozen=True, kw_only=True)
class RetailerTerms:
    """How a store and its goods are called at the retailer's."""

    store_id: str  # the retailer's name for the store
    currency: str
    exponent: int  # digits after the point
    item_type: ItemType = "SCANCODE"  # what the retailer calls our GTINs


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What every body is: camelCase, without what is not known."""


# ---- identity/identity-keys --------------------------------------------------------------------


class AuthEvent(Body, frozen=True):
    """Somebody presented something at a gate."""

    id: str  # UUID
    timestamp: str  # ISO 8601, UTC, whole seconds
    location: Literal["ENTRY"]


class IdentityKeys(Body, frozen=True):
    """May the holder of this code come in?"""

    request_id: str  # UUID, new for every call
    identity_key: str
    store_id: str
    auth_event: AuthEvent
    key_channel: Literal["OPTICAL"]


class VisitorDetails(Body, frozen=True):
    """Who they are to the retailer."""

    id: str
    type: Literal["SHOPPER", "ASSOCIATE"]


class Identity(Body, frozen=True):
    """The answer: come in."""

    visitor_details: VisitorDetails


# ---- fraudandabuse/shopperauthorization --------------------------------------------------------


class Amount(Body, frozen=True):
    """Money in major units; a number in JSON, exact on both sides."""

    value: Decimal
    currency_code: str


class ShopperIdentity(Body, frozen=True):
    """A payment instrument, by a name that says nothing about it."""

    id: str


class GateEvent(Body, frozen=True):
    """A card was held to the gate."""

    id: str
    type: Literal["CREDIT_CARD"]
    interaction_type: Literal["TAP"]
    timestamp: str
    location: Literal["ENTRY"]


class Condition(Body, frozen=True):
    """Come in, but with another amount held."""

    type: Literal["ADJUST"]
    amount: Amount


class Recommendation(Body, frozen=True):
    """What one side thinks of a shopper."""

    shopper_authorized: bool
    authorization_conditions: tuple[Condition, ...] = ()
    shopper_risks: tuple[str, ...] = ()


class Interaction(Body, frozen=True):
    """What happened, and what we think of it."""

    shopping_trip_id: str
    gate_authentication_event: GateEvent
    recommendation: Recommendation


class Authorization(Body, frozen=True):
    """May the holder of this card come in?"""

    store_id: str
    shopper_identity: ShopperIdentity
    authorized_amount: Amount
    shopper_interaction: Interaction


# ---- order/purchases ---------------------------------------------------------------------------


class ScanResult(Body, frozen=True):
    """Who somebody of a trip is, as the retailer said at the gate."""

    id: str
    type: Literal["SHOPPER", "ASSOCIATE"]


class TripEvent(Body, frozen=True):
    """How somebody of a trip came in."""

    id: str
    payload_type: Literal["FINANCIAL", "SCAN_CODE"]
    timestamp: str
    location: Literal["ENTRY"]
    scan_result: ScanResult | None = None


class ShoppingTrip(Body, frozen=True):
    """From when to when, and how they came in."""

    start_time: str
    end_time: str
    auth_events: tuple[TripEvent, ...]


class Quantity(Body, frozen=True):
    """How many; a decimal number as text."""

    value: str  # at most 10 characters
    unit: str


class ExternalIdentifier(Body, frozen=True):
    """What others call a product."""

    id: str
    type: str


class CartItem(Body, frozen=True):
    """One product."""

    id: str
    type: ItemType
    quantity: Quantity
    external_identifiers: tuple[ExternalIdentifier, ...] = ()
    line_item_id: str = ""


class Purchases(Body, frozen=True):
    """What a trip took; the retailer prices it. The same trip id causes nothing new."""

    request_id: str
    idempotent_shopping_trip_id: str
    store_id: str
    shopping_trip: ShoppingTrip
    cart_items: tuple[CartItem, ...]


class Purchased(Body, frozen=True):
    """The answer: noted. Empty for an empty cart."""

    purchase_id: str | None = ""


# ---- spelling ----------------------------------------------------------------------------------

_encode = msgspec.json.Encoder(decimal_format="number").encode


def encode(body: Body) -> bytes:
    """Return a body as JSON."""
    return _encode(body)


def trip_id(party: str, number: int = 1) -> str:
    """Return the id of a party's first, second, ... shopping trip: always the same UUID."""
    name = party if number == 1 else f"{party}.{number}"
    return str(uuid.uuid5(NAMES, f"trip/{name}"))


def event_uuid(entry: str) -> str:
    """Return the id of an entry, as a UUID."""
    return str(uuid.uuid5(NAMES, f"entry/{entry}"))


def instrument_uuid(card: str) -> str:
    """Return the id of a card (its handle) towards the retailer, as a UUID."""
    return str(uuid.uuid5(NAMES, f"instrument/{card}"))


def fresh_request_id() -> str:
    """Return an id that no request had before."""
    return str(uuid.uuid4())


def timestamp(time_us: int) -> str:
    """Return event time as in the published samples: 2024-02-09T17:53:57Z."""
    whole = datetime.fromtimestamp(time_us // 1_000_000, UTC)
    return whole.strftime("%Y-%m-%dT%H:%M:%SZ")


def identity_key(code: str) -> str:
    """Return a scanned code in Base64."""
    return base64.b64encode(code.encode("utf-8", "surrogatepass")).decode()
