"""From quantities to money."""

import dataclasses
from decimal import ROUND_HALF_EVEN, Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.catalog import tax_on
from store_engine.checkout import Checkout
from store_engine.errors import InvariantError
from store_engine.events import (
    AlertRaised,
    ChargeRequested,
    ReceiptIssued,
    ReleaseRequested,
    VisitEnded,
)
from store_engine.messages import Receipt
from store_engine.promotions import Shopper
from store_engine.signals import LineBelief, VisitLeaving
from store_engine.store import Store
from store_engine.units import MessageRef, VisitId
from tests.checkout.offers import (
    CHEESE,
    PUBLIC,
    TENTH,
    THREE_FOR_TWO,
    book,
    offered,
    voucher,
)
from tests.checkout.till import COLA, GUM, WATER, belief, line, started, till_store

cart_lines = st.lists(
    st.builds(line, st.sampled_from([WATER, COLA, GUM]), st.integers(1, 50), st.floats(0, 1)),
    unique_by=lambda line: line.gtin,
).map(tuple)
shoppers = st.builds(
    Shopper,
    member=st.booleans(),
    adult=st.booleans(),
    vouchers=st.sampled_from([(), (voucher(amount=300),), (voucher(rate_ppm=333_333),)]),
)


@st.composite
def stores(draw: st.DrawFn) -> Store:
    """Cents, yen and fils; water in threes for two, cola for grown-ups, everything for members."""
    currency, exponent = draw(st.sampled_from([("USD", 2), ("JPY", 0), ("KWD", 3)]))
    store = till_store(
        currency=currency,
        exponent=exponent,
        included=draw(st.booleans()),
        rate_ppm=draw(st.integers(0, 300_000)),
    )
    products = {
        **store.catalog.products,
        COLA: dataclasses.replace(store.catalog.products[COLA], minimum_age=18),
    }
    offers = (
        offered(THREE_FOR_TWO, WATER, name="water"),
        offered(TENTH, name="members", members_only=True),
    )
    return store._replace(
        catalog=dataclasses.replace(store.catalog, products=products, promotions=offers)
    )


def settle(store: Store, *lines: LineBelief, shopper: Shopper = PUBLIC) -> list:
    checkout = Checkout(store)
    checkout.start(msgspec.structs.replace(started(), shopper=shopper))
    return checkout.settle(belief(*lines))


def receipt(store: Store, *lines: LineBelief, shopper: Shopper = PUBLIC) -> Receipt:
    events = settle(store, *lines, shopper=shopper)
    (issued,) = (event for event in events if isinstance(event, ReceiptIssued))
    return issued.receipt


def test_tax_is_added_where_prices_exclude_it():
    paper = receipt(till_store(), line(WATER, 1), line(COLA, 2))
    assert [(row.amount, row.tax) for row in paper.lines] == [(129, 0), (398, 33)]
    assert (paper.subtotal, paper.tax, paper.total) == (527, 33, 560)


def test_tax_is_contained_where_prices_include_it():
    paper = receipt(till_store(included=True, rate_ppm=190_000), line(COLA, 2))
    assert [(row.amount, row.tax) for row in paper.lines] == [(398, 64)]
    assert (paper.subtotal, paper.tax, paper.total) == (398, 64, 398)


def test_yen_have_no_minor_unit():
    paper = receipt(till_store(currency="JPY", exponent=0, rate_ppm=100_000), line(COLA, 1))
    assert (paper.total, paper.currency, paper.currency_exponent) == (219, "JPY", 0)


@pytest.mark.parametrize(("amount", "tax"), [(5, 0), (15, 2), (25, 2), (35, 4)])
def test_half_a_cent_goes_to_the_even_cent(amount: int, tax: int):
    assert tax_on(amount, rate_ppm=100_000, included=False) == tax


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.booleans())
def test_tax_is_the_exact_value_rounded_half_even(amount: int, rate_ppm: int, included: bool):
    base = 1_000_000 + rate_ppm if included else 1_000_000
    # 9 digits times 7 over 7 fit the 28 of a Decimal with room to tell a tie from a near miss
    exact = Decimal(amount * rate_ppm) / Decimal(base)
    expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    assert tax_on(amount, rate_ppm=rate_ppm, included=included) == expected


@given(stores(), cart_lines, shoppers)
def test_totals_are_the_sums_of_the_lines(
    store: Store, lines: tuple[LineBelief, ...], shopper: Shopper
):
    paper = receipt(store, *lines, shopper=shopper)
    kept = [row for row in paper.lines if row.charged]
    assert paper.subtotal == sum(row.quantity * row.unit_price for row in kept)
    assert paper.tax == sum(row.tax for row in kept)
    assert paper.discount == sum(cut.amount for row in kept for cut in row.reductions)
    assert paper.total == sum(row.owed for row in paper.lines) >= 0
    added = 0 if paper.prices_include_tax else paper.tax
    assert paper.total == paper.subtotal + paper.discount + added


