"""From quantities to money."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.catalog import tax_on
from store_engine.checkout import Checkout
from store_engine.errors import InvariantError
from store_engine.events import AlertRaised, ChargeRequested, ReceiptIssued, VisitEnded
from store_engine.messages import Receipt
from store_engine.signals import LineBelief, VisitLeaving
from store_engine.store import Store
from store_engine.units import MessageRef, VisitId
from tests.checkout.till import COLA, GUM, WATER, belief, line, started, till_store

cart_lines = st.lists(
    st.builds(line, st.sampled_from([WATER, COLA, GUM]), st.integers(1, 50), st.floats(0, 1)),
    unique_by=lambda line: line.gtin,
).map(tuple)
stores = st.builds(
    till_store,
    included=st.booleans(),
    rate_ppm=st.integers(0, 300_000),
    currency=st.just("JPY"),
    exponent=st.just(0),
)


def settle(store: Store, *lines: LineBelief) -> list:
    checkout = Checkout(store)
    checkout.start(started())
    return checkout.settle(belief(*lines))


def receipt(store: Store, *lines: LineBelief) -> Receipt:
    (issued,) = (event for event in settle(store, *lines) if isinstance(event, ReceiptIssued))
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


@given(stores, cart_lines)
def test_totals_are_the_sums_of_the_charged_lines(store: Store, lines: tuple[LineBelief, ...]):
    paper = receipt(store, *lines)
    kept = [row for row in paper.lines if row.charged]
    assert paper.subtotal == sum(row.quantity * row.unit_price for row in kept)
    assert paper.tax == sum(row.tax for row in kept)
    assert paper.total == paper.subtotal + (0 if paper.prices_include_tax else paper.tax)


@given(stores, cart_lines)
def test_the_charge_is_the_total_and_only_when_something_is_owed(
    store: Store, lines: tuple[LineBelief, ...]
):
    events = settle(store, *lines)
    asked = [event.amount for event in events if isinstance(event, ChargeRequested)]
    total = next(event.receipt.total for event in events if isinstance(event, ReceiptIssued))
    assert asked == ([total] if total > 0 else [])


@given(stores, cart_lines)
def test_event_ids_of_one_checkout_differ(store: Store, lines: tuple[LineBelief, ...]):
    ids = [event.event for event in settle(store, *lines)]
    assert len(ids) == len(set(ids))


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
    assert [type(event) for event in events] == [ReceiptIssued, AlertRaised, VisitEnded]
    assert "may have been taken" in events[1].alert.text
    assert events[0].receipt.lines == ()


def test_a_shopper_who_leaves_with_nothing_gets_a_receipt_and_no_charge():
    events = settle(till_store())
    assert [type(event) for event in events] == [ReceiptIssued, VisitEnded]
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
