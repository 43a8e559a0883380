"""What the till does with a payment, from the gate to the last cent."""

import pytest

from store_engine.errors import EffectError, UnreachableError
from tests.office.till_world import HOURS, World


@pytest.fixture
def world():
    return World()


def kinds(world):
    return [operation.kind for operation in world.provider.ledger.operations()]


# ---- the gate ------------------------------------------------------------------------------------


def test_whoever_comes_in_is_held(world):
    party, entry = world.come_in()
    assert (entry.accepted, world.state(party)) == (True, "held")
    assert [hold.held for hold in world.open_holds()] == [5_000]


def test_taps_of_one_card_are_one_hold(world):
    answers = {world.come_in(entry=entry) for entry in ("e1", "e2", "e3", "e1")}
    assert {party for party, _ in answers} == {"party-e1"}
    assert len(world.open_holds()) == 1


def test_the_second_method_is_asked_where_the_first_declines():
    world = World(ada=["tok_declined", "tok_ada"])
    assert world.come_in()[1].accepted
    assert [hold.method for hold in world.open_holds()] == ["tok_ada"]


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [(["tok_declined", "tok_expired_card"], "card expired"), ([], "no payment method")],
)
def test_without_a_hold_nobody_comes_in(tokens, reason):
    world = World(ada=tokens, bob=[])
    party, entry = world.come_in()
    assert (entry.accepted, entry.reason, world.state(party)) == (False, reason, "refused")
    assert world.come_in()[1] == entry


def test_after_a_refusal_the_next_tap_is_asked_anew():
    world = World(ada=["tok_declined"])
    world.come_in(entry="e1")
    assert world.come_in(entry="e2")[0] == "party-e2"


def test_an_unknown_hold_is_found_not_made_again(world):
    world.trouble.unreachable_after = 1
    with pytest.raises(UnreachableError):
        world.come_in()
    assert world.come_in()[1].accepted
    assert len(world.open_holds()) == 1


def test_a_hold_that_nobody_waited_for_is_let_go(world):
    world.trouble.unreachable = True
    with pytest.raises(UnreachableError):
        world.come_in()
    world.till.give_up("party-e1", entry="e1")
    world.trouble.unreachable = False
    world.settle()
    assert (world.state(), world.open_holds()) == ("released", [])


def test_who_comes_back_while_the_last_visit_is_settled_needs_a_new_party(world):
    party, _ = world.come_in(entry="e1")
    world.charge(100)
    said = {"party": party, "store": "shop", "time_us": world.now_us}
    assert world.till.open(entry="e9", **said).closed
    assert world.come_in(entry="e9")[0] == "party-e9"


def test_a_store_that_asks_for_no_hold_trusts_everybody(world):
    assert world.come_in(hold=0)[1].accepted
    assert world.open_holds() == []
    assert world.charge(700).outcome == "charged"


# ---- the exit ------------------------------------------------------------------------------------


def test_a_charge_is_captured_from_the_hold_and_the_rest_let_go(world):
    world.come_in()
    assert world.charge(1_299)[:2] == ("charged", 1_299)
    assert kinds(world) == ["authorise", "capture"]
    assert (world.taken(), world.open_holds(), world.state()) == (1_299, [], "paid")


def test_a_charge_repeated_acts_once(world):
    world.come_in()
    assert world.charge(1_299) == world.charge(1_299)
    assert world.taken() == 1_299


def test_a_charge_repeated_with_another_amount_is_refused(world):
    world.come_in()
    world.charge(1_299)
    with pytest.raises(EffectError, match="1299 is owed, now 99"):
        world.charge(99)


@pytest.mark.parametrize(("amount", "currency"), [(0, "USD"), (-5, "USD"), (5, "EUR")])
def test_a_charge_that_makes_no_sense_is_refused(world, amount, currency):
    with pytest.raises(EffectError):
        world.till.charge(key="c", account="party-e1", amount=amount, currency=currency)
    assert world.words() == []


def test_more_than_the_hold_is_adjusted_first(world):
    world.come_in()
    assert world.charge(8_000).outcome == "charged"
    assert kinds(world) == ["authorise", "adjust", "capture"]


def test_where_the_adjustment_is_declined_what_is_held_is_taken_and_the_rest_elsewhere():
    world = World(ada=["tok_adjust_declined", "tok_other"])
    world.come_in()
    assert world.charge(8_000)[:2] == ("charged", 8_000)
    assert [hold.captured for hold in world.provider.ledger.holds()] == [5_000, 3_000]


def test_a_debt_that_no_method_pays_is_offered_as_a_link():
    world = World(ada=["tok_adjust_declined"])
    world.come_in()
    outcome = world.charge(8_000)
    assert outcome[:2] == ("declined", 5_000)
    assert outcome.reason == "insufficient funds; 30.00 USD still to be paid"
    assert (world.state(), world.balance().outstanding) == ("link offered", 3_000)


def test_a_hold_that_expired_is_made_again(world):
    world.come_in()
    world.pass_time(8 * 24 * HOURS)
    assert world.charge(1_299).outcome == "charged"
    assert world.taken() == 1_299


def test_a_hold_that_can_never_be_captured_is_tried_twice_and_let_go():
    world = World(ada=["tok_capture_declined"])
    world.come_in()
    assert world.charge(1_299).outcome == "declined"
    assert kinds(world).count("capture") == 2
    assert (world.taken(), world.open_holds()) == (0, [])


def test_an_empty_exit_lets_go_of_the_hold(world):
    world.come_in()
    assert world.release().outcome == "released"
    assert (world.state(), world.open_holds(), world.taken()) == ("released", [], 0)
    assert world.release().outcome == "released"


def test_nothing_is_let_go_of_for_somebody_unknown(world):
    assert world.release("stranger").outcome == "released"
    assert world.words() == []


def test_staff_owe_and_are_never_asked(world):
    party, entry = world.come_in(free=True)
    assert entry.accepted
    assert world.charge(1_299).outcome == "released"
    assert (world.state(party), kinds(world)) == ("waived", [])
    assert world.balance().waived == 1_299


def test_a_second_visit_of_a_closed_party_is_a_payment_of_its_own(world):
    world.come_in()
    world.charge(1_000, key="c1")
    assert world.charge(500, key="c2", receipt="r2").outcome == "charged"
    assert world.charge(500, key="c2", receipt="r2").outcome == "charged"
    assert [payment.owed for payment in world.till.payments("party-e1")] == [1_000, 500]
    assert world.till.charged("party-e1", receipt="r2") == "party-e1.2"


def test_a_second_visit_of_staff_is_free_too(world):
    world.come_in(free=True)
    world.charge(1_000, key="c1")
    assert world.charge(500, key="c2").outcome == "released"


def test_a_party_that_nobody_opened_is_charged_all_the_same(world):
    assert world.charge(700, "ada").outcome == "charged"


def test_an_unknown_charge_is_found_not_made_again(world):
    world.come_in()
    world.trouble.unreachable_after = 1
    with pytest.raises(UnreachableError):
        world.charge(1_299)
    assert world.charge(1_299).outcome == "charged"
    assert world.taken() == 1_299


def test_the_hold_of_somebody_inside_can_be_another_amount(world):
    world.come_in()
    assert world.till.adjust("party-e1", amount=9_000)[:2] == ("done", 9_000)
    assert world.till.adjust("party-e1", amount=9_000)[:2] == ("done", 9_000)
    assert kinds(world) == ["authorise", "adjust"]
    assert world.till.adjust("stranger", amount=1).outcome == "refused"
