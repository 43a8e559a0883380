"""Paths, costs and the joint assignment, one law at a time."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.units import GateId
from store_engine.visits.matching import LIMIT_M, match, mismatch_m
from store_engine.visits.walkers import PATH_S, Crossing, Walker, begin, observe, place_at
from tests.visits.doorway import door_map

GATE = door_map().gates[GateId("door")]
S = 1_000_000


def walker(*seen: tuple[float, float, float]) -> Walker:
    """Somebody seen at these (seconds, x, y)."""
    (t0, x0, y0), *rest = seen
    one = begin("t1", (round(t0 * S), x0, y0))
    for t, x, y in rest:
        observe(one, (round(t * S), x, y))
    return one


def crossing(at_s: float, position: tuple[float, float] | None = (0.0, 0.0)) -> Crossing:
    return Crossing(crossing="door/0/1", gate="door", time_us=round(at_s * S), position=position)


def test_a_place_between_two_observations_lies_on_the_line():
    assert place_at(walker((10, 0, 0), (11, 2, 4)), round(10.25 * S)) == (0.5, 1.0)


@pytest.mark.parametrize(("at_s", "place"), [(5, (0.0, 0.0)), (20, (2.0, 4.0))])
def test_a_place_outside_of_what_was_seen_is_the_nearest_one(at_s, place):
    assert place_at(walker((10, 0, 0), (11, 2, 4)), at_s * S) == place


def test_an_observation_older_than_the_last_one_is_ignored():
    assert walker((10, 0, 0), (11, 2, 4), (10.5, 9, 9)).last == (11 * S, 2, 4)


@given(st.lists(st.integers(1, 3 * S), min_size=1, max_size=400))
def test_a_path_keeps_its_newest_place_and_never_grows_without_end(steps: list[int]):
    one, now_us = begin("t1", (0, 0.0, 0.0)), 0
    for step in steps:
        now_us += step
        observe(one, (now_us, float(now_us), 0.0))
    assert one.last == (now_us, float(now_us), 0.0)
    assert len(one.path) <= PATH_S / 0.08 + 3
    assert all(a[0] < b[0] for a, b in zip(one.path, one.path[1:], strict=False))


def test_whoever_walks_through_the_line_at_the_time_explains_it_perfectly():
    through = walker((9, -1.2, 0), (10, 0, 0), (11, 1.2, 0))
    assert mismatch_m(through, crossing(10), GATE, "in") == 0.0
    assert mismatch_m(through, crossing(10), GATE, "out") == math.inf


def test_a_late_track_costs_more_the_later_it_begins():
    early, late = walker((10.5, 0.6, 0), (12, 2, 0)), walker((11.5, 1.8, 0), (13, 4, 0))
    costs = [mismatch_m(one, crossing(10), GATE, "in") for one in (early, late)]
    assert 0 < costs[0] < costs[1] < LIMIT_M


def test_a_crossing_told_away_from_its_line_counts_distance_only():
    browsing = walker((10, 5, 3), (11, 4.5, 3))
    assert mismatch_m(browsing, crossing(10, (5.0, 3.0)), GATE, "in") == 0.0


def test_an_assignment_is_joint_where_a_greedy_one_would_starve_somebody():
    found = match([[0.1, 0.4], [0.2, 9.0]])
    assert [pair.column for pair in found] == [1, 0]


def test_people_of_one_visit_do_not_make_each_other_unclear():
    (pair,) = match([[0.1, 0.2, 0.9]], columns=["a", "a", "b"])
    assert pair.margin == pytest.approx(0.8)


def test_a_rival_for_the_same_walker_makes_it_unclear():
    first, _ = match([[0.1], [0.3]])
    assert (first.column, first.margin) == (0, pytest.approx(0.2))


@given(
    st.integers(0, 5).flatmap(
        lambda m: st.lists(
            st.lists(st.floats(0, 5) | st.just(math.inf), min_size=m, max_size=m), max_size=5
        )
    )
)
def test_no_column_is_given_twice_and_none_beyond_the_limit(costs: list[list[float]]):
    found = [pair for pair in match(costs) if pair.column is not None]
    assert len({pair.column for pair in found}) == len(found)
    assert all(pair.cost <= LIMIT_M for pair in found)
