"""The connectors of Amazon's Just Walk Out, so that a back end built for them works unchanged.

    gate scan ──▶ identity/identity-keys ─────────────▶ retailer     gate.py
    card tap ───▶ fraudandabuse/shopperauthorization ─▶ retailer     gate.py
    exit ───────▶ order/purchases ────────────────────▶ retailer     purchases.py
    retailer ───▶ checkout/carts, adjust, cancel, capture, refund, payment-status   (`web.jwo`)

The retailer prices the goods. A shopping trip is a visit; its id is made of the party's name and so
is the same however often it is told. `JwoRetailer` is the port `ports.trips.Retailer`; who comes in
and in which order trips are told is decided in `office.trip_desk` and `office.trip_line`.

Facts: developer.amazon.com/docs/physicalstores, as far as it is public; where it is silent, what is
done here is marked *inferred*, and docs/jwo-connectors.md lists it.
"""

from store_engine.adapters.jwo.back_end import BackEnd, SignatureV4
from store_engine.adapters.jwo.gate import ask_authorization, ask_identity
from store_engine.adapters.jwo.purchases import ask_purchases
from store_engine.adapters.jwo.words import RetailerTerms, trip_id
from store_engine.ports.trips import (
    Authorised,
    Basket,
    HandedOver,
    Presentation,
    TurnedAway,
    Visitor,
)

__all__ = ["BackEnd", "JwoRetailer", "RetailerTerms", "SignatureV4"]


class JwoRetailer:
    """A retailer's back end that was built for Just Walk Out (port `Retailer`)."""

    def __init__(self, back_end: BackEnd, terms: RetailerTerms) -> None:
        self._back_end = back_end
        self._terms = terms

    def identify(self, code: str, at: Presentation) -> Visitor | TurnedAway:
        """Ask who the holder of a code is. Raises `UnreachableError`."""
        return ask_identity(self._back_end, self._terms, code, at)

    def authorise(self, card: str, at: Presentation, *, hold: int) -> Authorised | TurnedAway:
        """Ask whether the holder of a card may come in. Raises `UnreachableError`."""
        return ask_authorization(self._back_end, self._terms, card, at, hold=hold)

    def hand_over(self, basket: Basket) -> HandedOver | TurnedAway:
        """Tell what a trip took. Raises `UnreachableError`."""
        return ask_purchases(self._back_end, self._terms, basket)

    def trip_id(self, party: str, number: int) -> str:
        """Return the name of a party's first, second, ... trip."""
        return trip_id(party, number)
