"""What a new belief changes in a cart: the only place where a cart may refuse."""

from typing import NamedTuple

from store_engine.cart.fold import Cart, CartEvent
from store_engine.errors import InvariantError
from store_engine.events import CartChanged, ItemAdded, ItemReturned, VisitStarted, event_id
from store_engine.messages import CartLine, LiveCart
from store_engine.signals import CartBelief, LineBelief
from store_engine.store import Store

# A line whose probability moved less than this is not worth publishing again (guess: a page
# shows whole per cents, and nobody acts on one).
SAME_POSTERIOR = 0.01


class _Change(NamedTuple):
    gtin: str
    pieces: int  # negative: returned
    posterior: float
    causes: tuple[str, ...]


def open_cart(store: Store, started: VisitStarted) -> list[CartEvent]:
    """Return the publication of a new visit's empty cart."""
    live = _live_cart(started.visit, (), store, time_us=started.time_us)
    return [_publish(live, ordinal=0, causes=started.causes)]


def decide(cart: Cart, belief: CartBelief, store: Store) -> list[CartEvent]:
    """Return the events that bring `cart` up to `belief`, none when nothing worth saying moved.

    Raises:
        InvariantError: the belief is about another visit, names a product twice or one that the
            catalog lacks, or a quantity below one.
    """
    _check(cart, belief)
    lines = tuple(_said_line(line, store) for line in belief.lines)
    changes = _changes(cart, belief)
    if not changes and not _worth_saying(cart.said, lines):
        return []
    moves = [
        _move(change, cart, store, ordinal=cart.length + index, time_us=belief.time_us)
        for index, change in enumerate(changes)
    ]
    causes = tuple(dict.fromkeys(cause for change in changes for cause in change.causes))
    live = _live_cart(cart.visit, lines, store, time_us=belief.time_us)
    return [*moves, _publish(live, ordinal=cart.length + len(moves), causes=causes)]


def _check(cart: Cart, belief: CartBelief) -> None:
    if belief.visit != cart.visit:
        raise InvariantError(f"cart of {cart.visit}: got a belief about {belief.visit}")
    if len({line.gtin for line in belief.lines}) < len(belief.lines):
        raise InvariantError(f"cart of {cart.visit}: a product is on two lines of one belief")
    for line in belief.lines:
        if line.quantity < 1:
            raise InvariantError(
                f"cart of {cart.visit}: quantity {line.quantity} of product {line.gtin}, "
                "a line has at least 1"
            )


def _changes(cart: Cart, belief: CartBelief) -> list[_Change]:
    """Return the differences, returns first: goods go back before others replace them."""
    held: dict[str, int] = {line.gtin: line.quantity for line in belief.lines}
    evidence = _evidence(cart, belief)
    changes = [
        _Change(gtin, held.get(gtin, 0) - cart.quantities.get(gtin, 0), *evidence[gtin])
        for gtin in dict.fromkeys((*cart.quantities, *held))
    ]
    return sorted((change for change in changes if change.pieces), key=lambda c: c.pieces > 0)


def _evidence(cart: Cart, belief: CartBelief) -> dict[str, tuple[float, tuple[str, ...]]]:
    """Return (posterior, causes) by product.

    A product that no explanation holds any more has no line in the belief: it is surely gone,
    and what it used to rest on is the best account of it.
    """
    evidence: dict[str, tuple[float, tuple[str, ...]]] = dict.fromkeys(cart.quantities, (1.0, ()))
    evidence.update((line.gtin, (1.0, line.causes)) for line in cart.said)
    evidence.update(
        (line.gtin, (_probability(line.posterior), line.causes))
        for line in (*belief.doubts, *belief.lines)
    )
    return evidence


def _worth_saying(said: tuple[CartLine, ...], lines: tuple[CartLine, ...]) -> bool:
    before = {line.gtin: line.posterior for line in said}
    return any(abs(line.posterior - before[line.gtin]) >= SAME_POSTERIOR for line in lines)


def _said_line(line: LineBelief, store: Store) -> CartLine:
    return CartLine(
        gtin=line.gtin,
        name=store.catalog.price(line.gtin, line.quantity).product.name,
        quantity=line.quantity,
        posterior=_probability(line.posterior),
        causes=line.causes,
    )


def _probability(posterior: float) -> float:
    """Sums of floats exceed 1 by a rounding error now and then; words on the wire may not."""
    return min(1.0, max(0.0, posterior))


def _move(
    change: _Change, cart: Cart, store: Store, *, ordinal: int, time_us: int
) -> ItemAdded | ItemReturned:
    word: type[ItemAdded | ItemReturned] = ItemAdded if change.pieces > 0 else ItemReturned
    kind = "item_added" if change.pieces > 0 else "item_returned"
    return word(
        event=event_id(store.map.store, cart.visit, kind, ordinal),
        time_us=time_us,
        causes=change.causes,
        visit=cart.visit,
        gtin=change.gtin,
        quantity=abs(change.pieces),
        posterior=change.posterior,
    )


def _live_cart(visit: str, lines: tuple[CartLine, ...], store: Store, *, time_us: int) -> LiveCart:
    return LiveCart(
        store=store.map.store,
        visit=visit,
        time_us=time_us,
        lines=lines,
        total=sum(store.catalog.price(line.gtin, line.quantity).owed for line in lines),
        currency=store.catalog.currency,
    )


def _publish(live: LiveCart, *, ordinal: int, causes: tuple[str, ...]) -> CartChanged:
    return CartChanged(
        event=event_id(live.store, live.visit, "cart_changed", ordinal),
        time_us=live.time_us,
        causes=causes,
        cart=live,
    )
