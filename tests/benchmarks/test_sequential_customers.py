"""Whom the sequential baseline believes to have done it."""

from benchmarks.contestants.sequential.customers import distances_m, seen_in_hands
from store_engine.signals import Hand, TrackMoved
from store_engine.units import MessageRef, PlateId, TrackId, to_us
from tests.tiny_store import COLA, tiny_store

PLATE = tiny_store().map.plates[PlateId("1-1-1")]  # at (1.1, 0.25, 1.0)
ACCOUNTS = {"a": "ada", "b": "bea"}


def person(
    track: str, x: float, *, time_s: float = 10.0, hands: tuple[Hand, ...] = (), cola: float = 0.0
) -> TrackMoved:
    return TrackMoved(
        track=TrackId(track),
        time_us=to_us(time_s),
        x=x,
        y=-0.35,
        var_xx=0.01,
        var_xy=0.0,
        var_yy=0.01,
        head=(x, -0.35, 1.7),
        hands=hands,
        in_hand=((COLA, cola),) if cola else (),
        cause=MessageRef("tracker/0/0"),
    )


def nearest(*seen: TrackMoved) -> list[str]:
    return list(distances_m(seen, PLATE, to_us(10.0), ACCOUNTS.get))


def test_the_nearest_head_where_no_wrist_is_seen():
    assert nearest(person("a", 1.9), person("b", 1.2)) == ["bea", "ada"]


def test_a_wrist_at_the_plate_wins_over_a_nearer_head():
    reaching = Hand(1.1, 0.2, 1.05, 0.03)
    assert nearest(person("a", 1.6, hands=(reaching,)), person("b", 1.2))[0] == "ada"


def test_frames_long_before_or_after_do_not_count():
    assert nearest(person("b", 1.1, time_s=8.0), person("a", 2.0)) == ["ada"]


def test_people_on_nobodys_visit_are_left_out():
    assert nearest(person("staff", 1.1), person("a", 2.0)) == ["ada"]


def test_what_is_seen_in_hands_counts_after_the_moment_and_near_the_place():
    moment_us = to_us(9.5)
    assert seen_in_hands([person("a", 1.2, cola=0.8)], PLATE, moment_us) == {COLA: 0.8}
    assert seen_in_hands([person("a", 4.0, cola=0.8)], PLATE, moment_us) == {}
    assert seen_in_hands([person("a", 1.2, time_s=9.0, cola=0.8)], PLATE, moment_us) == {}
