"""What is put right after the door: debts, refunds, disputes."""

import pytest

from store_engine.payments import No
from tests.office.till_world import World


@pytest.fixture
def world():
    """Somebody paid 13.00."""
    world = World()
    world.come_in()
    world.charge(1_300)
    return world


@pytest.fixture
def debt():
    """Somebody owes 80.00; 50.00 of it could be taken."""
    world = World(ada=["tok_adjust_declined"])
    world.come_in()
    world.charge(8_000)
    return world


def refund(world, amount, name="f1", **more):
    return world.till.refund("party-e1", refund=name, amount=amount, reason="not taken", **more)


# ---- refunds -------------------------------------------------------------------------------------


def test_a_refund_gives_money_back_once(world):
    assert refund(world, 300)[:2] == refund(world, 300)[:2] == ("done", 300)
    assert (world.taken(), world.state()) == (1_000, "refunded in part")


def test_refunds_stop_at_what_was_captured(world):
    refund(world, 1_000)
    refused = refund(world, 301, "f2")
    assert (refused.outcome, world.taken()) == ("refused", 300)
    assert "300 can be given back, 1000 was already" in refused.reason
    assert refund(world, 300, "f3").outcome == "done"
    assert world.state() == "refunded"


def test_a_refund_asked_for_with_another_amount_is_refused(world):
    refund(world, 300)
    assert "300 was asked for, now 200" in refund(world, 200).reason


@pytest.mark.parametrize("amount", [0, -1])
def test_a_refund_that_is_not_positive_is_refused(world, amount):
    assert refund(world, amount).outcome == "refused"


def test_nothing_is_given_back_of_what_nobody_paid(world):
    assert world.till.refund("stranger", refund="f1", amount=1, reason="").outcome == "refused"


def test_a_refund_whose_answer_is_lost_is_done_by_the_worker(world):
    world.trouble.unreachable_after = 1
    assert refund(world, 300).outcome == "waiting"
    world.settle()
    assert refund(world, 300).outcome == "done"
    assert world.taken() == 1_000


def test_a_refund_that_the_card_declines_says_so():
    world = World(ada=["tok_refund_declined"])
    world.come_in()
    world.charge(1_300)
    assert refund(world, 300) == ("declined", 0, "card account closed")
    assert (world.taken(), world.state()) == (1_300, "paid")


def test_a_refund_over_two_captures_takes_the_latest_first():
    world = World(ada=["tok_adjust_declined", "tok_other"])
    world.come_in()
    world.charge(8_000)
    assert refund(world, 4_000)[:2] == ("done", 4_000)
    assert [hold.refunded for hold in world.provider.ledger.holds()] == [1_000, 3_000]


def test_a_refund_forgives_what_is_still_owed_first(debt):
    assert refund(debt, 3_500)[:2] == ("done", 3_500)
    assert (debt.balance().written_off, debt.balance().returned) == (3_000, 500)
    assert debt.state() == "written off"


def test_a_refund_that_came_back_is_money_of_ours_again(world):
    refund(world, 300)
    capture = world.reading.payment("party-e1").captures[0].ref
    news = {"operation": "party-e1/refund/3", "capture": capture, "amount": 300, "reason": "gone"}
    for _ in range(2):
        world.till.refund_failed("party-e1", **news)
    assert (world.state(), world.balance().cash) == ("paid", 1_300)
    assert refund(world, 300) == ("declined", 0, "the refund came back")


# ---- debts ---------------------------------------------------------------------------------------


def test_a_new_method_pays_the_debt(debt):
    debt.add_method("tok_new")
    assert debt.till.pay_again("party-e1").state == "paid"
    assert debt.taken() == 8_000


def test_a_link_pays_the_debt_once(debt):
    paid = {"link": "party-e1/link", "amount": 3_000, "ref": "ca_link"}
    for _ in range(2):
        debt.till.link_paid("party-e1", **paid)
    assert (debt.state(), debt.balance().cash) == ("paid", 8_000)


def test_a_link_that_is_not_this_payments_pays_nothing(debt):
    paid = {"link": "other/link", "amount": 3_000, "ref": "ca_link"}
    assert isinstance(debt.till.link_paid("party-e1", **paid), No)


def test_what_a_link_and_a_method_paid_at_one_moment_is_given_back(debt):
    ref = debt.pay_the_provider(3_000, name="page")
    debt.add_method("tok_new")
    debt.till.pay_again("party-e1")
    debt.till.link_paid("party-e1", link="party-e1/link", amount=3_000, ref=ref)
    assert (debt.taken(), debt.balance().surplus, debt.state()) == (8_000, 0, "paid")


def test_a_debt_can_be_given_up(debt):
    debt.till.write_off("party-e1", reason="goodwill")
    assert (debt.state(), debt.balance().written_off) == ("written off", 3_000)


def test_what_was_written_off_may_be_paid_after_all(debt):
    debt.till.write_off("party-e1", reason="goodwill")
    debt.till.link_paid("party-e1", link="party-e1/link", amount=3_000, ref="ca_link")
    assert (debt.state(), debt.balance().written_off, debt.balance().cash) == ("paid", 0, 8_000)


def test_what_was_paid_cannot_be_written_off(world):
    assert isinstance(world.till.write_off("party-e1", reason="goodwill"), No)


# ---- disputes ------------------------------------------------------------------------------------


def test_a_dispute_blocks_refunds_until_it_is_won(world):
    world.till.dispute("party-e1", dispute="d1", amount=1_300)
    assert "no refunds while a dispute is open" in refund(world, 100).reason
    world.till.close_dispute("party-e1", dispute="d1", amount=1_300, won=True)
    assert world.state() == "paid"
    assert refund(world, 100, "f2").outcome == "done"


def test_a_lost_dispute_is_charged_back(world):
    for _ in range(2):
        world.till.dispute("party-e1", dispute="d1", amount=1_300)
        world.till.close_dispute("party-e1", dispute="d1", amount=1_300, won=False)
    assert (world.state(), world.balance().charged_back) == ("charged back", 1_300)
    assert refund(world, 100).outcome == "refused"


def test_news_of_a_dispute_may_come_in_the_wrong_order(world):
    world.till.close_dispute("party-e1", dispute="d1", amount=1_300, won=True)
    world.till.dispute("party-e1", dispute="d1", amount=1_300)
    assert (world.state(), world.balance().disputed) == ("paid", 0)


def test_a_won_dispute_of_a_partly_refunded_payment_leads_back_there(world):
    refund(world, 300)
    world.till.close_dispute("party-e1", dispute="d1", amount=1_000, won=True)
    assert world.state() == "refunded in part"


def test_more_than_was_taken_cannot_be_disputed(world):
    assert isinstance(world.till.dispute("party-e1", dispute="d1", amount=1_301), No)
