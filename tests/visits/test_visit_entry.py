"""Coming in: who is bound to which visit, and who is not."""

import pytest

from store_engine.errors import InvariantError
from store_engine.events import EntryRefused, EntryRequested, VisitorJoined, VisitStarted
from store_engine.messages import EntryDecision, GateScan
from tests.visits.doorway import START_US, Doorway


@pytest.fixture
def door() -> Doorway:
    return Doorway()


def test_a_scan_and_a_crossing_start_a_visit_named_after_the_scan(door: Doorway):
    visit = door.scan(0, "ann")
    door.enter("t1", 2)
    door.run(10)
    (started,) = door.said(VisitStarted)
    assert (started.visit, started.account, started.track) == (visit, "Ann", "t1") == (
        "door.0.1", "Ann", "t1"
    )  # fmt: skip
    assert started.time_us == START_US + 2_000_000
    assert door.bindings() == [("t1", visit)]


def test_a_visit_names_the_scan_the_answer_and_the_crossing_as_its_causes(door: Doorway):
    door.scan(0, "ann")
    door.enter("t1", 2)
    door.run(10)
    (started,) = door.said(VisitStarted)
    assert started.causes == ("door/0/1", "accounts/0/2", "door/0/3")


def test_an_unknown_credential_is_refused_with_the_reason(door: Doorway):
    door.scan(0, "zoe")
    door.run(5)
    (refused,) = door.said(EntryRefused)
    assert refused.reason == "unknown credential"
    assert not door.said(VisitStarted)


def test_an_acceptance_without_an_account_is_a_refusal(door: Doorway):
    scan = GateScan(device="door", sequence=0, time_us=0, credential="ann")
    decision = EntryDecision(
        device="accounts", sequence=0, time_us=0, scan=scan.ref, accepted=True, account=""
    )
    door.visits.scan(scan, START_US)
    (refused,) = door.visits.decide(decision, START_US + 1)
    assert (type(refused), refused.reason) == (EntryRefused, "no account given")


def test_an_answer_given_twice_admits_one(door: Doorway):
    door.scan(0, "ann")
    repeated = EntryDecision(
        device="accounts", sequence=0, time_us=0, scan="door/0/1", accepted=True, account="Ann"
    )
    door.run(1)
    door.visits.decide(repeated, START_US + 1_500_000)
    door.enter("t1", 2)
    door.enter("t2", 9)
    door.run(20)
    assert door.bindings() == [("t1", "door.0.1"), ("t2", None)]


def test_a_scan_that_nobody_answers_is_refused_once(door: Doorway):
    door.answer_s = 300
    door.scan(0, "ann")
    door.run(60)
    assert [word.reason for word in door.said(EntryRefused)] == ["no answer from accounts"]


def test_a_slow_answer_still_admits_whoever_walked_in_meanwhile(door: Doorway):
    door.answer_s = 6
    visit = door.scan(0, "ann")
    door.enter("t1", 1)
    door.run(20)
    assert door.bindings() == [("t1", visit)]
    assert door.alerts() == []


def test_a_scan_that_reaches_us_just_after_its_crossing_still_admits(door: Doorway):
    visit = door.scan(2.8, "ann")
    door.enter("t1", 2)
    door.run(20)
    assert door.bindings() == [("t1", visit)]
    assert door.alerts() == []


@pytest.mark.parametrize("late_s", [1.0, 8.0, 15.0])
def test_an_entry_that_is_told_late_waits_for_its_answer_all_the_same(door: Doorway, late_s: float):
    door.answer_s = 3
    visit = door.scan(0, "ann", late_s=late_s)
    door.cross(2, "in", late_s=late_s)
    door.walk("t1", (1, -1.2, 0), (6, 4.8, 0), (60, 5, 0), ends=False)
    door.run(30)
    (started,) = door.said(VisitStarted)
    assert (started.visit, started.time_us) == (visit, START_US + 2_000_000)
    assert door.alerts() == []


def test_a_crossing_without_a_scan_is_a_tailgater(door: Doorway):
    door.enter("t1", 2)
    door.run(20)
    assert door.bindings() == [("t1", None)]
    assert door.alerts() == ["tailgater"]


def test_somebody_on_the_heels_of_a_shopper_is_a_tailgater(door: Doorway):
    visit = door.scan(0, "ann")
    door.enter("t1", 2)
    door.enter("t2", 2.9)
    door.run(20)
    assert door.bindings() == [("t1", visit), ("t2", None)]


def test_an_admission_expires(door: Doorway):
    door.scan(0, "ann")
    door.enter("t1", 25)
    door.run(40)
    assert door.bindings() == [("t1", None)]


