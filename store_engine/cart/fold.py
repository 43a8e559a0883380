"""A cart as the fold of its events: `apply` never fails, so any history can be read back."""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from store_engine.events import CartChanged, ItemAdded, ItemReturned
from store_engine.messages import CartLine

CartEvent: TypeAlias = ItemAdded | ItemReturned | CartChanged


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """What one visit holds, and what was last said about it."""

    visit: str
    length: int = 0  # events so far: the ordinal of the next one
    quantities: dict[str, int] = {}  # GTIN -> pieces, zero left out
    said: tuple[CartLine, ...] = ()  # lines of the cart last published


def apply(cart: Cart, event: CartEvent) -> Cart:
    """Return the cart after `event`."""
    match event:
        case ItemAdded():
            return _moved(cart, event.gtin, event.quantity)
        case ItemReturned():
            return _moved(cart, event.gtin, -event.quantity)
        case CartChanged():
            return msgspec.structs.replace(cart, length=cart.length + 1, said=event.cart.lines)


def fold(events: Iterable[CartEvent], cart: Cart) -> Cart:
    """Return the cart after all `events`."""
    for event in events:
        cart = apply(cart, event)
    return cart


def _moved(cart: Cart, gtin: str, change: int) -> Cart:
    quantity = cart.quantities.get(gtin, 0) + change
    others = {other: count for other, count in cart.quantities.items() if other != gtin}
    quantities = {**others, gtin: quantity} if quantity else others
    return msgspec.structs.replace(cart, length=cart.length + 1, quantities=quantities)
