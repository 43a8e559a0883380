"""Whoever is at work here carries goods about, and is never charged for them."""

import msgspec
import pytest

from store_engine.checkout import Checkout
from store_engine.events import AlertRaised, ChargeRequested, ReceiptIssued, ReviewRequested
from store_engine.promotions import Shopper
from tests.checkout.till import COLA, WATER, belief, line, started, till_store

AT_WORK = ["staff", "picker", "restocker", "tester"]


def settled(role, *lines):
    checkout = Checkout(till_store())
    checkout.start(msgspec.structs.replace(started(), shopper=Shopper(role=role)))
    return checkout.settle(belief(*lines))


def one(events, kind):
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


@pytest.mark.parametrize("role", AT_WORK)
def test_nothing_is_charged_and_the_receipt_says_why(role):
    events = settled(role, line(WATER, 2), line(COLA, 1))
    receipt = one(events, ReceiptIssued).receipt
    assert (receipt.role, receipt.total, receipt.subtotal, receipt.tax) == (role, 0, 0, 0)
    assert not any(isinstance(event, ChargeRequested) for event in events)


def test_what_they_carried_is_shown_all_the_same():
    receipt = one(settled("picker", line(WATER, 2)), ReceiptIssued).receipt
    assert [(each.gtin, each.quantity, each.charged) for each in receipt.lines] == [
        (WATER, 2, False)
    ]


def test_nobody_is_asked_to_look_at_what_costs_nothing():
    events = settled("restocker", line(WATER, 1, 0.3))
    assert not any(isinstance(event, AlertRaised | ReviewRequested) for event in events)


def test_a_shopper_with_the_same_goods_pays():
    assert one(settled("", line(WATER, 2)), ReceiptIssued).receipt.total == 258
