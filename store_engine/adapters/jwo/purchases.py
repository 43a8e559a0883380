"""Hands a shopping trip over: what was taken, without prices."""

from typing import Literal

import msgspec

from store_engine.adapters.jwo.back_end import Answer, BackEnd
from store_engine.adapters.jwo.words import (
    NAME_MAX,
    CartItem,
    ExternalIdentifier,
    Purchased,
    Purchases,
    Quantity,
    RetailerTerms,
    ScanResult,
    ShoppingTrip,
    TripEvent,
    event_uuid,
    fresh_request_id,
    timestamp,
)
from store_engine.errors import UnreachableError
from store_engine.messages import ReceiptLine
from store_engine.ports.trips import (
    Basket,
    HandedOver,
    TripEntry,
    TurnedAway,
    major_units,
)

PURCHASES = "order/purchases"
REFUSED = (400, 413, 422)  # about this request itself; only 400 is documented
PIECES, KILOGRAMS = "unit", "kg"  # "unit" as published; how weight is spelled is not (inferred)
UPC_DIGITS = 12
REASON_MAX = 200  # characters of a refusal that are kept (guess)

_purchased = msgspec.json.Decoder(Purchased).decode


def ask_purchases(
    back_end: BackEnd, terms: RetailerTerms, basket: Basket
) -> HandedOver | TurnedAway:
    """Tell what a trip took.

    Raises:
        UnreachableError: there is no answer, or none that is documented. Ask again: the same trip
            causes nothing new.
    """
    answer = back_end.call(PURCHASES, purchases(terms, basket))
    if answer.status in REFUSED:
        said = _shown(answer.body.decode("utf-8", "replace")[:REASON_MAX])
        return TurnedAway(f"the retailer refused the purchase ({answer.status}): {said}")
    if answer.status not in (200, 201):
        raise UnreachableError(f"{PURCHASES}: the back end answered {answer.status}")
    return HandedOver(_purchase(answer))


def _purchase(answer: Answer) -> str:
    """Return the purchase's name. The retailer has the trip even where the answer is unreadable."""
    try:
        return _shown((_purchased(answer.body).purchase_id or "")[:NAME_MAX])
    except msgspec.DecodeError:
        return ""


def _shown(text: str) -> str:
    """Return a text without what a database or a screen cannot take: it must hold up no line."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def purchases(terms: RetailerTerms, basket: Basket) -> Purchases:
    """Return the body for a trip: every line that the receipt charges, and no other.

    What we are not sure of is not handed over, just as it would not be charged.
    """
    trip, receipt = basket.trip, basket.receipt
    return Purchases(
        request_id=fresh_request_id(),
        idempotent_shopping_trip_id=trip.trip,
        store_id=terms.store_id,
        shopping_trip=ShoppingTrip(
            start_time=timestamp(trip.entered_us),
            end_time=timestamp(max(trip.entered_us, trip.left_us)),
            auth_events=tuple(_event(entry, basket.visitor) for entry in basket.entries),
        ),
        cart_items=tuple(
            _item(line, number, terms)
            for number, line in enumerate(receipt.lines, 1)
            if line.charged
        ),
    )


def _event(entry: TripEntry, visitor: str) -> TripEvent:
    by_card = entry.presented == "card"
    kind: Literal["SHOPPER", "ASSOCIATE"] = (
        "ASSOCIATE" if entry.visitor == "associate" else "SHOPPER"
    )
    return TripEvent(
        id=event_uuid(entry.entry),
        payload_type="FINANCIAL" if by_card else "SCAN_CODE",
        timestamp=timestamp(entry.time_us),
        location="ENTRY",
        scan_result=None if by_card or not visitor else ScanResult(id=visitor, type=kind),
    )


def _item(line: ReceiptLine, number: int, terms: RetailerTerms) -> CartItem:
    return CartItem(
        id=line.gtin,
        type=terms.item_type,
        quantity=_quantity(line),
        external_identifiers=(_identifier(line.gtin),),
        line_item_id=str(number),
    )


def _quantity(line: ReceiptLine) -> Quantity:
    if line.mass_g is None:
        return Quantity(value=f"{line.quantity}.0", unit=PIECES)
    return Quantity(value=str(major_units(line.mass_g, 3)), unit=KILOGRAMS)


def _identifier(gtin: str) -> ExternalIdentifier:
    """Name a product as others do: a UPC where its GTIN is one, else by the GTIN (inferred)."""
    upc = gtin.lstrip("0").rjust(UPC_DIGITS, "0")
    if len(upc) == UPC_DIGITS and len(gtin) >= UPC_DIGITS:
        return ExternalIdentifier(id=upc, type="UPC")
    return ExternalIdentifier(id=gtin, type="GTIN")