@given(stores(), cart_lines, shoppers)
def test_a_line_that_is_not_charged_owes_nothing_and_is_shown_at_its_shelf_price(
    store: Store, lines: tuple[LineBelief, ...], shopper: Shopper
):
    for row in receipt(store, *lines, shopper=shopper).lines:
        if not row.charged:
            assert (row.owed, row.reductions) == (0, ())
            assert row.amount == row.quantity * row.unit_price


@given(stores(), cart_lines)
def test_the_charge_is_the_total_and_only_when_something_is_owed(
    store: Store, lines: tuple[LineBelief, ...]
):
    events = settle(store, *lines)
    asked = [event.amount for event in events if isinstance(event, ChargeRequested)]
    total = next(event.receipt.total for event in events if isinstance(event, ReceiptIssued))
    assert asked == ([total] if total > 0 else [])


@given(stores(), cart_lines)
def test_event_ids_of_one_checkout_differ(store: Store, lines: tuple[LineBelief, ...]):
    ids = [event.event for event in settle(store, *lines)]
    assert len(ids) == len(set(ids))


def test_a_receipt_shows_what_promotions_and_vouchers_took_off_and_which_it_used_up():
    store = till_store()
    offers = (offered(THREE_FOR_TWO, WATER),)
    store = store._replace(catalog=dataclasses.replace(store.catalog, promotions=offers))
    paper = receipt(store, line(WATER, 3), shopper=Shopper(vouchers=(voucher(amount=100),)))
    assert [(cut.name, cut.amount) for cut in paper.lines[0].reductions] == [
        ("Offer", -129),
        ("Voucher", -100),
    ]
    assert (paper.subtotal, paper.discount, paper.total) == (387, -229, 158)
    assert paper.redeemed == ("v-1",)


def test_what_is_not_charged_helps_no_set():
    store = till_store()
    offers = (offered(THREE_FOR_TWO, WATER, COLA),)
    store = store._replace(catalog=dataclasses.replace(store.catalog, promotions=offers))
    assert receipt(store, line(WATER, 2), line(COLA, 1, posterior=0.5)).total == 258


@pytest.mark.parametrize(("mass_g", "shown_g", "total"), [(None, 200, 240), (312.4, 312, 374)])
def test_what_is_sold_by_weight_shows_the_grams_it_is_charged_by(
    mass_g: float | None, shown_g: int, total: int
):
    weighed = line(CHEESE, 1)._replace(mass_g=mass_g)
    paper = receipt(till_store()._replace(catalog=book()), weighed)
    assert (paper.lines[0].mass_g, paper.lines[0].unit_price) == (shown_g, 1_199)
    assert paper.total == total


def test_a_line_we_are_unsure_of_is_shown_but_not_charged():
    events = settle(till_store(), line(WATER, 1), line(COLA, 1, posterior=0.6))
    paper = next(event.receipt for event in events if isinstance(event, ReceiptIssued))
    assert [(row.name, row.charged) for row in paper.lines] == [("Water", True), ("Cola", False)]
    assert paper.total == 129
    (alert,) = (event.alert for event in events if isinstance(event, AlertRaised))
    assert (alert.kind, alert.about) == ("unsure_line", "door.0.1")
    assert alert.causes == ("shelf/0/46",)


def test_a_product_that_may_have_been_taken_is_told_but_not_on_the_receipt():
    checkout = Checkout(till_store())
    checkout.start(started())
    events = checkout.settle(belief(doubts=(line(COLA, 0, posterior=0.55),)))
    kinds = [ReceiptIssued, AlertRaised, ReleaseRequested, VisitEnded]
    assert [type(event) for event in events] == kinds
    assert "may have been taken" in events[1].alert.text
    assert events[0].receipt.lines == ()


def test_a_shopper_who_leaves_with_nothing_gets_a_receipt_and_no_charge():
    events = settle(till_store())
    assert [type(event) for event in events] == [ReceiptIssued, ReleaseRequested, VisitEnded]
    assert (events[0].receipt.lines, events[0].receipt.total) == ((), 0)


def test_a_receipt_tells_when_they_came_and_left_and_why_each_line_is_there():
    checkout = Checkout(till_store())
    checkout.start(started())
    checkout.leave(
        VisitLeaving(visit=VisitId("door.0.1"), time_us=8_500, causes=(MessageRef("door/0/9"),))
    )
    issued = checkout.settle(belief(line(WATER, 1)))[0]
    assert (issued.receipt.entered_us, issued.receipt.left_us) == (1_000, 8_500)
    assert issued.receipt.lines[0].causes == ("shelf/0/82",)
    assert issued.causes == ("shelf/0/82", "door/0/9")


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ((line("000000000000", 1),), "product 000000000000"),
        ((line(WATER, 0),), "quantity 0"),
        ((line(WATER, 1), line(WATER, 2)), "named twice"),
    ],
)
def test_a_belief_that_is_no_cart_is_a_bug(lines: tuple[LineBelief, ...], what: str):
    with pytest.raises(InvariantError, match=what):
        settle(till_store(), *lines)
