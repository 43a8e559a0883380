"""Laws of a cart as the fold of its events."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from store_engine.cart import Cart, CartEvent, Carts, decide, fold
from store_engine.events import CartChanged, ItemAdded, ItemReturned
from store_engine.messages import LiveCart
from store_engine.signals import CartBelief
from tests.checkout.till import COLA, GUM, WATER, belief, line, started, till_store

STORE = till_store()
VISIT = "door.0.1"
GTINS = st.sampled_from([WATER, COLA, GUM])

beliefs = st.lists(
    st.builds(line, GTINS, st.integers(1, 5), st.floats(0, 1)), unique_by=lambda row: row.gtin
).map(lambda lines: belief(*lines, final=False))


@st.composite
def cart_events(draw: st.DrawFn) -> CartEvent:
    """Any event, sensible after the one before or not: a history is data."""
    changed = CartChanged(
        event="e",
        time_us=0,
        cart=LiveCart(store="tiny", visit=VISIT, time_us=0, lines=(), total=0, currency="USD"),
    )
    word = draw(st.sampled_from([ItemAdded, ItemReturned]))
    moved = word(
        event="e",
        time_us=0,
        visit=VISIT,
        gtin=draw(GTINS),
        quantity=draw(st.integers(1, 5)),
        posterior=1.0,
    )
    return draw(st.sampled_from([changed, moved, moved]))


@given(history=st.lists(cart_events(), max_size=30), cut=st.integers(0, 30))
def test_resuming_from_a_snapshot_changes_nothing(history: list[CartEvent], cut: int):
    half = fold(history[:cut], Cart(visit=VISIT))
    thawed = msgspec.msgpack.decode(msgspec.msgpack.encode(half), type=Cart)
    assert fold(history[cut:], thawed) == fold(history, Cart(visit=VISIT))


@given(st.lists(cart_events(), max_size=30))
def test_a_cart_holds_what_was_added_less_what_was_returned(history: list[CartEvent]):
    cart = fold(history, Cart(visit=VISIT))
    for gtin in (WATER, COLA, GUM):
        of_it = [e for e in history if not isinstance(e, CartChanged) and e.gtin == gtin]
        held = sum(e.quantity if isinstance(e, ItemAdded) else -e.quantity for e in of_it)
        assert cart.quantities.get(gtin, 0) == held


@given(st.lists(beliefs, min_size=1, max_size=10))
def test_after_every_belief_cart_and_publication_hold_exactly_what_is_believed(
    history: list[CartBelief],
):
    cart = Cart(visit=VISIT)
    for believed in history:
        cart = fold(decide(cart, believed, STORE), cart)
        held = {row.gtin: row.quantity for row in believed.lines}
        assert cart.quantities == held
        assert {row.gtin: row.quantity for row in cart.said} == held


@given(beliefs, beliefs)
def test_deciding_twice_decides_nothing_new(before: CartBelief, after: CartBelief):
    cart = fold(decide(Cart(visit=VISIT), before, STORE), Cart(visit=VISIT))
    cart = fold(decide(cart, after, STORE), cart)
    assert decide(cart, after, STORE) == []


@given(st.lists(beliefs, max_size=10), st.integers(0, 10))
def test_the_room_resumes_from_a_snapshot_and_never_uses_an_event_id_twice(
    history: list[CartBelief], cut: int
):
    carts, resumed = Carts(STORE), Carts(STORE)
    events = carts.start(started())
    for number, believed in enumerate(history):
        if number == cut:
            resumed.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(carts.snapshot())))
        said = carts.believe(believed)
        if number >= cut:
            assert resumed.believe(believed) == said
        events += said
    ids = [event.event for event in events]
    assert len(ids) == len(set(ids))
