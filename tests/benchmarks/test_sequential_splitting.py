"""How the sequential baseline takes one event apart."""

import pytest

from benchmarks.contestants.sequential.splitting import split_by_plateaus, split_by_plates
from store_engine.units import to_us
from tests.benchmarks.sequential_signals import PLATES, events_in, levels

FULL = (900.0, 900.0, 900.0, 900.0)


def test_plates_apart_are_separate_changes():
    (event,) = events_in(levels((0.0, FULL), (4.0, (700.0, 900.0, 900.0, 600.0)), until_s=8.0))
    first, second = split_by_plates(event)
    assert (first.plates, second.plates) == (PLATES[:1], PLATES[3:])
    assert [first.total_g, second.total_g] == pytest.approx([-200.0, -300.0], abs=3.0)


def test_an_item_that_straddles_two_plates_is_one_change():
    (event,) = events_in(levels((0.0, FULL), (4.0, (900.0, 820.0, 780.0, 900.0)), until_s=8.0))
    (straddling,) = split_by_plates(event)
    assert straddling.plates == PLATES[1:3]


def test_a_take_beside_a_put_back_is_two_changes():
    (event,) = events_in(levels((0.0, FULL), (4.0, (900.0, 700.0, 1150.0, 900.0)), until_s=8.0))
    assert [round(part.total_g, -1) for part in split_by_plates(event)] == [-200.0, 250.0]


def test_cross_talk_on_a_neighbour_takes_no_part():
    (event,) = events_in(levels((0.0, FULL), (4.0, (900.0, 300.0, 889.0, 900.0)), until_s=8.0))
    (taken,) = split_by_plates(event)
    assert taken.plates == PLATES[1:2]


def test_two_quick_takes_are_told_apart_by_the_plateau_between():
    knots = (0.0, FULL), (4.0, (700.0, *FULL[1:])), (4.8, (400.0, *FULL[1:]))
    (event,) = events_in(levels(*knots, until_s=8.0))
    (whole,) = split_by_plates(event)
    first, second = split_by_plateaus(event, whole)
    assert [first.total_g, second.total_g] == pytest.approx([-200.0, -300.0], abs=5.0)
    assert [first.moment_us, second.moment_us] == pytest.approx(
        [to_us(4.0), to_us(4.8)], abs=to_us(0.2)
    )


def test_a_hand_that_presses_first_makes_no_part_of_its_own():
    knots = (0.0, FULL), (4.0, (1050.0, *FULL[1:])), (4.6, (700.0, *FULL[1:]))
    (event,) = events_in(levels(*knots, until_s=8.0))
    (whole,) = split_by_plates(event)
    (part,) = split_by_plateaus(event, whole)
    assert part.total_g == pytest.approx(-200.0, abs=3.0)
    assert part.moment_us == pytest.approx(to_us(4.6), abs=to_us(0.2))
