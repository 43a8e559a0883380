import json
import math

import pytest
from tracking_world import START_US, moves, names, people, person, shop, watch

from store_engine.messages import Joint, TrackedPeople, TrackedPerson
from store_engine.store_map import StoreMap
from store_engine.tracking import Tracking
from store_engine.tracking.upstream import place

INCH_M = 0.0254


def at(step):
    return START_US + step * 66_667


def walk(track_at, steps, *, x=2.0):
    """One person who walks along x; `track_at(step)` is their upstream id."""
    return [people(at(i), person(track_at(i), x + 0.05 * i, 2.0), sequence=i) for i in range(steps)]


def test_somebody_tracked_upstream_is_one_track_with_two_hands():
    said = watch(Tracking(shop()), walk(lambda i: "u1", 30))
    last = moves(said)[-1]
    assert names(said) == ["t1"]
    assert (last.x, last.y) == pytest.approx((3.45, 2.0), abs=0.05)
    assert last.head == (pytest.approx(3.45), 2.0, 1.6)
    assert [hand[:3] for hand in last.hands] == [
        (pytest.approx(3.75), pytest.approx(2.2), 1.05),
        (pytest.approx(3.75), pytest.approx(1.8), 1.05),
    ]
    assert last.cause == "tracker/0/29"


def test_an_id_that_changes_while_the_position_continues_keeps_our_track():
    assert names(watch(Tracking(shop()), walk(lambda i: f"u{i // 10}", 40))) == ["t1"]


def test_an_id_that_is_used_again_far_away_is_somebody_else():
    here = walk(lambda i: "u1", 20, x=1.0)
    there = [people(at(20 + i), person("u1", 5.5, 3.5)) for i in range(20)]
    assert names(watch(Tracking(shop()), here + there)) == ["t1", "t2"]


def test_somebody_who_stands_still_for_minutes_is_still_one_track():
    stood = [people(at(i), person("u1", 3.0, 2.0), sequence=i) for i in range(1500)]
    assert names(watch(Tracking(shop()), stood)) == ["t1"]


def test_two_ids_that_are_swapped_far_apart_do_not_swap_our_tracks():
    def message(i):
        one, two = ("a", "b") if i < 20 else ("b", "a")
        return people(at(i), person(one, 1.0, 1.0), person(two, 5.0, 3.0))

    last = moves(watch(Tracking(shop()), [message(i) for i in range(40)]))[-2:]
    assert [(word.track, round(word.x)) for word in last] == [("t1", 1), ("t2", 5)]


def test_upstream_ids_tell_people_apart_who_pass_through_each_other():
    def message(i):
        return people(at(i), person("a", 1 + 0.1 * i, 2.0), person("b", 5 - 0.1 * i, 2.1))

    said = watch(Tracking(shop()), [message(i) for i in range(40)])
    assert [(word.track, round(word.x)) for word in moves(said)[-2:]] == [("t1", 5), ("t2", 1)]


def test_lost_wrists_are_remembered_briefly_and_then_left_out():
    tracking = Tracking(shop())
    watch(tracking, walk(lambda i: "u1", 20))
    bare = TrackedPerson(track="u1", neck=Joint(at=(2.95, 2.0, 1.45)))
    said = moves(watch(tracking, [people(at(20 + i), bare) for i in range(10)]))
    assert len(said[0].hands) == 2
    assert said[0].hands[0].std_m < said[2].hands[0].std_m
    assert said[-1].hands == ()


def test_less_trusted_joints_are_less_certain():
    sure, unsure = place(person("u", 2, 2)), place(person("u", 2, 2, score=0.4))
    assert unsure.xx > sure.xx


@pytest.mark.parametrize("x", [math.nan, math.inf])
def test_a_joint_that_is_no_place_is_ignored(x):
    head = Joint(at=(2.0, 2.0, 1.6))
    found = place(TrackedPerson(track="u", neck=Joint(at=(x, 2.0, 1.4)), head=head))
    assert (found.x, found.y) == (2.0, 2.0)
    assert place(TrackedPerson(track="u", neck=Joint(at=(x, 2.0, 1.4)))) is None


def joint(found):
    if not found or not found.get("point"):
        return None
    metres = tuple(found["point"][axis] * INCH_M for axis in "xyz")
    return Joint(at=metres, score=min(1.0, found.get("score", 0.0)))


def recorded(path):
    """The real tracker's messages: one JSON document a line, inches."""
    for i, text in enumerate(path.read_text().splitlines()):
        document = json.loads(text)
        seen = [
            TrackedPerson(
                track=target["target_id"]["id"],
                head=joint(target.get("head")),
                neck=joint(target.get("neck")),
                left_wrist=joint(target.get("l_wrist")),
                right_wrist=joint(target.get("r_wrist")),
            )
            for target in document["document"]["targets"].get("targets", [])
        ]
        time_us = round(document["timestamp"] * 1e6)
        yield TrackedPeople(device="tracker", sequence=i, time_us=time_us, people=tuple(seen))


def test_a_real_shopper_is_one_track_from_start_to_end(shared_data):
    messages = list(recorded(shared_data / "aifi-benchmark-1" / "full_targets.json"))
    floor = ((-1.6, -2.8), (5.8, -2.8), (5.8, 1.4), (-1.6, 1.4))  # the published extent
    bare = StoreMap(**{**vars(shop()), "floor": floor, "gates": {}})
    said = watch(Tracking(bare), messages)
    seen_s = (messages[-1].time_us - messages[0].time_us) / 1e6
    assert names(said) == ["t1"]
    assert len(said) == len(moves(said))  # it never ended
    assert 10 * seen_s < len(said) < 15 * seen_s + 2
