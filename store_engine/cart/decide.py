"""What a new belief changes in a cart: the only place where a cart may refuse."""

from typing import NamedTuple

from store_engine.cart.fold import Cart, CartEvent
from store_engine.errors import InvariantError
from store_engine.events import CartChanged, ItemAdded, ItemReturned, VisitStarted, event_id
from store_engine.messages import CartLine, LiveCart
from store_engine.signals import CartBelief
from store_engine.store import Store
from store_engine.units import Gtin

# A line whose probability moved less than this is not worth publishing again (guess: a page
# shows whole per cents, and people do not act on one).
SAME_POSTERIOR = 0.01


class _Change(NamedTuple):
    gtin: str
    quantity: int  # pieces more, negative: less
    posterior: float
    causes: tuple[str, ...]


def open_cart(store: Store, started: VisitStarted) -> list[CartEvent]:
    """Return the publication of a new visit's empty cart."""
    cart = Cart(visit=started.visit)
    return [_publication(cart, (), store, time_us=started.time_us, causes=started.causes)]


def decide(cart: Cart, belief: CartBelief, store: Store) -> list[CartEvent]:
    """Return the events that bring `cart` up to `belief`, none when nothing worth saying moved.

    Raises:
        InvariantError: the belief is about another visit, names a product twice or one that the
            catalog lacks, or a quantity below one.
    """
    _check(cart, belief)
    lines = tuple(_line(line.gtin, belief, store) for line in belief.lines)
    changes = _changes(cart, belief)
    if not changes and not _worth_saying(cart.said, lines):
        return []
    events: list[CartEvent] = [
        _moved(cart, change, store, ordinal=cart.length + index, time_us=belief.time_us)
        for index, change in enumerate(changes)
    ]
    causes = tuple(dict.fromkeys(cause for change in changes for cause in change.causes))
    after = cart.length + len(events)
    events.append(
        _publication(cart, lines, store, time_us=belief.time_us, causes=causes, ordinal=after)
    )
    return events


def _check(cart: Cart, belief: CartBelief) -> None:
    if belief.visit != cart.visit:
        raise InvariantError(f"cart of {cart.visit}: got a belief about {belief.visit}")
    if len({line.gtin for line in belief.lines}) < len(belief.lines):
        raise InvariantError(f"cart of {cart.visit}: a product is on two lines of one belief")
    for line in belief.lines:
        if line.quantity < 1:
            raise InvariantError(
                f"cart of {cart.visit}: product {line.gtin} has quantity {line.quantity}, "
                "at least 1 is needed"
            )


def _changes(cart: Cart, belief: CartBelief) -> list[_Change]:
    """Differences in quantity, returns first: goods go back before others are taken for them."""
    believed = {line.gtin: line for line in (*belief.doubts, *belief.lines)}
    wanted = {line.gtin: line.quantity for line in belief.lines}
    said = {line.gtin: line.causes for line in cart.said}
    changes = []
    for gtin in (*cart.quantities, *(line.gtin for line in belief.lines)):
        change = wanted.get(Gtin(gtin), 0) - cart.quantities.get(gtin, 0)
        line = believed.get(Gtin(gtin))
        # A product that no explanation holds any more has no line: what it rested on explains it.
        posterior, causes = (line.posterior, line.causes) if line else (1.0, said.get(gtin, ()))
        if change and gtin not in {done.gtin for done in changes}:
            changes.append(_Change(gtin, change, posterior, causes))
    return sorted(changes, key=lambda change: change.quantity > 0)


def _moved(
    cart: Cart, change: _Change, store: Store, *, ordinal: int, time_us: int
) -> ItemAdded | ItemReturned:
    word, name = (ItemAdded, "item_added") if change.quantity > 0 else (ItemReturned, "item_returned")
    return word(
        event=event_id(store.map.store, cart.visit, name, ordinal),
        time_us=time_us,
        causes=change.causes,
        visit=cart.visit,
        gtin=change.gtin,
        quantity=abs(change.quantity),
        posterior=change.posterior,
    )


def _line(gtin: Gtin, belief: CartBelief, store: Store) -> CartLine:
    believed = next(line for line in belief.lines if line.gtin == gtin)
    price = store.catalog.price(gtin, believed.quantity)
    return CartLine(
        gtin=gtin,
        name=price.product.name,
        quantity=believed.quantity,
        posterior=believed.posterior,
        causes=believed.causes,
    )


def _worth_saying(said: tuple[CartLine, ...], lines: tuple[CartLine, ...]) -> bool:
    before = {line.gtin: line.posterior for line in said}
    return any(
        abs(line.posterior - before.get(line.gtin, -1.0)) >= SAME_POSTERIOR for line in lines
    )


def _publication(
    cart: Cart,
    lines: tuple[CartLine, ...],
    store: Store,
    *,
    time_us: int,
    causes: tuple[str, ...],
    ordinal: int = 0,
) -> CartChanged:
    total = sum(store.catalog.price(line.gtin, line.quantity).owed for line in lines)
    live = LiveCart(
        store=store.map.store,
        visit=cart.visit,
        time_us=time_us,
        lines=lines,
        total=total,
        currency=store.catalog.currency,
    )
    name = event_id(store.map.store, cart.visit, "cart_changed", ordinal)
    return CartChanged(event=name, time_us=time_us, causes=causes, cart=live)