def test_two_shoppers_abreast_get_the_track_on_their_side(door: Doorway):
    ann, bob = door.scan(0, "ann"), door.scan(0.5, "bob")
    door.enter("t1", 2.0, y=0.5)
    door.enter("t2", 2.1, y=-0.5)
    door.run(10)
    assert sorted(door.bindings()) == [("t1", ann), ("t2", bob)]


def test_a_track_confirmed_late_is_bound_to_its_crossing(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (3.5, 1.8, 0), (8, 5, 0), ends=False)
    door.run(10)
    assert door.bindings() == [("t1", visit)]


def test_somebody_walking_away_from_the_gate_is_not_the_one_who_came_in(door: Doorway):
    visit = door.scan(0, "ann")
    door.walk("passer-by", (1, 0.9, 0.4), (3, -1.5, 0.4), ends=False)
    door.cross(2, "in")
    door.walk("t1", (3.2, 1.2, 0), (8, 5, 0), ends=False)
    door.run(10)
    assert door.bindings() == [("t1", visit)]


def test_whoever_queues_outside_is_not_the_one_who_came_in(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("next", (0, -3, 0), (2.5, -0.8, 0), (20, -0.8, 0), ends=False)
    door.walk("t1", (5.5, 3, 0), (9, 5, 0), ends=False)
    door.run(10)
    assert door.bindings() == [("t1", visit)]


def test_a_gate_that_cannot_tell_where_still_binds_the_walker_on_its_line(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in", y=None)
    door.walk("bystander", (0, 3.0, 2.0), (9, 3.0, 2.0), ends=False)
    door.walk("t1", (1, -1.2, 0.8), (6, 4.8, 0.8), ends=False)
    door.run(10)
    assert door.bindings() == [("t1", visit)]


def test_a_visit_starts_even_if_no_track_is_found_and_binds_the_next_one(door: Doorway):
    visit = door.scan(0, "ann")
    door.cross(2, "in")
    door.walk("t1", (5.5, 3, 0), (9, 5, 0), ends=False)
    door.run(10)
    assert [started.track for started in door.said(VisitStarted)] == [""]
    assert door.bindings() == [("t1", visit)]


def test_a_visitor_whom_no_camera_ever_sees_raises_an_alert(door: Doorway):
    door.scan(0, "ann")
    door.cross(2, "in")
    door.run(20)
    assert len(door.said(VisitStarted)) == 1
    assert door.alerts() == ["visitor_untracked"]


def test_a_second_scan_of_an_account_inside_joins_its_visit(door: Doorway):
    visit = door.scan(0, "ann")
    door.enter("t1", 2)
    door.scan(8, "ann")
    door.enter("t2", 10)
    door.run(20)
    assert len(door.said(VisitStarted)) == 1
    assert [(word.visit, word.track) for word in door.said(VisitorJoined)] == [(visit, "t2")]
    assert door.bindings() == [("t1", visit), ("t2", visit)]


def test_a_second_card_of_the_same_account_joins_too(door: Doorway):
    door.accounts["ann's phone"] = "Ann"
    visit = door.scan(0, "ann")
    door.scan(1, "ann's phone")
    door.enter("t1", 3)
    door.enter("t2", 6)
    door.run(20)
    assert door.bindings() == [("t1", visit), ("t2", visit)]


def test_a_repeated_tap_asks_once(door: Doorway):
    door.scan(0, "ann")
    door.scan(0.8, "ann")
    door.scan(1.5, "ann")
    door.run(5)
    assert len(door.said(EntryRequested)) == 1


def test_a_family_that_taps_twice_and_walks_in_together_is_one_visit(door: Doorway):
    visit = door.scan(0, "ann")
    door.scan(1, "ann")
    door.enter("t1", 2)
    door.enter("t2", 4)
    door.run(20)
    assert door.bindings() == [("t1", visit), ("t2", visit)]
    assert door.alerts() == []


def test_a_double_tap_does_not_put_the_next_shopper_on_the_same_account(door: Doorway):
    ann = door.scan(0, "ann")
    door.scan(1, "ann")
    door.enter("t1", 2)
    bob = door.scan(3, "bob")
    door.enter("t2", 5)
    door.run(20)
    assert door.bindings() == [("t1", ann), ("t2", bob)]


def test_a_double_tap_admits_no_stranger_later(door: Doorway):
    ann = door.scan(0, "ann")
    door.scan(1, "ann")
    door.enter("t1", 2)
    door.enter("t2", 8)
    door.run(30)
    assert door.bindings() == [("t1", ann), ("t2", None)]


def test_a_tap_that_nobody_used_does_not_start_a_visit(door: Doorway):
    door.scan(0, "ann")
    door.run(60)
    assert not door.said(VisitStarted)


def test_a_scan_at_a_gate_that_is_not_on_the_map_is_a_bug(door: Doorway):
    with pytest.raises(InvariantError, match="window"):
        door.visits.scan(GateScan(device="window", sequence=0, time_us=0, credential="ann"), 0)
