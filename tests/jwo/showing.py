"""How each kind of published case is shown: what is done, and what must come of it.

A case of bad input that the engine would send is shown on the wire: the engine's own body is good,
the wire damages it as the case says, the retailer refuses it by the published rule, and the engine
must take that as the facts say. The same call undamaged must pass.
"""

import copy
import uuid

import pytest

from store_engine.errors import RecordsError, UnreachableError
from tests.jwo.retailer import AUTHORIZATION, KEYS, PURCHASES
from tests.jwo.shop import (
    DAY_S,
    HOLD,
    a_line,
    charge_body,
    refund_body,
    status_body,
)

LONG, LONG_STORE = "x" * 256, "s" * 255
GOODS = (a_line(), a_line("5449000000996", 2))


# ---- damage on the wire --------------------------------------------------------------------------


def drop(path):
    return lambda body: _changed(body, path, lambda part, name: part.pop(name))


def put(path, value):
    return lambda body: _changed(body, path, lambda part, name: part.__setitem__(name, value))


def nothing(body):
    return {}


def _changed(body, path, change):
    body = copy.deepcopy(body)
    *parents, last = path.split(".")
    part = body
    for name in parents:
        part = part[int(name)] if isinstance(part, list) else part.setdefault(name, {})
    change(part, last)
    return body


# ---- at the gate, by code ------------------------------------------------------------------------


def comes_in(code, role=""):
    def show(shop, retailer):
        admission = shop.come_in(code)
        assert admission.accepted
        assert admission.shopper.role == role
        assert retailer.statuses_of(KEYS) == [200]

    return show


def unknown_code(shop, retailer):
    assert not shop.come_in("nobody").accepted
    assert retailer.statuses_of(KEYS) == [401]


def bad_identity(damage):
    def show(shop, retailer):
        retailer.damage = damage
        assert not shop.come_in("ada").accepted
        assert retailer.statuses_of(KEYS) == [400]
        retailer.damage = None
        assert shop.come_in("ada").accepted
        assert retailer.statuses_of(KEYS) == [400, 200]

    return show


def gate_waits(status):
    def show(shop, retailer):
        entry = shop.new_entry()
        retailer.statuses = [status]
        with pytest.raises(UnreachableError):
            shop.come_in("ada", entry=entry)
        assert shop.come_in("ada", entry=entry).accepted

    return show


def same_scan_again(shop, retailer):
    entry = shop.new_entry()
    retailer.lost_answers = 1
    with pytest.raises(UnreachableError):
        shop.come_in("ada", entry=entry)
    first = shop.come_in("ada", entry=entry)
    assert shop.come_in("ada", entry=entry) == first
    one, other = retailer.asked(KEYS)
    assert one["authEvent"] == other["authEvent"]
    assert one["requestId"] != other["requestId"]


def code_in_base64(shop, retailer):
    shop.come_in("ada")
    assert retailer.asked(KEYS)[0]["identityKey"] == "YWRh"


def too_long_a_code(shop, retailer):
    assert not shop.come_in("x" * 751).accepted
    assert retailer.calls == []
    bad_identity(put("identityKey", "QUJD" * 250 + "QUJD"))(shop, retailer)


def gate_opens_and_stays_closed(shop, retailer):
    assert shop.come_in("ada").accepted
    assert not shop.come_in("nobody").accepted


# ---- at the gate, by card ------------------------------------------------------------------------


def card_comes_in(decision, hold):
    def show(shop, retailer):
        retailer.decision = decision
        party = shop.come_in("tok_visa").account
        assert shop.till.payment(party).hold.amount == hold

    return show


def card_stays_out(decision):
    def show(shop, retailer):
        retailer.decision = decision
        assert not shop.come_in("tok_visa").accepted
        assert shop.new_notices() == []

    return show


def bad_authorization(damage):
    def show(shop, retailer):
        retailer.damage = damage
        assert not shop.come_in("tok_visa").accepted
        assert retailer.statuses_of(AUTHORIZATION) == [400]
        retailer.damage = None
        assert shop.come_in("tok_visa").accepted

    return show


