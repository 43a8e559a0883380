"""Prices change between visits, never inside one; and what the door of prices lets in."""

import dataclasses
import json

import msgspec
import pytest

from store_engine.catalog import Catalog
from store_engine.checkout import Checkout
from store_engine.engine import Engine
from store_engine.events import Event, ReceiptIssued
from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import Arrival, PricesChanged, Receipt
from store_engine.ports import RawArrival
from store_engine.price_book import mistakes
from tests.checkout.offers import THREE_FOR_TWO, TWO_FOR_300, offered
from tests.checkout.till import COLA, WATER, belief, line, started, till_store
from tests.tiny_store import tiny_store


def repriced(book: Catalog, *, water: int, version: str) -> Catalog:
    product = dataclasses.replace(book.products[WATER], price=water)
    return dataclasses.replace(book, products={**book.products, WATER: product}, version=version)


def issued(events: list[Event]) -> Receipt:
    return next(event.receipt for event in events if isinstance(event, ReceiptIssued))


def restarted(checkout: Checkout) -> Checkout:
    other = Checkout(till_store())
    other.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(checkout.snapshot())))
    return other


@pytest.mark.parametrize("restart", [False, True])
def test_a_visit_is_priced_by_the_book_in_force_when_it_started(restart: bool):
    checkout = Checkout(till_store())
    checkout.start(started("door.0.1"))
    checkout.change_prices(repriced(till_store().catalog, water=150, version="tuesday"))
    checkout.start(started("door.0.2"))
    if restart:
        checkout = restarted(checkout)
    papers = [
        issued(checkout.settle(belief(line(WATER, 1), visit=visit)))
        for visit in ("door.0.1", "door.0.2")
    ]
    assert [(paper.total, paper.price_book) for paper in papers] == [(129, ""), (150, "tuesday")]


def test_books_that_nobody_can_be_charged_by_are_forgotten():
    checkout = Checkout(till_store())
    checkout.start(started())
    for version in ("tuesday", "wednesday"):
        checkout.change_prices(repriced(till_store().catalog, water=150, version=version))
    assert set(checkout.snapshot()["prices"]["books"]) == {"", "wednesday"}
    checkout.settle(belief(line(WATER, 1)))
    assert set(checkout.snapshot()["prices"]["books"]) == {"wednesday"}


def test_a_version_means_one_thing():
    checkout = Checkout(till_store())
    for water in (150, 990):
        book = repriced(till_store().catalog, water=water, version="tuesday")
        checkout.change_prices(book)
    checkout.start(started())
    assert issued(checkout.settle(belief(line(WATER, 1)))).total == 150


def test_a_product_that_an_older_book_lacks_has_the_price_the_store_opened_with():
    checkout = Checkout(till_store())
    book = till_store().catalog
    only_water = dataclasses.replace(book, products={WATER: book.products[WATER]}, version="old")
    checkout.change_prices(only_water)
    checkout.start(started())
    assert issued(restarted(checkout).settle(belief(line(COLA, 1)))).subtotal == 199


def knock(book: Catalog) -> Arrival | Refusal:
    said = PricesChanged(device="catalog", sequence=0, time_us=5_000, book=book)
    raw = RawArrival(5_000, "stores/tiny/edge/catalog/prices", msgspec.json.encode(said))
    return FrontDoor(tiny_store()).accept(raw)


def test_a_new_book_is_heard_and_survives_the_wire():
    book = repriced(tiny_store().catalog, water=150, version="tuesday")
    book = dataclasses.replace(book, promotions=(offered(THREE_FOR_TWO, WATER),))
    accepted = knock(book)
    assert isinstance(accepted, Arrival)
    assert accepted.message.book == book
    engine = Engine(tiny_store())
    assert engine.handle(accepted) == []
    assert engine.price_book == "tuesday"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": ""}, 'price book "": a version is missing'),
        ({"currency": "EUR"}, "currency EUR with 2 decimals, the store takes USD with 2 decimals"),
        ({"tax_rates": {"food": 0}}, "product 049000006346: tax class 'soft' has no rate"),
        (
            {"promotions": (offered(TWO_FOR_300, WATER), offered(THREE_FOR_TWO, name="all"))},
            f'promotion "all": product {WATER} is already in multi-buy "offer" at that time',
        ),
    ],
)
def test_a_book_that_cannot_be_charged_by_is_refused(changes: dict[str, object], reason: str):
    book = dataclasses.replace(tiny_store().catalog, **{"version": "tuesday", **changes})
    refused = knock(book)
    assert isinstance(refused, Refusal)
    assert reason in refused.reason


def test_an_offer_that_makes_no_sense_is_refused_as_malformed():
    book = dataclasses.replace(
        tiny_store().catalog, version="tuesday", promotions=(offered(THREE_FOR_TWO, WATER),)
    )
    said = PricesChanged(device="catalog", sequence=0, time_us=5_000, book=book)
    payload = json.loads(msgspec.json.encode(said))
    payload["book"]["promotions"][0]["offer"]["pay"] = 7
    raw = RawArrival(0, "stores/tiny/edge/catalog/prices", json.dumps(payload).encode())
    refused = FrontDoor(tiny_store()).accept(raw)
    assert isinstance(refused, Refusal)
    assert "3 for 7: pay for at least 1" in refused.reason


def test_multi_buys_may_follow_one_another():
    october = offered(TWO_FOR_300, WATER, name="october", until_us=1_000)
    november = offered(THREE_FOR_TWO, WATER, name="november", from_us=1_000)
    book = dataclasses.replace(till_store().catalog, promotions=(october, november))
    assert mistakes(book) == []
