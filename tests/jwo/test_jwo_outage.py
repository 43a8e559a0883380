"""The back end is down: visits go on, and are settled later, in order, once."""

import random
import threading

import pytest

from store_engine.effects import Effects
from store_engine.errors import UnreachableError
from tests.jwo.retailer import PURCHASES
from tests.jwo.shop import a_line


def leave(shop, *codes):
    """Have somebody come in for each code and leave with something, one after the other."""
    parties = [shop.come_in(code).account for code in codes]
    return [shop.leave(party, a_line()) for party in parties]


def wait(shop, asks):
    with pytest.raises(UnreachableError, match="waits for the retailer"):
        shop.settle(asks)


def order(shop, retailer):
    """The receipts of the purchases that the retailer noted, in its order."""
    return [shop.book.trip(trip).receipt for trip in retailer.purchases]


def test_whoever_asks_first_takes_along_those_who_left_before(shop, retailer):
    first, second, third = leave(shop, "ada", "bob", "tok_visa")
    retailer.down = True
    for asks in (second, third, first):
        wait(shop, asks)
    retailer.down = False
    shop.settle(third)
    assert order(shop, retailer) == [first.receipt, second.receipt, third.receipt]


def test_a_lost_answer_makes_no_second_purchase(shop, retailer):
    asks = leave(shop, "ada", "bob")
    retailer.lost_answers = 2
    for _ in range(2):
        wait(shop, asks[1])
    refs = [shop.settle(one).provider_ref for one in reversed(asks)]
    assert refs == ["purchase purchase-2", "purchase purchase-1"]
    assert order(shop, retailer) == [asks[0].receipt, asks[1].receipt]


def test_the_line_outlives_the_process(shop, retailer):
    asks = leave(shop, "ada", "bob")
    retailer.down = True
    wait(shop, asks[1])
    retailer.down = False
    shop.close()
    shop.start()
    shop.settle(asks[1])
    assert order(shop, retailer) == [asks[0].receipt, asks[1].receipt]


def test_a_refused_trip_does_not_hold_up_the_next(shop, retailer):
    asks = leave(shop, "ada", "bob")
    retailer.statuses = [400]
    assert shop.settle(asks[1]).outcome == "charged"
    refused = shop.settle(asks[0])
    assert (refused.outcome, refused.amount) == ("declined", 0)
    assert "400" in refused.reason
    assert order(shop, retailer) == [asks[1].receipt]


@pytest.mark.parametrize("status", [201, 400])
def test_an_answer_that_no_database_takes_holds_up_nobody(shop, retailer, status):
    asks = leave(shop, "ada", "bob")
    retailer._purchase = lambda body: (status, {"purchaseId": "\0 \ud800"})
    shop.settle(asks[1])
    assert shop.book.first_waiting() is None


def test_an_empty_exit_frees_the_hold_though_the_back_end_is_down(shop, retailer):
    party = shop.come_in("tok_visa").account
    asks = shop.leave(party)
    retailer.down = True
    wait(shop, asks)
    assert shop.state(party) == "released"
    retailer.down = False
    assert shop.settle(asks).outcome == "released"
    assert list(retailer.purchases.values()) == [""]


def test_somebody_comes_in_again_while_their_trip_waits(shop, retailer):
    party = shop.come_in("tok_visa").account
    asks = shop.leave(party, a_line())
    retailer.statuses = [503]
    wait(shop, asks)
    again = shop.come_in("tok_visa")
    assert again.accepted
    assert again.account != party


def test_nobody_comes_in_while_the_back_end_is_down(shop, retailer):
    retailer.down = True
    entry = shop.new_entry()
    with pytest.raises(UnreachableError):
        shop.come_in("ada", entry=entry)
    retailer.down = False
    shop.pass_s(61.0)
    assert not shop.come_in("ada", entry=entry, time_us=shop.now_us - 61_000_000).accepted


def test_every_trip_arrives_in_order_and_once_through_a_bad_day(shop, retailer):
    """Effects on many threads, a back end that refuses, breaks, and loses answers."""
    draw = random.Random(7)
    asks = leave(shop, *(f"shopper-{number}" for number in range(12)))
    retailer.statuses = [draw.choice([503, 429, 500]) for _ in range(4)]
    retailer.lost_answers = 3
    done, answers = threading.Event(), {}

    def answered(device, build, event):
        answers[event] = build(device=device, boot=0, sequence=0, time_us=0)
        if len(answers) == len(asks):
            done.set()

    effects = Effects(
        accounts=shop.desk, payments=shop.line, answer=answered, alarm=lambda *_: None
    )
    shuffled = draw.sample(asks, len(asks))
    effects.perform(shuffled)
    assert done.wait(20.0)
    effects.close()
    assert order(shop, retailer) == [one.receipt for one in asks]
    assert {answer.outcome for answer in answers.values()} == {"charged"}
    trips = [body["idempotentShoppingTripId"] for body in retailer.asked(PURCHASES)]
    assert list(dict.fromkeys(trips)) == list(retailer.purchases)


@pytest.fixture(autouse=True)
def everybody_is_known(retailer):
    retailer.people |= {f"shopper-{number}": "SHOPPER" for number in range(12)}