def no_connector(shop, retailer):
    retailer.statuses = [404]
    party = shop.come_in("tok_visa").account
    assert shop.till.payment(party).hold.amount == HOLD


def card_waits(*statuses):
    def show(shop, retailer):
        entry = shop.new_entry()
        retailer.statuses = list(statuses)
        for _ in statuses:
            with pytest.raises(UnreachableError):
                shop.come_in("tok_visa", entry=entry)
            assert shop.new_notices() == []
        assert shop.come_in("tok_visa", entry=entry).accepted

    return show


AUTHORISED = {"shopperAuthorized": True}
DENIED = {"shopperAuthorized": False, "shopperRisks": ["CustomerFraud"]}
IN_DEBT = {"shopperAuthorized": False, "shopperRisks": ["BadDebt"]}
INVALID = {"shopperAuthorized": False, "shopperRisks": ["InvalidCard"]}
ADJUSTED = {
    "shopperAuthorized": True,
    "authorizationConditions": [
        {"type": "ADJUST", "amount": {"value": 7.5, "currencyCode": "USD"}}
    ],
}


# ---- at the exit ---------------------------------------------------------------------------------


def bought(*lines, by="ada", check=lambda body: None):
    def show(shop, retailer):
        shop.shop_with(by, *lines)
        assert retailer.statuses_of(PURCHASES) == [201]
        (body,) = retailer.asked(PURCHASES)
        check(body)

    return show


def first(body, *names):
    for name in names:
        body = body[name][0] if isinstance(body[name], list) else body[name]
    return body


def has(value, *names):
    def check(body):
        assert first(body, *names) == value

    return check


def lines_numbered(body):
    assert [item["lineItemId"] for item in body["cartItems"]] == ["1", "2"]


def empty_cart(shop, retailer):
    party = shop.come_in("tok_visa").account
    shop.settle(shop.leave(party))
    assert first(retailer.asked(PURCHASES)[0], "shoppingTrip", "authEvents")
    assert list(retailer.purchases.values()) == [""]
    assert shop.state(party) == "released"


def group(shop, retailer):
    party = shop.come_in("ada").account
    shop.pass_s(5.0)
    assert shop.come_in("ada").account == party
    shop.settle(shop.leave(party, a_line()))
    (body,) = retailer.asked(PURCHASES)
    assert len({event["id"] for event in body["shoppingTrip"]["authEvents"]}) == 2


def told_twice(shop, retailer):
    party = shop.come_in("ada").account
    asks = shop.leave(party, a_line())
    retailer.lost_answers = 1
    with pytest.raises(UnreachableError):
        shop.settle(asks)
    assert shop.settle(asks).provider_ref == "purchase purchase-1"
    one, other = retailer.asked(PURCHASES)
    assert one["requestId"] != other.pop("requestId")
    assert other == {name: one[name] for name in other}
    assert len(retailer.purchases) == 1


def bad_purchase(damage):
    def show(shop, retailer):
        party = shop.come_in("tok_visa").account
        later = shop.come_in("ada").account
        asks, next_asks = shop.leave(party, *GOODS), shop.leave(later, *GOODS)
        retailer.damage = damage
        assert shop.settle(asks).outcome == "declined"
        retailer.damage = None
        assert shop.settle(asks).outcome == "declined"
        assert shop.settle(next_asks).outcome == "charged"
        assert retailer.statuses_of(PURCHASES) == [400, 201]
        assert shop.state(party) == "released"

    return show


# ---- what the retailer asks of us ----------------------------------------------------------------


def captured(shop, credential="tok_visa", amount=5.5):
    party, trip = shop.shop_with(credential)
    body = charge_body(trip.trip, amount, code=shop.currency)
    assert shop.call("capture/charge", body).status_code == 200
    return party, trip.trip


def refunded(shop, retailer):
    party, trip = captured(shop)
    answer = shop.call("refund", refund_body(trip))
    assert answer.status_code == 200
    assert shop.till.payment(party).refunded == 125


