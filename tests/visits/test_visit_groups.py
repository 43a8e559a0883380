"""A group comes in on one credential: one scan, several people, one cart."""

import pytest

from store_engine.events import AlertRaised, ReleaseRequested, VisitorJoined, VisitStarted
from store_engine.signals import VisitLeaving
from tests.visits.doorway import Doorway


@pytest.fixture
def door() -> Doorway:
    return Doorway()


def test_everybody_of_a_group_is_on_one_visit(door: Doorway):
    visit = door.scan(0, "ann", people=3)
    for number in range(3):
        door.enter(f"t{number}", 2 + 2 * number)
    door.run(15)
    assert len(door.said(VisitStarted)) == 1
    assert len(door.said(VisitorJoined)) == 2
    assert door.bindings() == [("t0", visit), ("t1", visit), ("t2", visit)]


def test_one_more_than_the_group_said_is_a_tailgater(door: Doorway):
    door.scan(0, "ann", people=2)
    for number in range(3):
        door.enter(f"t{number}", 2 + 2 * number)
    door.run(15)
    assert door.alerts() == ["tailgater"]


def test_a_group_may_take_its_time_as_long_as_it_comes_one_after_the_other(door: Doorway):
    door.scan(0, "ann", people=8)
    for number in range(8):
        door.enter(f"t{number}", 2 + 4 * number)
    door.run(45)
    assert not door.said(AlertRaised)
    assert len(door.said(VisitorJoined)) == 7


def test_who_comes_a_while_after_a_group_is_not_one_of_them(door: Doorway):
    door.scan(0, "ann", people=3)
    door.enter("t0", 2)
    door.enter("t1", 11)
    door.run(20)
    assert door.alerts() == ["tailgater"]


def test_a_group_that_taps_twice_admits_nobody_more(door: Doorway):
    door.scan(0, "ann", people=2)
    door.scan(1, "ann", people=2)
    for number in range(3):
        door.enter(f"t{number}", 2 + 2 * number)
    door.run(15)
    assert door.alerts() == ["tailgater"]


def test_the_next_card_is_for_the_next_shopper_even_if_the_group_is_not_complete(door: Doorway):
    door.scan(0, "ann", people=3)
    door.enter("t0", 2)
    other = door.scan(9, "bob")
    door.enter("t1", 11)
    door.run(20)
    assert ("t1", other) in door.bindings()


def test_a_groups_visit_ends_with_the_last_of_them(door: Doorway):
    door.scan(0, "ann", people=2)
    door.cross(2, "in")
    door.walk("a", (1, -1.2, 0), (6, 4.8, 0), (20, 5, 0), ends=False)
    door.cross(4, "in")
    door.walk("b", (3, -1.2, 0), (8, 4.8, 0), (30, 5, 0), ends=False)
    door.leave("a", 24)
    door.run(28)
    assert not door.said(VisitLeaving)
    door.leave("b", 34)
    door.run(40)
    assert len(door.said(VisitLeaving)) == 1


def test_what_is_left_of_a_group_that_came_and_went_releases_nothing(door: Doorway):
    door.scan(0, "ann", people=3)
    door.cross(2, "in")
    door.walk("a", (1, -1.2, 0), (5, 3, 0), ends=False)
    door.cross(8, "out")
    door.walk("a", (5.1, 3, 0), (9, -1.2, 0))
    door.run(60)
    assert len(door.said(VisitLeaving)) == 1
    assert not door.said(ReleaseRequested)


def test_a_group_of_which_nobody_came_is_released(door: Doorway):
    door.scan(0, "ann", people=3)
    door.run(60)
    assert [one.account for one in door.said(ReleaseRequested)] == ["Ann"]


def test_a_restart_between_two_of_a_group_changes_nothing(door: Doorway):
    visit = door.scan(0, "ann", people=2)
    door.enter("t0", 2)
    door.run(3)
    fresh = Doorway().visits
    fresh.restore(door.visits.snapshot())
    door.visits.restore(fresh.snapshot())
    door.enter("t1", 4)
    door.run(10)
    assert ("t1", visit) in door.bindings()
