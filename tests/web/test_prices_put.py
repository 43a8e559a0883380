"""Prices are put over HTTP, kept, and said to a running engine."""

from dataclasses import replace

import msgspec

from store_engine.price_watch import PriceWatch
from tests.web.office_world import MILK, START_US, catalog

PATH = "/v1/stores/shop/prices"


def put(office, book):
    return office.client.put(PATH, content=msgspec.json.encode(book), headers=office.token())


def test_prices_that_were_put_are_those_of_the_next_visit(office):
    assert put(office, catalog(**{MILK: 139})).status_code == 200
    said = office.client.get("/v1/stores/shop/catalog", headers=office.token()).json()
    assert said["products"][MILK]["price"] == 139
    assert (
        office.client.get("/v1/stores/kiosk/catalog", headers=office.token()).json()["products"][
            MILK
        ]["price"]
        == 129
    )


def test_a_running_engine_is_told_once(office):
    told = []
    watch = PriceWatch(
        version=lambda: office.prices.newest_version("shop"),
        book=lambda: office.prices.newest("shop").book,
        say=told.append,
        known="",
    )
    put(office, catalog(**{MILK: 139}))
    watch.look()
    watch.look()
    assert [book.products[MILK].price for book in told] == [139]


def test_files_hold_until_prices_are_put_and_again_when_they_change(office):
    files = catalog()
    office.prices.follow_files("shop", files, now_us=START_US)
    put(office, catalog(**{MILK: 139}))
    office.prices.follow_files("shop", files, now_us=START_US)
    assert office.prices.newest("shop").book.products[MILK].price == 139
    edited = replace(catalog(**{MILK: 149}), version="edited")
    office.prices.follow_files("shop", edited, now_us=START_US)
    assert office.prices.newest("shop").book.products[MILK].price == 149


def test_the_same_prices_without_a_version_get_the_same_one(office):
    book = replace(catalog(**{MILK: 139}), version="")
    assert put(office, book).json() == put(office, book).json()
