"""What nobody waits for is finished all the same."""

import time
from itertools import pairwise

import pytest

from store_engine.errors import RecordsError, UnreachableError
from store_engine.office.cashier import TAKE_OVER_S
from tests.office.till_world import DAYS, HOURS, PowerCutError, World


@pytest.fixture
def world():
    return World()


def look_after(world, seconds):
    world.pass_time(seconds)
    return world.worker.look()


@pytest.mark.parametrize("calls", range(14))
def test_wherever_the_power_fails_a_charge_is_made_once(world, calls):
    world.come_in()
    world.calls_left = calls
    try:
        world.charge(1_299)
    except PowerCutError:
        world.start()
        world.settle()
        world.charge(1_299)
    assert (world.taken(), world.open_holds(), world.state()) == (1_299, [], "paid")


def test_a_release_cut_short_is_finished_within_seconds(world):
    world.come_in()
    world.trouble.unreachable_before = 1
    with pytest.raises(UnreachableError):
        world.release()
    assert look_after(world, TAKE_OVER_S) == 1
    assert world.open_holds() == []


def test_what_somebody_is_at_is_left_to_them_for_a_moment(world):
    world.come_in()
    world.trouble.unreachable_before = 1
    with pytest.raises(UnreachableError):
        world.release()
    assert look_after(world, TAKE_OVER_S / 2) == 0


def test_a_provider_that_is_away_is_asked_ever_less_often(world):
    world.come_in()
    world.trouble.unreachable = True
    with pytest.raises(UnreachableError):
        world.release()
    tries = []
    for second in range(4 * 3_600):
        world.pass_time(1)
        due = world.books.due(now_us=world.now_us, limit=1)
        if due:
            tries.append(second)
            world.worker.look()
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert gaps[-1] == 600
    assert len(tries) < 40


def test_a_hold_is_let_go_after_its_bound_and_the_party_closed(world):
    world.come_in()
    assert look_after(world, 11.9 * HOURS) == 0
    assert look_after(world, 0.2 * HOURS) == 1
    assert (world.state(), world.open_holds()) == ("released", [])
    assert world.come_in(entry="e2")[0] == "party-e2"


def test_who_stayed_longer_than_that_is_charged_all_the_same(world):
    world.come_in()
    look_after(world, 13 * HOURS)
    assert world.charge(1_299).outcome == "charged"


def test_a_link_that_nobody_pays_is_written_off():
    world = World(ada=["tok_adjust_declined"])
    world.come_in()
    world.charge(8_000)
    assert look_after(world, 13 * DAYS) == 0
    assert look_after(world, 2 * DAYS) == 1
    assert (world.state(), world.balance().written_off) == ("written off", 3_000)


def test_a_payment_that_cannot_be_finished_stops_no_other():
    world = World(ada=["tok_ada"], bob=["tok_bob"])
    for account, entry in (("ada", "e1"), ("bob", "e2")):
        world.come_in(account, entry=entry)
    load = world.books.load

    def broken(name):
        if name == "party-e1":
            raise RecordsError("page 7 is torn")
        return load(name)

    world.books.load = broken
    world.settle(every_s=13 * HOURS)
    assert world.state("party-e2") == "released"


def test_the_worker_looks_by_itself_until_it_is_stopped(world, monkeypatch):
    monkeypatch.setattr("store_engine.office.worker.LOOK_EVERY_S", 0.005)
    world.come_in()
    world.worker.start()
    world.pass_time(13 * HOURS)
    give_up_s = time.monotonic() + 5
    while world.state() != "released":
        assert time.monotonic() < give_up_s
        time.sleep(0.005)
    world.worker.stop()
