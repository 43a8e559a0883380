"""What the counter takes of a shopper who offered to pay: all of it, or nothing is left open."""

import msgspec
import pytest

from store_engine.errors import EffectError, UnreachableError
from store_engine.office.till_money import TillMoney
from tests.office.till_world import World
from tests.paper_receipt import line, receipt

RECEIPT = msgspec.structs.replace(receipt(line()), account="party-e1", currency="USD")


@pytest.fixture
def world():
    """Somebody paid their receipt and says that something is missing on it."""
    world = World()
    world.come_in()
    world.charge(1_300, receipt=RECEIPT.receipt)
    return world


def take(world):
    return TillMoney(world.till).take(RECEIPT, name="r1/case", amount=199)


def offer(world):
    return world.reading.payment("party-e1.2")


def test_what_they_offered_is_taken_once(world):
    assert (take(world), take(world)) == (199, 199)
    assert world.taken() == 1_499


def test_a_declined_offer_is_no_debt(world):
    world.trouble.declines["authorise"] = "insufficient funds"
    with pytest.raises(EffectError, match="insufficient funds"):
        take(world)
    assert (offer(world).state, offer(world).outstanding) == ("written off", 0)
    assert world.words()[-1].reason == "r1/case: offered, and declined"


def test_a_card_they_add_later_does_not_pay_a_declined_offer(world):
    world.trouble.declines["authorise"] = "insufficient funds"
    with pytest.raises(EffectError):
        take(world)
    world.trouble.declines.clear()
    world.add_method("tok_new")
    world.till.pay_again("party-e1.2")
    world.settle()
    assert world.taken() == 1_300


def test_an_offer_cut_short_is_declined_once_all_the_same(world):
    world.trouble.declines["authorise"] = "insufficient funds"
    world.trouble.unreachable_after = 1
    with pytest.raises(UnreachableError):
        take(world)
    world.settle(looks=1)
    for _ in range(2):
        with pytest.raises(EffectError, match="insufficient funds"):
            take(world)
    assert offer(world).state == "written off"


def test_a_debt_of_the_visit_itself_stays():
    world = World()
    world.come_in()
    world.trouble.declines["capture"] = world.trouble.declines["authorise"] = "card lost"
    world.charge(1_300, receipt=RECEIPT.receipt)
    with pytest.raises(EffectError):
        take(world)
    assert (world.state(), offer(world).state) == ("link offered", "written off")
