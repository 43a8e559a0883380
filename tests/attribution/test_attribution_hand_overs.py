"""Goods that change hands: who may put them back, and who pays for them then."""

from functools import partial

import msgspec
import pytest
from attribution_hearing import assert_resumes, assert_returns_only_what_is_held, hear_in_turns
from attribution_shop import Story, cart, finals, heard_us, moved, new_room, posterior, run
from hypothesis import given, settings
from hypothesis import strategies as st

from store_engine.signals import CartBelief, TrackMoved

BETWEEN = (3.35, -2.0, 1.1)  # where two hands meet


def meets(story: Story, one: str, two: str, time_s: float, *, wrists: bool = True) -> Story:
    """Two people stand before each other; with `wrists`, a hand of each meets between them."""
    x, y, z = BETWEEN
    for track, at, hand in ((one, 3.0, x - 0.07), (two, 3.7, x + 0.07)):
        place = (hand, y, z) if wrists else None
        story.stands(track, time_s - 0.6, time_s + 0.6, (at, y), place)
    return story


def passes_by(story: Story, one: str, two: str, time_s: float) -> Story:
    """Two people stand near each other, each with their hands to themselves."""
    story.stands(one, time_s - 0.6, time_s + 0.6, (3.0, -2.0), (2.7, -1.9, 0.8))
    return story.stands(two, time_s - 0.6, time_s + 0.6, (3.7, -2.0), (4.0, -1.9, 0.8))


def keeps(belief: CartBelief, gtin: str) -> float:
    """The probability of owing one of these, in a cart of one or none."""
    for line in (*belief.lines, *belief.doubts):
        if line.gtin == gtin:
            return line.posterior if line.quantity else 1.0 - line.posterior
    return 0.0


def two_visits() -> Story:
    return Story().enters("a", "va").enters("b", "vb")


def carts(story: Story, *, hand_over: str = "picker_pays") -> tuple[dict[str, int], ...]:
    story.leaves("va", 30.0).leaves("vb", 30.0)
    beliefs = finals(run(story, new_room(hand_over=hand_over)))
    return tuple(cart(beliefs[visit]) for visit in ("va", "vb"))


def test_who_was_given_something_may_put_it_back_for_the_picker() -> None:
    story = meets(two_visits().takes("a", "A0", 5.0, 531.0), "a", "b", 8.0)
    assert carts(story.returns("b", "A0", 12.0, 531.0)) == ({}, {})


def test_who_takes_something_and_hands_it_over_pays() -> None:
    story = meets(two_visits().takes("a", "A0", 5.0, 531.0), "a", "b", 8.0)
    assert carts(story) == ({"cola": 1}, {})


def test_what_went_through_three_hands_may_come_back_from_the_third() -> None:
    story = two_visits().enters("c", "vc").takes("a", "A0", 5.0, 531.0)
    meets(meets(story, "a", "c", 8.0), "c", "b", 11.0)
    assert carts(story.returns("b", "A0", 15.0, 531.0)) == ({}, {})


def test_hands_that_met_in_the_wrong_order_passed_nothing_on() -> None:
    story = two_visits().enters("c", "vc").takes("a", "A0", 5.0, 531.0)
    meets(meets(story, "c", "b", 8.0), "a", "c", 11.0)
    story.stands("c", 12.0, 17.0, (6.0, -3.0)).stands("a", 12.0, 17.0, (5.0, -3.0))
    assert carts(story.returns("b", "A0", 15.0, 531.0)) == ({"cola": 1}, {})


def test_who_met_the_picker_only_before_the_take_holds_nothing_of_theirs() -> None:
    story = meets(two_visits(), "a", "b", 3.0).takes("a", "A0", 8.0, 531.0)
    assert carts(story.returns("b", "A0", 15.0, 531.0)) == ({"cola": 1}, {})


def test_what_one_took_oneself_is_put_back_before_what_was_given() -> None:
    story = two_visits().takes("a", "A0", 5.0, 531.0).takes("b", "A0", 6.6, 531.0)
    meets(story, "a", "b", 9.0).returns("b", "A0", 13.0, 531.0)
    assert carts(story) == ({"cola": 1}, {})


def test_the_surer_the_meeting_the_surer_the_return() -> None:
    def sure(meeting: Story) -> float:
        story = meeting.takes("a", "A6", 5.0, 30.0).returns("b", "A6", 12.0, 36.0)
        belief = finals(run(story.leaves("va", 20.0).leaves("vb", 20.0)))["va"]
        return 1.0 - keeps(belief, "gum")

    hands = sure(meets(two_visits(), "a", "b", 8.0))
    bodies = sure(meets(two_visits(), "a", "b", 8.0, wrists=False))
    assert hands > bodies > sure(passes_by(two_visits(), "a", "b", 8.0))


def test_the_last_holder_pays_where_the_policy_says_so() -> None:
    story = meets(two_visits().takes("a", "A0", 5.0, 531.0), "a", "b", 8.0)
    assert carts(story, hand_over="last_holder") == ({}, {"cola": 1})


def test_without_wrists_together_the_picker_pays_even_then() -> None:
    story = passes_by(two_visits().takes("a", "A0", 5.0, 531.0), "a", "b", 8.0)
    assert carts(story, hand_over="last_holder") == ({"cola": 1}, {})


def test_what_the_last_holder_puts_back_nobody_pays() -> None:
    story = meets(two_visits().takes("a", "A0", 5.0, 531.0), "a", "b", 8.0)
    story.returns("b", "A0", 12.0, 531.0)
    assert carts(story, hand_over="last_holder") == ({}, {})


