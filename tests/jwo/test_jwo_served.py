"""What the retailer asks of us, beyond the published cases."""

import json

import pytest

from tests.jwo.shop import HOLD, cart_body, charge_body, refund_body, status_body


@pytest.fixture
def trip(shop):
    return shop.shop_with("tok_visa")[1]


def post(shop, path, body):
    answer = shop.call(path, body)
    return answer.status_code, answer.json() if answer.content else None


def refused(shop, path, body):
    """The name of the error that a call is refused with, by 400."""
    answer = shop.call(path, body)
    assert answer.status_code == 400
    message = answer.json()["errorMsg"]
    assert answer.headers["x-amzn-errortype"] == message.split(":")[0]
    return message


# ---- checkout/carts ----------------------------------------------------------------------------


def test_a_priced_cart_becomes_an_order_once(shop, trip):
    status, order = post(shop, "checkout/carts", cart_body(trip.trip))
    assert status == 201
    assert post(shop, "checkout/carts", cart_body(trip.trip)) == (201, order)
    other = cart_body(trip.trip, sub="2.00", price="1.99")
    assert "another cart" in refused(shop, "checkout/carts", other)


@pytest.mark.parametrize(
    ("totals", "says"),
    [
        ({"price": "1.00"}, "priceTotal must be"),
        ({"price": "0.985"}, "priceTotal"),
        ({"promotions": "-0.01", "price": "1.01"}, "below 0"),
    ],
)
def test_a_cart_that_does_not_add_up_is_refused(shop, trip, totals, says):
    assert says in refused(shop, "checkout/carts", cart_body(trip.trip, **totals))


def test_a_cart_needs_lines_a_trip_and_all_its_fields(shop, trip):
    good = cart_body(trip.trip)
    assert "lineItems" in refused(shop, "checkout/carts", {**good, "lineItems": []})
    assert "orderTotals" in refused(shop, "checkout/carts", {**good, "orderTotals": {}})
    unknown = refused(shop, "checkout/carts", cart_body("nobody-s"))
    assert unknown.startswith("UnknownShoppingTripException")


def test_a_cart_comes_too_late_after_a_week(shop, trip):
    shop.pass_s(8 * 86_400.0)
    assert "expired" in refused(shop, "checkout/carts", cart_body(trip.trip))


def test_a_cart_charges_only_where_the_shop_says_so(new_shop):
    shop = new_shop(charge_carts=True)
    party, trip = shop.shop_with("tok_visa")
    post(shop, "checkout/carts", cart_body(trip.trip))
    post(shop, "checkout/carts", cart_body(trip.trip))
    assert shop.till.payment(party).captured == 99


# ---- the payment service -----------------------------------------------------------------------


def test_a_hold_is_adjusted_to_the_whole_cart(shop, trip):
    status, answer = post(shop, "adjust/charge", charge_body(trip.trip, 32.1))
    assert (status, answer["status"]) == (200, "APPROVED")
    assert answer["authorizedAmount"] == {"amount": 32.1, "code": "USD"}
    assert shop.till.payment(trip.party).hold.amount == 3_210


def test_an_adjustment_without_an_answer_is_pending(shop, trip):
    shop.trouble.unreachable = True
    assert post(shop, "adjust/charge", charge_body(trip.trip))[1]["status"] == "PENDING"
    assert post(shop, "adjust/charge", charge_body(trip.trip))[1]["status"] == "PENDING"
    shop.trouble.unreachable = False
    assert post(shop, "adjust/charge", charge_body(trip.trip))[1]["status"] == "APPROVED"


def test_a_capture_takes_once_what_it_says(shop, trip):
    for _ in range(3):
        assert post(shop, "capture/charge", charge_body(trip.trip, 5.5)) == (200, None)
    assert shop.till.payment(trip.party).captured == 550
    refused(shop, "capture/charge", charge_body(trip.trip, 6.5))
    refused(shop, "adjust/charge", charge_body(trip.trip, 6.5))
    refused(shop, "cancel/charge", charge_body(trip.trip))


def test_a_capture_is_initiated_while_the_provider_is_away(shop, trip):
    shop.trouble.unreachable = True
    assert post(shop, "capture/charge", charge_body(trip.trip, 5.5)) == (200, None)
    shop.trouble.unreachable = False
    shop.pass_s(60.0)
    shop.worker.look()
    assert shop.till.payment(trip.party).captured == 550


@pytest.mark.parametrize("amount", [0, -1, 5.555, "5.50", True, None, 1e300, 10**13])
def test_an_amount_that_is_none_is_refused(shop, trip, amount):
    refused(shop, "capture/charge", charge_body(trip.trip, amount))
    assert shop.till.payment(trip.party).hold.amount == HOLD


def test_amounts_are_read_exactly(shop, trip):
    body = json.dumps(charge_body(trip.trip, 0)).replace(
        '"amount": 0', '"amount": 1.10000000000000000001'
    )
    assert "rounded" in refused(shop, "capture/charge", body.encode())


def test_a_cancelled_charge_lets_go_of_the_hold(shop, trip):
    body = {"storeId": "US-0001", "shoppingTripId": trip.trip}
    assert post(shop, "cancel/charge", body) == (200, None)
    assert post(shop, "cancel/charge", body) == (200, None)
    assert shop.state(trip.party) == "released"


def test_who_came_in_by_code_has_no_charge_here(shop):
    _, trip = shop.shop_with("ada")
    assert "by code" in refused(shop, "capture/charge", charge_body(trip.trip))


def test_a_refund_name_belongs_to_one_trip(shop, trip):
    _, other = shop.shop_with("tok_amex")
    for one in (trip, other):
        post(shop, "capture/charge", charge_body(one.trip))
    name = "0b5e3f5e-4a6f-4f3e-9a53-2f4f3f0a7a01"
    assert post(shop, "refund", refund_body(trip.trip, refund=name))[0] == 200
    assert "another trip" in refused(shop, "refund", refund_body(other.trip, refund=name))


def test_no_more_is_refunded_than_was_captured(shop, trip):
    assert "nothing was captured" in refused(shop, "refund", refund_body(trip.trip))
    post(shop, "capture/charge", charge_body(trip.trip))
    refused(shop, "refund", refund_body(trip.trip, 5.51))
    assert post(shop, "refund", refund_body(trip.trip, 5.5))[0] == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"a": NaN}'])
def test_a_body_that_is_none_is_refused(shop, body):
    for path in ("checkout/carts", "refund", "feedback/payment-status"):
        assert refused(shop, path, body).startswith("BadRequestException")


def test_yen_have_no_decimals(new_shop):
    shop = new_shop(currency="JPY", exponent=0)
    party, trip = shop.shop_with("tok_visa")
    refused(shop, "capture/charge", charge_body(trip.trip, 100.5, code="JPY"))
    assert post(shop, "capture/charge", charge_body(trip.trip, 100, code="JPY")) == (200, None)
    assert shop.till.payment(party).captured == 100


def test_nothing_is_served_to_strangers(shop, trip):
    for path in ("adjust/charge", "refund", "checkout/carts", "feedback/payment-status"):
        answer = shop.call(path, status_body(trip.trip), **{"x-api-key": "guessed"})
        assert answer.status_code == 403
