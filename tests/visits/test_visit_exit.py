"""Walking out, and tracks that break on the way."""

import msgspec
import pytest

from store_engine.signals import VisitLeaving
from tests.visits.doorway import START_US, Doorway


@pytest.fixture
def door() -> Doorway:
    return Doorway()


def test_a_shopper_who_walks_out_ends_the_visit_at_that_moment(door: Doorway):
    visit = door.scan(0, "ann")
    door.enter("t1", 2, until=20)
    door.leave("t1", 25)
    door.run(40)
    (leaving,) = door.said(VisitLeaving)
    assert (leaving.visit, leaving.time_us) == (visit, START_US + 25_000_000)
    assert door.alerts() == []


def test_an_exit_is_judged_within_half_a_second(door: Doorway):
    door.scan(0, "ann")
    door.enter("t1", 2, until=20)
    door.leave("t1", 25)
    door.run(25.5)
    assert len(door.left()) == 1


@pytest.mark.parametrize("late_s", [0.6, 1.5, 4.0, 7.0])
def test_an_exit_that_is_told_late_ends_the_visit_at_its_own_moment(door: Doorway, late_s: float):
    visit = door.scan(0, "ann")
    door.enter("t1", 2, until=20)
    door.walk("t1", (21, 4.8, 0), (26, -1.2, 0))
    door.cross(25, "out", late_s=late_s)
    door.run(40)
    (leaving,) = door.said(VisitLeaving)
    assert (leaving.visit, leaving.time_us) == (visit, START_US + 25_000_000)
    assert door.alerts() == []


def test_an_exit_that_is_told_late_is_not_of_whoever_stands_at_the_gate_by_now(door: Doorway):
    ann, bob = door.scan(0, "ann"), door.scan(5, "bob")
    door.enter("t1", 2, until=20)
    door.enter("t2", 7, until=24)
    door.walk("t1", (21, 4.8, 0), (26, -1.2, 0))
    door.walk("t2", (24, 5, 0), (28, 0.3, 0), (40, 0.3, 0), ends=False)
    door.cross(25, "out", late_s=4)
    door.run(40)
    assert (door.left(), bob in door.left()) == ([ann], False)


def test_an_exit_that_is_told_late_is_not_of_whoever_was_lost_inside_since(door: Doorway):
    door.scan(0, "ann")
    door.enter("t1", 2, until=26)
    door.walk("t1", (26, 5, 0), (26.1, 5, 0))
    door.cross(25, "out", late_s=4)
    door.run(40)
    assert (door.left(), door.alerts()) == ([], ["exit_unmatched"])


def test_a_visit_ends_when_the_last_of_its_people_left(door: Doorway):
    visit = door.scan(0, "ann")
    door.scan(4, "ann")
    door.enter("t1", 2, until=20)
    door.enter("t2", 6, until=40)
    door.leave("t1", 25)
    door.leave("t2", 50)
    door.run(30)
    assert door.left() == []
    door.run(60)
    assert door.left() == [visit]


def test_whoever_stays_near_the_gate_stays(door: Doorway):
    ann, bob = door.scan(0, "ann"), door.scan(5, "bob")
    door.enter("t1", 2, until=20)
    door.enter("t2", 7, y=0.6, until=20)
    door.walk("t2", (20, 5, 0.6), (24, 0.8, 0.6), (60, 0.8, 0.6), ends=False)
    door.leave("t1", 25)
    door.run(40)
    assert door.left() == [ann]
    assert bob not in door.left()


def test_somebody_standing_in_the_doorway_is_not_the_one_who_walks_out(door: Doorway):
    ann, bob = door.scan(0, "ann"), door.scan(5, "bob")
    door.enter("t1", 2, until=20)
    door.enter("t2", 7, until=18)
    door.walk("t2", (18, 5, 0.9), (22, 0.1, 0.9), (60, 0.1, 0.9), ends=False)
    door.cross(24.7, "out", y=None)  # the gate's clock is fast: t1 is 0.36 m away just then
    door.walk("t1", (21, 4.8, -0.5), (26, -1.2, -0.5), ends=False)
    door.run(25.2)
    assert (door.left(), bob in door.left()) == ([ann], False)


def test_an_exit_that_waits_to_be_judged_survives_a_restart(door: Doorway):
    visit = door.scan(0, "ann")
    door.enter("t1", 2, until=20)
    door.cross(24.7, "out")
    door.walk("t1", (21, 5, 0), (24, 1.3, 0), (30, 1.3, 0), ends=False)
    door.run(24.9)
    assert door.left() == []
    resumed = Doorway()
    resumed.visits.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(door.visits.snapshot())))
    (leaving,) = resumed.visits.pass_time(START_US + 25_200_000)
    assert leaving.visit == visit


