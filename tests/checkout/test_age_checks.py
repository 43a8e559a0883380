"""Goods that not everybody may buy."""

import dataclasses

import msgspec
import pytest

from store_engine.cart import Carts
from store_engine.checkout import Checkout
from store_engine.engine import Engine
from store_engine.events import AlertRaised, CartChanged, Event, ReceiptIssued
from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import AgeChecked, Arrival
from store_engine.ports import RawArrival
from store_engine.promotions import Shopper
from store_engine.signals import CartBelief
from store_engine.store import Store
from tests.checkout.offers import THREE_FOR_TWO, offered
from tests.checkout.till import COLA, WATER, belief, line, started, till_store
from tests.tiny_store import tiny_store


@pytest.fixture
def store() -> Store:
    """Cola is for grown-ups here."""
    store = till_store()
    cola = dataclasses.replace(store.catalog.products[COLA], minimum_age=18)
    products = {**store.catalog.products, COLA: cola}
    return store._replace(catalog=dataclasses.replace(store.catalog, products=products))


def inside(store: Store, **known: bool) -> tuple[Checkout, Carts]:
    visit = msgspec.structs.replace(started(), shopper=Shopper(**known))
    checkout, carts = Checkout(store), Carts(store)
    checkout.start(visit)
    carts.start(visit)
    return checkout, carts


def follow(rooms: tuple[Checkout, Carts], believed: CartBelief) -> list[Event]:
    checkout, carts = rooms
    return checkout.follow(believed, carts.believe(believed))


def alerts(events: list[Event]) -> list[AlertRaised]:
    return [event for event in events if isinstance(event, AlertRaised)]


def test_staff_are_told_when_it_is_first_in_the_cart_and_once(store: Store):
    rooms = inside(store)
    told = [alerts(follow(rooms, belief(line(COLA, quantity), final=False))) for quantity in (1, 2)]
    assert [len(one) for one in told] == [1, 0]
    alert = told[0][0].alert
    assert (alert.kind, alert.about, alert.causes) == ("age_check", "door.0.1", ("shelf/0/46",))
    assert "Cola (049000006346) is for 18 and over" in alert.text


def test_staff_are_told_once_across_a_restart(store: Store):
    checkout, carts = inside(store)
    follow((checkout, carts), belief(line(COLA, 1), final=False))
    other = Checkout(store)
    other.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(checkout.snapshot())))
    assert alerts(follow((other, carts), belief(line(COLA, 2), final=False))) == []


def test_it_is_held_shown_and_not_charged(store: Store):
    checkout, _ = inside(store)
    (issued,) = (
        event
        for event in checkout.settle(belief(line(WATER, 1), line(COLA, 1)))
        if isinstance(event, ReceiptIssued)
    )
    water, cola = issued.receipt.lines
    assert (cola.held, cola.charged, cola.owed, cola.amount) == (True, False, 0, 199)
    assert (cola.minimum_age, water.minimum_age, water.held) == (18, 0, False)
    assert issued.receipt.total == water.owed == 129


def test_a_shopper_known_to_be_grown_up_is_charged_and_nobody_is_told(store: Store):
    rooms = inside(store, adult=True)
    assert alerts(follow(rooms, belief(line(COLA, 1), final=False))) == []
    issued = rooms[0].settle(belief(line(COLA, 1)))[0]
    assert (issued.receipt.lines[0].held, issued.receipt.total) == (False, 215)


def test_a_live_cart_says_what_it_would_cost_promotions_and_all(store: Store):
    book = dataclasses.replace(store.catalog, promotions=(offered(THREE_FOR_TWO, WATER),))
    events = follow(inside(store._replace(catalog=book)), belief(line(WATER, 3), final=False))
    (changed,) = (event for event in events if isinstance(event, CartChanged))
    assert changed.cart.total == 258


def test_what_is_said_of_a_visit_that_was_settled_passes_unchanged(store: Store):
    checkout, carts = inside(store)
    checkout.settle(belief(line(WATER, 1)))
    said = carts.believe(belief(line(COLA, 1), final=False))
    assert checkout.follow(belief(line(COLA, 1), final=False), said) == said


# ---- somebody looks


def looked(adult: bool, *, visit: str = "door.0.1", device: str = "office") -> AgeChecked:
    return AgeChecked(
        device=device, sequence=3, time_us=5_000, visit=visit, by="t-eva", adult=adult
    )


def settled(checkout: Checkout) -> tuple[bool, int]:
    """Whether cola is held, and what is owed."""
    receipt = checkout.settle(belief(line(COLA, 1)))[0].receipt
    return receipt.lines[0].held, receipt.total


def test_who_is_found_old_enough_is_charged(store: Store):
    checkout, _ = inside(store)
    checkout.check_age(looked(True), 5_000)
    assert settled(checkout) == (False, 215)


def test_who_is_found_too_young_is_not_charged_whatever_their_account_says(store: Store):
    checkout, _ = inside(store, adult=True)
    checkout.check_age(looked(False), 5_000)
    assert settled(checkout) == (True, 0)


def test_the_last_look_counts(store: Store):
    checkout, _ = inside(store)
    for adult in (False, True):
        checkout.check_age(looked(adult), 5_000)
    assert settled(checkout) == (False, 215)


def test_a_look_survives_a_restart(store: Store):
    checkout, _ = inside(store)
    checkout.check_age(looked(True), 5_000)
    other = Checkout(store)
    other.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(checkout.snapshot())))
    assert settled(other) == (False, 215)


def test_a_look_is_for_one_visit(store: Store):
    checkout, _ = inside(store)
    checkout.start(msgspec.structs.replace(started("door.0.2"), account="Bob"))
    checkout.check_age(looked(True, visit="door.0.2"), 5_000)
    assert settled(checkout) == (True, 0)


def test_it_is_kept_who_looked_and_what_they_found(store: Store):
    checkout, _ = inside(store)
    (said,) = checkout.check_age(looked(True), 5_000)
    assert (said.alert.kind, said.alert.about, said.causes) == (
        "age_checked",
        "door.0.1",
        ("office/0/3",),
    )
    assert "t-eva looked at the shopper, who is old enough" in said.alert.text


def test_a_look_that_comes_too_late_is_answered_and_charges_nobody(store: Store):
    checkout, _ = inside(store)
    assert settled(checkout) == (True, 0)
    (late,) = checkout.check_age(looked(True), 9_999)
    assert (late.alert.kind, late.alert.about) == ("age_check_late", "door.0.1")
    (unknown,) = checkout.check_age(looked(True, visit="door.0.9"), 9_999)
    assert unknown.alert.kind == "age_check_late"


def knock(message: AgeChecked) -> Arrival | Refusal:
    topic = f"stores/tiny/edge/{message.device}/age-checks"
    return FrontDoor(tiny_store()).accept(RawArrival(5_000, topic, msgspec.json.encode(message)))


def test_a_look_comes_in_through_the_front_door():
    (said,) = Engine(tiny_store()).handle(knock(looked(True)))
    assert said.alert.kind == "age_check_late"  # nobody is inside


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (looked(True, device="door"), "unknown device 'door' among the edge"),
        (looked(True, visit=""), "length >= 1"),
        (looked(True, visit="../x"), "matching regex"),
    ],
)
def test_nobody_else_may_say_so_and_nonsense_is_refused(message: AgeChecked, reason: str):
    refused = knock(message)
    assert isinstance(refused, Refusal)
    assert reason in refused.reason
