"""How people move: through nothing and nobody, and as fast as people."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from aisle_store import aisle_store, crowded_scene, crowded_world
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.floor import BODY_RADIUS_M, Floor
from sim.scene import FloatArray
from sim.walking import ARRIVED_M, BRAKE_M_S2, STEP_S, Walker, step
from store_engine.store_map import Obstacle

FLOOR = Floor(aisle_store().map)
ISLAND = Obstacle(name="island", corners=((1.5, -1.6), (2.5, -1.6), (2.5, -1.0), (1.5, -1.0)))
ISLAND_FLOOR = Floor(replace(aisle_store().map, obstacles=(ISLAND,)))


def floors(seed: int) -> FloatArray:
    """Where everybody is, (people, times, 2); NaN when away."""
    times = np.arange(0.0, crowded_scene(seed).duration_s, 0.05)
    return np.stack([shopper.body().floor_at(times) for shopper in crowded_world(seed).everybody])


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_walks_into_anybody(seed: int) -> None:
    at = floors(seed)
    gaps = np.hypot(*np.moveaxis(at[:, None] - at[None], -1, 0))
    together = gaps[np.triu_indices(len(at), k=1)]
    assert np.isfinite(together).any()
    assert np.nanmin(together) >= 0.38


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_walks_into_gondolas_or_walls(seed: int) -> None:
    at = floors(seed).reshape(-1, 2)
    inside = at[at[:, 0] > 0.0]  # well past the gate; not those who are away, NaN
    assert inside[:, 0].max() <= 4.5 - BODY_RADIUS_M
    assert inside[:, 1].min() >= -2.6 + BODY_RADIUS_M
    assert inside[:, 1].max() <= 0.05 - BODY_RADIUS_M


def test_people_walk_as_fast_as_people() -> None:
    fastest = [max(s.speed for s in p.here.samples) for p in crowded_world().everybody]
    assert max(fastest) <= 1.4 + 1e-9
    assert min(fastest) >= 0.7


def test_people_speed_up_and_slow_down_gently() -> None:
    for shopper in crowded_world().everybody:
        track = np.array(shopper.here.samples)[:, :2]
        change = np.diff(np.diff(track, axis=0), axis=0) / STEP_S**2
        assert np.hypot(*change.T).max() <= BRAKE_M_S2 + 1e-6


def test_everybody_comes_in_once_and_goes_out_once() -> None:
    scene = crowded_scene()
    for body in scene.people:
        ways = [p.direction for p in scene.passes if p.person == body.person]
        assert ways == ["in", "out"]


def test_nobody_passes_the_gate_without_a_scan_of_their_own() -> None:
    scene = crowded_scene()
    ins = [p.time_s for p in scene.passes if p.direction == "in"]
    assert len(ins) == len(scene.scans)
    for scan, passed_s, next_s in zip(scene.scans, ins, [*ins[1:], math.inf], strict=True):
        assert scan.time_s < passed_s < next_s


def test_feet_land_at_the_pace_of_the_walk() -> None:
    scene = crowded_scene()
    walked = sum(
        np.hypot(*np.diff(np.array(p.here.samples)[:, :2], axis=0).T).sum()
        for p in crowded_world().everybody
    )
    assert 0.3 <= walked / len(scene.footsteps) <= 0.75


def inside_points() -> st.SearchStrategy[tuple[float, float]]:
    return st.tuples(st.floats(0.5, 4.2), st.floats(-2.3, -0.3))


@given(points=st.lists(inside_points(), min_size=8, max_size=8))
@settings(max_examples=15, deadline=None)
def test_four_walkers_with_any_goals_never_touch(points: list[tuple[float, float]]) -> None:
    starts = [np.array(point) for point in points[:4]]
    starts = [s for i, s in enumerate(starts) if all(np.hypot(*(s - o)) > 0.5 for o in starts[:i])]
    walkers = [
        Walker(at=start, heading=0.0, pace_m_s=1.3, rng=np.random.default_rng(i))
        for i, start in enumerate(starts)
    ]
    for walker, goal in zip(walkers, points[4:], strict=False):
        walker.walk_to(np.array(goal), face=None, now_s=0.0)
    for tick in range(100):
        step(walkers, FLOOR, tick * STEP_S)
        at = np.array([walker.position for walker in walkers])
        gaps = np.hypot(*np.moveaxis(at[:, None] - at[None], -1, 0))
        assert gaps[np.triu_indices(len(at), k=1)].min(initial=9.0) >= 0.42


def test_two_people_who_meet_head_on_pass_each_other() -> None:
    west, east = np.array([0.5, -1.3]), np.array([4.0, -1.3])
    walkers = [
        Walker(at=at, heading=0.0, pace_m_s=1.2, rng=np.random.default_rng(0))
        for at in (west, east)
    ]
    for walker, goal in zip(walkers, (east, west), strict=True):
        walker.walk_to(goal, face=None, now_s=0.0)
    for tick in range(80):
        step(walkers, FLOOR, tick * STEP_S)
    assert np.hypot(*(walkers[0].position - east)) < ARRIVED_M
    assert np.hypot(*(walkers[1].position - west)) < ARRIVED_M


def test_a_way_leads_around_people_who_stand() -> None:
    start, goal = np.array([0.5, -1.3]), np.array([4.0, -1.3])
    standing = np.array([[2.0, -1.3], [2.0, -1.0]])
    way = np.vstack([start, FLOOR.way(start, goal, people=standing, door=False)])
    line = np.concatenate([np.linspace(a, b, 50) for a, b in itertools.pairwise(way)])
    gaps = np.hypot(*np.moveaxis(line[:, None] - standing, -1, 0))
    assert gaps.min() >= 0.43


@given(ends=st.tuples(inside_points(), inside_points()))
@settings(max_examples=30, deadline=None)
def test_ways_lead_around_a_gondola_in_the_middle(
    ends: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    start, goal = (np.array(end) for end in ends)
    assume(ISLAND_FLOOR.standable(start) and ISLAND_FLOOR.standable(goal))
    way = ISLAND_FLOOR.way(start, goal, people=np.empty((0, 2)), door=False)
    line = np.concatenate(
        [np.linspace(a, b, 100) for a, b in itertools.pairwise(np.vstack([start, way]))]
    )
    outside = np.maximum(np.array([1.5, -1.6]) - line, line - np.array([2.5, -1.0]))
    gaps = np.hypot(*np.maximum(outside, 0.0).T)
    assert gaps.min() >= BODY_RADIUS_M - 0.02  # string pulling cuts corners by less than a cell


def test_shoppers_cannot_leave_except_through_the_gate() -> None:
    outside = np.array([-1.0, -1.4])
    assert not FLOOR.standable(outside)
    assert FLOOR.clearance(outside, door=True) > 0.2
