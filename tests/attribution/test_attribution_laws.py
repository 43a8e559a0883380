"""Laws: arrival order, snapshots, probabilities, memory."""

import pytest
from attribution_hearing import assert_resumes, assert_returns_only_what_is_held, hear_in_turns
from attribution_shop import Story, cart, finals, heard_us, new_room, run
from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.units import to_us

PLATES = ("A0", "A3", "A4", "A6", "C0", "C2", "C4")
MASS_G = {"A0": 530.0, "A3": 1060.0, "A4": 400.0, "A6": 30.0, "C0": 180.0, "C2": 402.0, "C4": 621.0}


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Two shoppers and a tailgater who take, put back and get in each other's way."""
    story = Story().enters("a", "va").enters("b", "vb").enters("x", None)
    for at in range(draw(st.integers(1, 6))):
        time_s = 5.0 + 1.5 * at + draw(st.sampled_from((0.0, 0.4)))
        plate = draw(st.sampled_from(PLATES))
        for track in draw(st.lists(st.sampled_from("abx"), max_size=2, unique=True)):
            story.reaches(track, plate, time_s)
        sign = draw(st.sampled_from((-1.0, -1.0, 1.0)))
        late_s = draw(st.sampled_from((0.3, 0.6, 2.0)))
        story.weighs(plate, time_s, sign * MASS_G[plate], late_s=late_s)
    story.touches("A0", 14.0, draw(st.sampled_from((15.2, 16.5, 30.0))))
    left_s = draw(st.sampled_from((6.0, 10.0, 15.0)))
    return story.leaves("va", left_s).leaves("vb", left_s + draw(st.sampled_from((0.0, 0.3, 4.0))))


@settings(max_examples=60, deadline=None)
@given(story=stories(), turns=st.lists(st.booleans(), max_size=60))
def test_how_lanes_interleave_changes_no_final_cart(story: Story, turns: list[bool]) -> None:
    assert finals(hear_in_turns(new_room(), story, turns)) == finals(run(story))


@settings(max_examples=25, deadline=None)
@given(story=stories(), cut=st.floats(0.0, 1.0))
def test_resuming_from_a_snapshot_changes_nothing(story: Story, cut: float) -> None:
    people, shelves = story.ordered()
    assert_resumes(sorted([*people, *shelves], key=heard_us), cut)


@settings(max_examples=40, deadline=None)
@given(story=stories())
def test_explanations_of_a_cluster_sum_to_one(story: Story) -> None:
    room = new_room()
    run(story, room)
    for visit in ("va", "vb"):
        for cluster in room.explain(visit):
            total = sum(one["posterior"] for one in cluster["explanations"])
            assert total == pytest.approx(1.0, abs=1e-3)
    assert all(0.0 <= line.posterior <= 1.0 for b in run(story) for line in (*b.lines, *b.doubts))


@settings(max_examples=40, deadline=None)
@given(story=stories())
def test_no_explanation_returns_what_was_never_held(story: Story) -> None:
    room = new_room()
    run(story, room)
    assert_returns_only_what_is_held(room)


def test_a_final_cart_is_told_once_and_after_the_grace() -> None:
    story = Story().enters("t", "v").takes("t", "A0", 5.0, 530.0).leaves("v", 5.2)
    belief = finals(run(story))["v"]
    assert cart(belief) == {"cola": 1}
    assert belief.time_us == to_us(5.6)


def test_a_step_still_coming_near_the_exit_is_awaited() -> None:
    story = Story().enters("t", "v").reaches("t", "A0", 5.0).touches("A0", 4.9, 7.0)
    story.weighs("A0", 5.0, -530.0, late_s=2.0).leaves("v", 5.5)
    assert cart(finals(run(story))["v"]) == {"cola": 1}


def test_waiting_for_a_restless_plate_is_bounded() -> None:
    story = Story().enters("t", "v").reaches("t", "A0", 5.0).touches("A0", 4.9, 60.0)
    assert finals(run(story.leaves("v", 5.5)))["v"].time_us == to_us(8.5)


def test_a_restless_plate_far_away_is_not_awaited() -> None:
    story = Story().enters("t", "v").reaches("t", "A0", 5.0).touches("C0", 4.9, 60.0)
    assert finals(run(story.leaves("v", 5.5)))["v"].time_us == to_us(5.9)


def test_a_step_after_the_cart_is_settled_is_kept_out_and_told() -> None:
    room = new_room()
    story = Story().enters("t", "v").reaches("t", "A0", 5.0).leaves("v", 5.5)
    story.weighs("A0", 5.0, -530.0, late_s=20.0)
    assert cart(finals(run(story, room))["v"]) == {}
    (late,) = room.late_steps
    assert (late.visit, late.plate) == ("v", "A0")
    assert late.probability > 0.9


def test_a_late_step_of_somebody_gone_is_not_charged_to_who_comes_next() -> None:
    story = Story().enters("t", "v").enters("u", "w").reaches("t", "A0", 5.0).leaves("v", 5.5)
    story.weighs("A0", 5.0, -530.0, late_s=20.0).stands("u", 4.0, 30.0, (2.5, -1.0))
    assert cart(finals(run(story.leaves("w", 30.0)))["w"]) == {}


def test_a_repeated_step_counts_once() -> None:
    story = Story().enters("t", "v").takes("t", "A0", 5.0, 530.0).weighs("A0", 5.0, -530.0)
    assert cart(finals(run(story.leaves("v", 9.0)))["v"]) == {"cola": 1}


def test_live_beliefs_come_at_once_and_only_when_they_change() -> None:
    story = Story().enters("t", "v").takes("t", "A0", 5.0, 530.0).stands("t", 6.0, 9.0, (3, -2))
    live = [belief for belief in run(story) if belief.kind == "live"]
    assert [cart(belief) for belief in live] == [{"cola": 1}]
    assert live[0].time_us == to_us(5.5)


def test_memory_is_given_back_when_visits_are_over() -> None:
    room = new_room()
    for visit in range(30):
        start_s = 100.0 * visit
        story = Story().enters(f"t{visit}", f"v{visit}", start_s)
        story.takes(f"t{visit}", "A0", start_s + 5, 530.0).leaves(f"v{visit}", start_s + 9)
        assert cart(finals(run(story, room))[f"v{visit}"]) == {"cola": 1}
    state = room.snapshot()
    assert len(state["steps"]["known"]) <= 2
    assert len(state["moves"]["rows"]) <= 2
    assert len(state["bindings"]) <= 10
    assert len(state["exits"]["settled"]) <= 10
