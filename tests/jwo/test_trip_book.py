"""Trips in the store of record, on both databases."""

import msgspec
import pytest

from store_engine.adapters.database.records import SqlRecords
from store_engine.adapters.database.trips import SqlTripBook
from store_engine.events import ReceiptIssued
from store_engine.messages import Receipt
from store_engine.ports import Kept
from store_engine.ports.trips import Order, Settlement, TripEntry, TripRefund

STORE = "shop"


def receipt(name, *, party="ada", left_us=1_000):
    return Receipt(
        receipt=name, store=STORE, visit=name, account=party, entered_us=0, left_us=left_us,
        lines=(), subtotal=0, tax=0, total=0, currency="USD", currency_exponent=2,
        prices_include_tax=True,
    )  # fmt: skip


@pytest.fixture
def issue(database):
    records = SqlRecords(database, store=STORE)
    records.begin_life()

    def issue(*receipts):
        records.commit(
            Kept(
                events=[
                    ReceiptIssued(event=f"{one.receipt}/issued", time_us=0, receipt=one)
                    for one in receipts
                ]
            )
        )

    return issue


@pytest.fixture
def new_book(database):
    return lambda: SqlTripBook(database, store=STORE, trip_id=lambda party, n: f"{party}-{n}")


@pytest.fixture
def book(new_book):
    return new_book()


def settle_all(book):
    """Settle whatever waits; return the receipts in the order they were first."""
    found = []
    while trip := book.first_waiting():
        found.append(trip.receipt)
        book.settle(trip.trip, state="handed over", purchase="p")
    return found


def test_trips_stand_in_line_by_when_they_left(book, issue):
    issue(receipt("late", left_us=3_000), receipt("early", party="bob", left_us=2_000))
    book.line_up()
    assert settle_all(book) == ["early", "late"]


def test_lining_up_twice_changes_nothing(book, new_book, issue):
    issue(receipt("one"))
    book.line_up()
    new_book().line_up()
    assert settle_all(book) == ["one"]
    issue(receipt("two"))
    book.line_up()
    assert settle_all(book) == ["two"]


def test_a_party_that_leaves_twice_has_two_trips(book, issue):
    issue(receipt("one"), receipt("two"))
    book.line_up()
    assert [trip.trip for trip in book.trips_of("ada")] == ["ada-1", "ada-2"]


def test_receipts_from_before_the_first_time_stay_out(new_book, issue):
    issue(receipt("old"))
    book = new_book()
    issue(receipt("new"))
    new_book().line_up()
    assert settle_all(book) == ["new"]


def test_a_settled_trip_says_what_became_of_it(book, issue):
    issue(receipt("one"))
    book.line_up()
    book.settle("ada-1", state="turned away", reason="no")
    trip = book.trip_of_receipt("one")
    assert (trip.state, trip.reason) == ("turned away", "no")
    assert book.trip("ada-1") == trip
    assert book.trip("ada-2") is None


def test_an_entry_is_noted_once(book):
    entry = TripEntry(entry="e", party="ada", presented="code", visitor="shopper", time_us=5)
    book.note_entry(entry)
    book.note_entry(entry)
    book.note_entry(msgspec.structs.replace(entry, entry="before", time_us=4))
    assert [one.entry for one in book.entries("ada")] == ["before", "e"]


def test_the_first_order_and_refund_of_a_name_count(book, issue):
    issue(receipt("one"))
    book.line_up()
    order = Order(order="o", trip="ada-1", total=5, digest="d", time_us=1)
    refund = TripRefund(refund="r", trip="ada-1", amount=5, reason="OTHER", time_us=1)
    for keep, row in ((book.keep_order, order), (book.keep_refund, refund)):
        assert keep(row) == row
        assert keep(msgspec.structs.replace(row, time_us=2)) == row


def test_the_last_settlement_counts(book, issue):
    issue(receipt("one"))
    book.line_up()
    for settled in (0, 5):
        book.keep_settlement(Settlement(trip="ada-1", total=5, settled=settled, time_us=1))