def bad_refund(status, name, **changed):
    def show(shop, retailer):
        party, trip = captured(shop)
        body = refund_body(trip, **changed)
        answer = shop.call("refund", {key: body[key] for key in body if body[key] is not ...})
        assert answer.status_code == status
        assert answer.json()["errorMsg"].startswith(name)
        assert shop.till.payment(party).refunded == 0

    return show


def refund_too_often(shop, retailer):
    _, trip = captured(shop)
    shop.rates._per_s, shop.rates._burst = 1 / 600, 1.0
    shop.rates._left.clear()
    assert shop.call("refund", refund_body(trip)).status_code == 200
    answer = shop.call("refund", refund_body(trip))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600


def broken_office(error, status, path="refund", body=refund_body):
    def show(shop, retailer):
        _, trip = captured(shop)
        held, shop.book.trip = shop.book.trip, lambda name: (_ for _ in ()).throw(error)
        assert shop.call(path, body(trip)).status_code == status
        shop.book.trip = held
        assert shop.call(path, body(trip)).status_code == 200

    return show


def every_reason(shop, retailer):
    party, trip = captured(shop)
    reasons = ("DAMAGED_ITEM", "EXPIRED_ITEM", "UNWANTED_ITEM", "JWO_TECH_ERROR", "OTHER")
    for reason in reasons:
        refund = str(uuid.uuid5(uuid.NAMESPACE_OID, trip + reason))
        body = refund_body(trip, 0.5, refund=refund, refundReasonCode=reason)
        assert shop.call("refund", body).status_code == 200
    assert shop.till.payment(party).refunded == 250


def same_refund_twice(shop, retailer):
    party, trip = captured(shop)
    one, other = (shop.call("refund", refund_body(trip)) for _ in range(2))
    assert one.status_code == other.status_code == 200
    assert one.json() == other.json()
    assert shop.till.payment(party).refunded == 125


def refund_too_late(shop, retailer):
    party, trip = captured(shop)
    shop.pass_s(30 * DAY_S)
    assert shop.call("refund", refund_body(trip)).status_code == 400
    assert shop.till.payment(party).refunded == 0


def declined_adjustment(shop, retailer):
    party, trip = shop.shop_with("tok_visa")
    shop.trouble.declines = {"adjust": "no money", "authorise": "no money"}
    answer = shop.call("adjust/charge", charge_body(trip.trip, 30.0))
    assert answer.status_code == 200
    assert answer.json()["status"] == "DECLINED"
    assert answer.json()["authorizedAmount"]["amount"] == 0
    assert shop.call("capture/charge", charge_body(trip.trip, 30.0)).status_code == 200
    payment = shop.till.payment(party)
    assert (payment.captured, payment.outstanding) == (HOLD, 3_000 - HOLD)


def expired_hold(shop, retailer):
    party, trip = shop.shop_with("tok_visa")
    shop.pass_s(DAY_S)
    shop.worker.look()
    assert shop.state(party) == "released"
    shop.trouble.declines = {"authorise": "card expired"}
    assert shop.call("capture/charge", charge_body(trip.trip)).status_code == 200
    debt = shop.till.payments(party)[-1]
    assert (debt.captured, debt.outstanding) == (0, 550)


def news(total, settled, said, *, code="USD", damage=lambda body: body):
    def show(shop, retailer):
        _, trip = shop.shop_with("ada")
        body = damage(status_body(trip.trip, total, settled, code=code))
        answer = shop.call("feedback/payment-status", body)
        assert answer.status_code == 200
        assert answer.json() == {"status": said}

    return show


def both(*shows):
    def show(shop, retailer):
        for one in shows:
            one(shop, retailer)

    return show


def news_of_long_name(shop, retailer):
    retailer.store = LONG_STORE
    news(5.5, 5.5, "Accepted", damage=put("storeId", LONG_STORE))(shop, retailer)


def bad_news(name, damage):
    def show(shop, retailer):
        _, trip = shop.shop_with("ada")
        answer = shop.call("feedback/payment-status", damage(status_body(trip.trip)))
        assert answer.status_code == 400
        assert answer.json()["errorMsg"].startswith(name)

    return show


RECORDS_DOWN = RecordsError("the disk is full")
BROKEN = AssertionError("a bug")
