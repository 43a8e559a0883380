import pytest
from hypothesis import given
from hypothesis.strategies import floats

from benchmarks.scaling.command import fitted
from benchmarks.scaling.fits import exponent, local_exponents
from benchmarks.scaling.words import Point


def points(*costs: tuple[float, float]) -> list[Point]:
    return [
        Point(
            asked=round(size), size=size, shelves=30, inside=size, cpu_s=cost, runs_s=(cost,),
            rooms_s={}, steps=0, worst_handle_ms=0.0, messages=0,
        )
        for size, cost in costs
    ]  # fmt: skip


@given(power=floats(0.2, 3.0), factor=floats(0.01, 100.0))
def test_a_power_is_found_whatever_its_factor(power, factor):
    measured = points(*((n, factor * n**power) for n in (1, 2, 4, 8)))
    assert exponent(measured) == pytest.approx(power)
    assert local_exponents(measured) == pytest.approx([power] * 3)


def test_a_cost_that_is_there_anyway_hides_how_the_rest_grows():
    measured = points(*((n, 10.0 + n**2) for n in (1, 2, 4, 8)))
    assert exponent(measured) < 1.0
    assert exponent(measured, above=10.0) == pytest.approx(2.0)


def test_two_sizes_are_needed_for_a_slope():
    assert exponent(points((4, 1.0))) is None
    assert exponent(points((4, 1.0), (4, 2.0))) is None


def test_nothing_is_said_of_costs_below_those_of_an_empty_shop():
    assert exponent(points((1, 0.5), (2, 0.9), (4, 2.0)), above=1.0) is None


def test_a_bend_at_the_end_shows_in_the_slopes_from_point_to_point():
    series = fitted("shelves", "4 shoppers", "shelves", points((10, 1.0), (100, 10.0), (300, 90.0)))
    assert series.local == pytest.approx((1.0, 2.0))