def test_whoever_just_left_cannot_leave_again(door: Doorway):
    ann, bob = door.scan(0, "ann"), door.scan(5, "bob")
    door.enter("t1", 2, until=20)
    door.cross(7, "in")
    door.walk("t2", (6, -1.2, 0), (11, 5, 0), (15, 5, 0))
    door.leave("t1", 25)
    door.cross(25.5, "out")
    door.run(30)
    assert door.left() == [ann, bob]


def test_a_ghost_beside_a_shopper_does_not_leave_in_their_place(door: Doorway):
    visit = door.scan(0, "ann")
    door.enter("t1", 2, until=20)
    door.cross(25, "out", y=0.0)
    door.walk("t1", (21, 4.8, 0.4), (26, -1.2, 0.4))
    door.walk("ghost", (22, 3.6, 0.1), (26, -1.2, 0.1))
    door.run(26)
    assert door.left() == [visit]


def test_two_who_leave_together_both_leave(door: Doorway):
    ann, bob = door.scan(0, "ann"), door.scan(5, "bob")
    door.enter("t1", 2, until=20)
    door.enter("t2", 7, until=20)
    door.leave("t1", 25.0, y=0.4)
    door.leave("t2", 25.2, y=-0.4)
    door.run(40)
    assert sorted(door.left()) == sorted([ann, bob])


def test_a_tailgater_who_leaves_is_told_and_nobody_is_charged(door: Doorway):
    door.enter("t1", 2, until=20)
    door.leave("t1", 25)
    door.run(40)
    assert door.alerts() == ["tailgater", "tailgater_left"]
    assert door.left() == []


def test_a_stranger_who_leaves_is_nobodys_business(door: Doorway):
    door.walk("staff", (0, 5, 0), (21, 4.8, 0), ends=False)
    door.leave("staff", 25)
    door.run(40)
    assert door.words == []


def test_an_exit_that_nobody_saw_raises_an_alert_while_people_are_inside(door: Doorway):
    door.scan(0, "ann")
    door.enter("t1", 2, until=40)
    door.cross(30, "out")
    door.run(40)
    assert door.alerts() == ["exit_unmatched"]
    assert door.left() == []


def test_in_and_straight_out_again_is_a_visit(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (2.6, 0.6, 0), (4.2, -1.2, 0))
    door.cross(3.2, "out")
    door.run(30)
    assert door.left() == [visit]


def test_in_and_straight_out_again_is_a_visit_even_if_the_answer_comes_later(door: Doorway):
    door.answer_s = 4
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (2.6, 0.6, 0), (4.2, -1.2, 0))
    door.cross(3.2, "out")
    door.run(30)
    (leaving,) = door.said(VisitLeaving)
    assert (leaving.visit, leaving.time_us) == (visit, START_US + 3_200_000)
    assert door.alerts() == []


def test_a_shopper_may_come_back_for_a_second_visit(door: Doorway):
    first = door.scan(0, "ann")
    door.enter("t1", 2, until=10)
    door.leave("t1", 15)
    second = door.scan(20, "ann")
    door.enter("t2", 22)
    door.run(40)
    assert door.left() == [first]
    assert door.bindings() == [("t1", first), ("t2", second)]


def test_the_same_track_may_come_back_in(door: Doorway):
    first = door.scan(0, "ann")
    door.enter("t1", 2, until=10)
    door.cross(15, "out")
    door.walk("t1", (11, 4.8, 0), (16, -1.2, 0), (20, -1.2, 0), ends=False)
    second = door.scan(19, "ann")
    door.enter("t1", 21, until=40)
    door.leave("t1", 45)
    door.run(50)
    assert door.bindings() == [("t1", first), ("t1", second)]
    assert door.left() == [first, second]


# ---- broken tracks -------------------------------------------------------------------------


def test_a_broken_track_is_joined_up_with_the_one_that_begins_nearby(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (6, 5, 0), (10, 5, 0))
    door.walk("t2", (13, 7, 1), (30, 7, 1), ends=False)
    door.run(30)
    assert door.bindings() == [("t1", visit), ("t2", visit)]


def test_a_new_track_out_of_reach_is_somebody_else(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (6, 5, 0), (10, 5, 0))
    door.walk("t2", (12, 15, 1), (30, 15, 1), ends=False)
    door.run(30)
    assert door.bindings() == [("t1", visit)]