def test_a_hand_over_rests_on_the_messages_that_show_the_meeting() -> None:
    story = meets(two_visits().takes("a", "A0", 5.0, 531.0), "a", "b", 8.0)
    story.leaves("va", 30.0).leaves("vb", 30.0)
    belief = finals(run(story, new_room(hand_over="last_holder")))["vb"]
    assert {cause.split("/")[-1][:3] for cause in belief.lines[0].causes} == {"a-7", "b-7"}


def test_people_of_one_visit_hand_over_within_their_cart() -> None:
    story = Story().enters("a", "va").enters("b", "va").takes("a", "A0", 5.0, 531.0)
    meets(story, "a", "b", 8.0).leaves("va", 20.0)
    assert cart(finals(run(story, new_room(hand_over="last_holder")))["va"]) == {"cola": 1}


# ---- names in hands --------------------------------------------------------------------------


def names(story: Story, track: str, since_s: float, gtin: str, score: float = 0.8) -> Story:
    """A camera names a product in somebody's hand in four frames."""
    for frame in range(4):
        held = moved(track, since_s + 0.05 + frame / 10, (0.45, -0.6))
        story.people.append(msgspec.structs.replace(held, in_hand=((gtin, score),)))
    return story


def test_a_name_in_the_hand_tells_look_alikes_apart() -> None:
    def soap(story: Story) -> float:
        story.takes("t", "A4", 5.0, 401.0).weighs("C2", 2.0, 0.0)
        return posterior(finals(run(story.leaves("v", 15.0)))["v"], "soap")

    plain = soap(Story().enters("t", "v"))
    assert soap(names(Story().enters("t", "v"), "t", 5.9, "lotion")) < plain
    assert soap(names(Story().enters("t", "v"), "t", 5.9, "soap")) > plain


def two_at_one_plate() -> Story:
    return two_visits().reaches("a", "A0", 5.0).takes("b", "A0", 5.0, 531.0)


def test_a_name_in_the_hand_tells_who_took_it() -> None:
    assert carts(names(two_at_one_plate(), "a", 5.9, "cola")) == ({"cola": 1}, {})
    assert carts(names(two_at_one_plate(), "b", 5.9, "cola")) == ({}, {"cola": 1})


def test_a_name_is_never_certain() -> None:
    story = names(two_at_one_plate(), "a", 5.9, "cola", score=1.0)
    belief = finals(run(story.leaves("va", 30.0).leaves("vb", 30.0)))["va"]
    assert 0.8 < posterior(belief, "cola") < 0.99


def test_what_was_in_the_hand_before_says_nothing_of_a_take() -> None:
    story = names(names(two_at_one_plate(), "a", 3.6, "cola"), "a", 5.9, "cola")
    doubtful = finals(run(story.leaves("va", 30.0).leaves("vb", 30.0)))
    assert posterior(doubtful["va"], "cola") == pytest.approx(0.5, abs=0.02)


def test_a_name_that_vanishes_tells_who_put_it_back() -> None:
    def kept(story: Story) -> float:
        for track, time_s in (("a", 5.0), ("b", 8.0)):
            story.takes(track, "A0", time_s, 531.0)
        story.reaches("a", "A0", 15.0).returns("b", "A0", 15.0, 531.0)
        belief = finals(run(story.leaves("va", 30.0).leaves("vb", 30.0)))["va"]
        return keeps(belief, "cola")

    assert kept(names(two_visits(), "a", 13.6, "cola")) < kept(two_visits())


# ---- laws ------------------------------------------------------------------------------------


@st.composite
def exchanges(draw: st.DrawFn) -> Story:
    """Three shoppers who take, meet and put back."""
    story = two_visits().enters("c", "vc")
    for at in range(draw(st.integers(2, 6))):
        time_s = 5.0 + 3.0 * at
        one, two = draw(st.permutations("abc"))[:2]
        deed = draw(st.sampled_from(("take", "meet", "meet", "return")))
        if deed == "meet":
            meets(story, one, two, time_s, wrists=draw(st.booleans()))
        elif deed == "take":
            story.takes(one, "A0", time_s, 531.0)
        else:
            story.returns(one, "A0", time_s, 531.0)
    for visit in ("va", "vb", "vc"):
        story.leaves(visit, draw(st.sampled_from((8.0, 16.0, 24.0))))
    return story


POLICIES = ("picker_pays", "last_holder")


@settings(max_examples=30, deadline=None)
@given(story=exchanges(), hand_over=st.sampled_from(POLICIES))
def test_nothing_is_ever_put_back_or_given_that_was_not_held(story: Story, hand_over: str) -> None:
    room = new_room(hand_over=hand_over)
    run(story, room)
    assert_returns_only_what_is_held(room)


@settings(max_examples=30, deadline=None)
@given(story=exchanges(), hand_over=st.sampled_from(POLICIES), turns=st.lists(st.booleans()))
def test_how_lanes_interleave_changes_no_cart_of_people_who_meet(
    story: Story, hand_over: str, turns: list[bool]
) -> None:
    room = new_room(hand_over=hand_over)
    found = hear_in_turns(room, story, turns)
    assert finals(found) == finals(run(story, new_room(hand_over=hand_over)))


@settings(max_examples=20, deadline=None)
@given(story=exchanges(), hand_over=st.sampled_from(POLICIES), cut=st.floats(0.0, 1.0))
def test_resuming_between_two_meetings_changes_nothing(
    story: Story, hand_over: str, cut: float
) -> None:
    named = [
        msgspec.structs.replace(one, in_hand=(("cola", 0.7),))
        if isinstance(one, TrackMoved) and at % 5 == 0
        else one
        for at, one in enumerate(story.people)
    ]
    signals = sorted([*named, *story.shelves], key=heard_us)
    assert_resumes(signals, cut, partial(new_room, hand_over=hand_over))
