"""Who comes in where the retailer decides, beyond the published cases."""

import pytest
from starlette.datastructures import Headers

from store_engine.errors import UnreachableError
from store_engine.web.jwo_signatures import Incoming, signature
from tests.jwo.retailer import AUTHORIZATION, KEYS
from tests.jwo.shop import HOLD, KEY_ID, REGION, SECRET, a_line


def test_a_code_of_another_kind_is_never_passed_on(new_shop, retailer):
    shop = new_shop(code_pattern="ada|bob")
    assert shop.come_in("mallory").reason == "not a code of this retailer"
    assert retailer.calls == []
    assert shop.come_in("ada").accepted


def test_a_card_number_is_never_passed_on(shop, retailer):
    assert not shop.come_in("4111111111111111").accepted
    assert retailer.calls == []


def test_nothing_is_held_for_a_code(shop):
    shop.shop_with("ada")
    assert shop.provider.notices() == []


def test_the_retailer_never_learns_the_token_of_a_card(shop, retailer):
    shop.shop_with("tok_visa")
    assert "tok_visa" not in str(retailer.calls)


def test_taps_of_one_card_are_one_visit_and_one_hold(shop, retailer):
    one, other = shop.come_in("tok_visa"), shop.come_in("tok_visa")
    assert one.account == other.account
    assert len(shop.provider.notices()) == 1
    assert len(retailer.asked(AUTHORIZATION)) == 2


def test_a_denied_card_may_come_in_when_the_retailer_thinks_again(shop, retailer):
    retailer.decision = {"shopperAuthorized": False}
    assert not shop.come_in("tok_visa").accepted
    retailer.decision = {"shopperAuthorized": True}
    assert shop.come_in("tok_visa").accepted


def test_a_card_that_cannot_be_held_on_stays_out(shop):
    shop.trouble.declines = {"authorise": "no money"}
    assert shop.come_in("tok_visa").reason == "no money"


def test_cards_come_in_unasked_where_the_shop_says_so(new_shop, retailer):
    party = new_shop(authorise_cards=False).come_in("tok_visa").account
    assert party
    assert retailer.calls == []


@pytest.mark.parametrize(
    "amount", [{"value": 7.505, "currencyCode": "USD"}, {"value": 7.5, "currencyCode": "EUR"}]
)
def test_a_hold_that_cannot_be_made_is_refused(shop, retailer, amount):
    adjust = {"type": "ADJUST", "amount": amount}
    retailer.decision = {"shopperAuthorized": True, "authorizationConditions": [adjust]}
    assert "hold" in shop.come_in("tok_visa").reason


@pytest.mark.parametrize("visitor", ["", "x" * 256, "a\0b", 17])
def test_an_answer_that_makes_no_sense_opens_nothing(shop, retailer, visitor):
    said = {"visitorDetails": {"id": visitor, "type": "SHOPPER"}}
    retailer._identify = lambda body: (200, said)
    with pytest.raises(UnreachableError, match="identity-keys"):
        shop.come_in("ada")


@pytest.mark.parametrize("status", [403, 404, 302])
def test_an_answer_that_is_not_documented_is_none(shop, retailer, status):
    retailer.statuses = [status]
    with pytest.raises(UnreachableError, match=str(status)):
        shop.come_in("ada")


def test_an_associate_is_at_work_and_nothing_is_handed_over(shop, retailer):
    party = shop.come_in("mia").account
    assert shop.settle(shop.leave(party, role="staff")).outcome == "released"
    assert retailer.purchases == {}


def test_calls_are_signed(shop, retailer):
    seen = []

    def check(handler, body):
        headers = Headers(dict(handler.headers.items()))
        said = headers["authorization"]
        scope = said.split("Credential=")[1].split(",")[0].removeprefix(f"{KEY_ID}/")
        names = said.split("SignedHeaders=")[1].split(",")[0].split(";")
        incoming = Incoming("POST", handler.path, "", headers, body)
        seen.append(REGION in scope)
        return said.endswith(signature(incoming, names, secret=SECRET, scope=scope))

    retailer.signature_of = check
    assert shop.come_in("ada").accepted
    assert seen == [True]


def test_an_unused_admission_is_let_go_of_without_a_trip(shop, retailer):
    party = shop.come_in("tok_visa").account
    shop.line.release(key="shop/nobody/release_requested", account=party)
    assert shop.state(party) == "released"
    assert retailer.purchases == {}


def test_a_late_second_tap_does_not_free_the_hold_of_a_trip(shop):
    party, _ = shop.shop_with("tok_visa")
    shop.line.release(key="shop/nobody/release_requested", account=party)
    assert shop.till.payment(party).hold.amount == HOLD


def test_the_same_scan_again_is_answered_from_memory(shop, retailer):
    entry = shop.new_entry()
    assert shop.come_in("ada", entry=entry) == shop.come_in("ada", entry=entry)
    assert len(retailer.asked(KEYS)) == 1


def test_unsure_lines_are_not_handed_over(shop, retailer):
    shop.shop_with("ada", a_line(), a_line("5449000000996", charged=False))
    (body,) = retailer.asked("/v1/order/purchases")
    assert [item["id"] for item in body["cartItems"]] == ["4006381333931"]


def test_the_trip_has_the_name_that_the_retailer_heard_at_the_gate(shop, retailer):
    _, trip = shop.shop_with("tok_visa")
    (asked,) = retailer.asked(AUTHORIZATION)
    assert asked["shopperInteraction"]["shoppingTripId"] == trip.trip


def test_a_party_that_leaves_twice_makes_two_purchases(shop, retailer):
    party = shop.come_in("ada").account
    for _ in range(2):
        shop.settle(shop.leave(party, a_line()))
    assert len(retailer.purchases) == 2