def test_a_find_that_fits_two_lost_people_is_given_to_neither(door: Doorway):
    door.scan(0, "ann")
    door.scan(5, "bob")
    for track, at_s, y in (("t1", 2, -0.5), ("t2", 7, 0.5)):
        door.cross(at_s, "in", y)
        door.walk(track, (at_s - 1, -1.2, y), (at_s + 4, 5, y), (15, 5, y))
    door.walk("t3", (17, 6, 0), (30, 6, 0), ends=False)
    door.run(30)
    assert [track for track, _ in door.bindings()] == ["t1", "t2"]


def test_a_track_that_comes_back_under_its_own_name_is_the_same_person(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (6, 5, 0), (10, 5, 0))
    door.walk("t1", (40, 15, 3), (50, 15, 3), ends=False)
    door.run(50)
    assert door.bindings() == [("t1", visit), ("t1", visit)]


def test_somebody_new_outside_the_gate_is_not_the_one_lost_just_inside(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (3.2, 1.2, 0))
    door.walk("t2", (4.5, -0.8, 0), (12, -0.8, 0), ends=False)
    door.run(11)
    assert door.bindings() == [("t1", visit)]


def test_a_newcomer_is_not_taken_for_somebody_lost_near_the_gate(door: Doorway):
    ann, bob = door.scan(0, "ann"), door.scan(1, "bob")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (4, 2, 0))
    door.cross(5, "in")
    door.walk("t2", (5.3, 0.4, 0), (9, 4.5, 0), ends=False)
    door.run(11)
    assert door.bindings() == [("t1", ann), ("t2", bob)]


def test_a_second_track_on_the_same_body_takes_over_when_the_first_one_ends(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (6, 5, 0), (10, 5, 0))
    door.walk("t2", (8, 5.2, 0.2), (30, 5.2, 0.2), ends=False)
    door.run(30)
    assert door.bindings() == [("t1", visit), ("t2", visit)]


def test_a_neighbour_who_was_there_before_is_not_the_lost_shopper(door: Doorway):
    visit = door.scan(0, "ann")
    door.walk("staff", (0, 5.2, 0.2), (30, 5.2, 0.2), ends=False)
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (6, 5, 0), (10, 5, 0))
    door.run(30)
    assert door.bindings() == [("t1", visit)]


def test_the_only_lost_shopper_is_the_stranger_who_began_inside_and_leaves(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (6, 5, 0), (10, 5, 0))
    door.walk("t2", (12, 15, 1), (21, 4.8, 0), ends=False)
    door.leave("t2", 25)
    door.run(30)
    assert door.left() == [visit]


def test_a_stranger_who_may_be_either_of_two_lost_shoppers_closes_neither(door: Doorway):
    door.scan(0, "ann")
    door.scan(5, "bob")
    for track, at_s, y in (("t1", 2, -0.5), ("t2", 7, 0.5)):
        door.cross(at_s, "in", y)
        door.walk(track, (at_s - 1, -1.2, y), (at_s + 4, 5, y), (15, 5, y))
    door.walk("t3", (17, 6, 0), (21, 4.8, 0), ends=False)
    door.leave("t3", 25)
    door.run(30)
    assert (door.left(), door.alerts()) == ([], ["exit_unmatched"])


def test_the_only_lost_shopper_is_the_one_who_leaves_unseen_by_cameras(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (6, 5, 0), (10, 5, 0))
    door.cross(40, "out")
    door.run(45)
    assert door.left() == [visit]


def test_a_track_that_ends_at_the_gate_and_never_returns_has_left(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (6, 5, 0), (10, 5, 0), (14, 0.3, 0))
    door.run(30)
    assert door.left() == [visit]
    assert door.alerts() == ["exit_unseen"]


def test_a_track_that_breaks_at_the_gate_on_the_way_in_has_not_left(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (3.2, 1.2, 0))
    door.walk("t2", (12.5, 6, 0), (30, 6, 0), ends=False)
    door.run(30)
    assert door.left() == []
    assert door.bindings() == [("t1", visit), ("t2", visit)]


def test_somebody_lost_deep_in_the_store_is_told_after_a_minute_and_settled_after_ten(
    door: Doorway,
):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (1, -1.2, 0), (6, 5, 0), (10, 5, 0))
    door.run(605)
    assert (door.alerts(), door.left()) == (["visitor_lost"], [])
    door.run(620)
    assert (door.alerts(), door.left()) == (["visitor_lost", "visitor_given_up"], [visit])
