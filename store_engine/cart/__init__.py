"""Carts: one visit's virtual cart [quantity], and its corrections while the visit lasts.

    VisitStarted ─▶ start ─▶ the empty cart, to publish
    CartBelief ───▶ believe ─▶ ItemAdded / ItemReturned ─▶ CartChanged

A cart is nothing but the fold of its events (`fold.py`): `decide` compares a belief with the
cart and names the difference, `apply` takes the events in.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from store_engine.cart.decide import decide, open_cart
from store_engine.cart.fold import Cart, CartEvent, apply, fold
from store_engine.errors import InvariantError
from store_engine.events import CartChanged, Event, VisitStarted
from store_engine.signals import CartBelief
from store_engine.store import Store

__all__ = ["Cart", "CartEvent", "Carts", "apply", "decide", "fold", "open_cart"]


class Carts:
    """The carts of everyone inside."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._carts: dict[str, Cart] = {}

    def start(self, started: VisitStarted) -> list[Event]:
        """Open the cart of a new visit and publish it, empty.

        Raises:
            InvariantError: the visit already has a cart.
        """
        if started.visit in self._carts:
            raise InvariantError(f"visit {started.visit}: started twice")
        self._carts[started.visit] = Cart(visit=started.visit)
        return self._take_in(open_cart(self._store, started))

    def believe(self, belief: CartBelief) -> list[Event]:
        """Bring a cart up to a belief; a belief about a cart that ended is late, and says nothing.

        Raises:
            InvariantError: the belief names an unknown product or a negative quantity.
        """
        cart = self._carts.get(belief.visit)
        return [] if cart is None else self._take_in(decide(cart, belief, self._store))

    def end(self, visit: str) -> None:
        """Forget the cart of a visit that ended; its `VisitEnded` event withdraws it."""
        self._carts.pop(visit, None)

    def _take_in(self, events: list[CartEvent]) -> list[Event]:
        for event in events:
            visit = event.cart.visit if isinstance(event, CartChanged) else event.visit
            self._carts[visit] = apply(self._carts[visit], event)
        return list(events)

    def snapshot(self) -> dict[str, Any]:
        """Return all open carts as plain values."""
        return {"carts": msgspec.to_builtins(self._carts)}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Hold exactly the carts that `snapshot` held."""
        self._carts = msgspec.convert(snapshot["carts"], dict[str, Cart])
