"""What is held for somebody who never came in is let go of, and for nobody else."""

import msgspec
import pytest

from store_engine.events import EntryRefused, ReleaseRequested
from store_engine.store import Policy
from store_engine.visits import Visits
from tests.visits.doorway import Doorway, door_map


@pytest.fixture
def door() -> Doorway:
    return Doorway()


def released(door: Doorway) -> list[tuple[str, str]]:
    return [(word.visit, word.account) for word in door.said(ReleaseRequested)]


def test_an_admission_that_nobody_used_is_let_go_of_once(door: Doorway):
    visit = door.scan(0, "ann")
    door.run(90)
    assert released(door) == [(visit, "Ann")]


def test_whoever_came_in_keeps_their_hold(door: Doorway):
    door.scan(0, "ann")
    door.enter("t1", 2)
    door.run(60)
    assert released(door) == []


def test_a_second_tap_that_nobody_used_takes_nothing_from_the_visit(door: Doorway):
    door.scan(0, "ann")
    door.scan(6, "ann")
    door.enter("t1", 8)
    door.run(60)
    assert released(door) == []


def test_two_taps_that_nobody_used_are_one_release(door: Doorway):
    door.scan(0, "ann")
    last = door.scan(6, "ann")
    door.run(90)
    assert released(door) == [(last, "Ann")]


def test_two_shoppers_who_turned_away_are_two_releases(door: Doorway):
    first, second = door.scan(0, "ann"), door.scan(0, "bob")
    door.run(90)
    assert released(door) == [(first, "Ann"), (second, "Bob")]


def test_an_answer_after_the_door_gave_up_lets_go_of_the_hold(door: Doorway):
    door.answer_s = 40
    visit = door.scan(0, "ann")
    door.run(60)
    assert len(door.said(EntryRefused)) == 1
    assert released(door) == [(visit, "Ann")]


def test_a_late_no_holds_nothing(door: Doorway):
    door.answer_s = 40
    door.scan(0, "zoe")
    door.run(60)
    assert released(door) == []


@pytest.mark.parametrize("restart_s", [10, 25, 35])
def test_a_restart_forgets_no_hold(door: Doorway, restart_s: int):
    door.answer_s = 30
    visit = door.scan(0, "ann")
    door.run(restart_s)
    frozen = msgspec.msgpack.encode(door.visits.snapshot())
    door.visits = Visits(door_map(), Policy())
    door.visits.restore(msgspec.msgpack.decode(frozen))
    door.run(90)
    assert released(door) == [(visit, "Ann")]
