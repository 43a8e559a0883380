import pytest

from store_engine.tracking.cameras import Fix
from store_engine.tracking.kalman import born
from store_engine.tracking.lifecycle import Track
from store_engine.tracking.twins import are_one, are_two, note_neighbours


def track(key, x, *, name=None):
    return Track(
        key=key, belief=born(Fix(x, 0.0, 0.01, 0.0, 0.01)), seen_us=0, first_us=0, name=name
    )


def shown(one, other, frames):
    """Let frames pass: each names who it shows."""
    for seen in frames:
        note_neighbours([t for t in (one, other) if t.key in seen], [one, other])


def test_tracks_that_take_turns_are_one_person():
    one, other = track("1", 0.0), track("2", 0.3)
    shown(one, other, ["1", "2"] * 10)
    assert are_one(one, other)
    assert not are_two(one, other)


def test_tracks_that_frames_show_together_are_two_people():
    one, other = track("1", 0.0), track("2", 0.3)
    shown(one, other, ["12", "1", "2"] * 5)
    assert are_two(one, other)
    assert not are_one(one, other)


def test_somebody_who_is_only_hidden_is_no_double():
    one, other = track("1", 0.0), track("2", 0.3)
    shown(one, other, ["1"] * 50)
    assert not are_one(one, other)


def test_two_who_have_names_are_given_more_time():
    one, other = track("1", 0.0, name="t1"), track("2", 0.3, name="t2")
    shown(one, other, ["1", "2"] * 10)
    assert not are_one(one, other)
    shown(one, other, ["1", "2"] * 30)
    assert are_one(one, other)


@pytest.mark.parametrize("x", [-2.0, 0.9])
def test_tracks_far_apart_are_two_people(x):
    one, other = track("1", 0.0), track("2", x)
    shown(one, other, ["1", "2"] * 20)
    assert are_two(one, other)
    assert not are_one(one, other)
