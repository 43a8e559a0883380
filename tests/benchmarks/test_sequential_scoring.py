"""Which product the sequential baseline sees in a change."""

import pytest
from hypothesis import given
from hypothesis.strategies import floats

from benchmarks.contestants.sequential.planogram import DynamicPlanogram
from benchmarks.contestants.sequential.put_backs import PutBack, best_put_back
from benchmarks.contestants.sequential.scoring import (
    Guess,
    best_product,
    pieces,
    placement_score,
    weight_score,
)
from benchmarks.contestants.sequential.splitting import Change
from store_engine.units import PlateId
from tests.benchmarks.sequential_signals import change
from tests.tiny_store import COLA, WATER, tiny_catalog, tiny_store

ELSEWHERE = PlateId("2-1-1")


def explain(taken: Change, planogram: DynamicPlanogram, **seen: float) -> Guess | None:
    return best_product(
        taken,
        (WATER, COLA),
        catalog=tiny_catalog(),
        stands_on=planogram.stands_on,
        seen={WATER: seen.get("water", 0.0), COLA: seen.get("cola", 0.0)},
    )


@pytest.fixture
def planogram() -> DynamicPlanogram:
    return DynamicPlanogram(tiny_store().map)


def test_placement_is_the_share_of_the_change_where_the_product_stands(planogram):
    taken = Change("s", (PlateId("1-1-2"), ELSEWHERE), (-150.0, -50.0), 0)
    assert placement_score(taken, WATER, planogram.stands_on) == pytest.approx(0.75)
    assert placement_score(taken, COLA, planogram.stands_on) == pytest.approx(0.25)


@given(mass_g=floats(1.0, 2000.0), off_g=floats(0.0, 500.0), more_g=floats(0.0, 500.0))
def test_weight_score_falls_with_the_difference(mass_g, off_g, more_g):
    assert weight_score(-mass_g, mass_g) == 1.0
    assert weight_score(mass_g + off_g + more_g, mass_g) <= weight_score(mass_g + off_g, mass_g)


def test_an_exact_weight_counts_its_pieces():
    assert [pieces(change_g, 371.0) for change_g in (-100.0, -371.0, -760.0)] == [1, 1, 2]


def test_the_product_of_the_place_wins_over_one_that_weighs_better(planogram):
    guess = explain(change(-390.0), planogram)
    assert (guess.gtin, guess.quantity) == (WATER, 1)


def test_weight_decides_where_both_may_stand(planogram):
    planogram.put_down(COLA, [PlateId("1-1-1")], 1)
    assert explain(change(-365.0), planogram).gtin == COLA
    assert explain(change(-615.0), planogram).gtin == WATER


def test_what_a_camera_sees_in_the_hand_breaks_a_tie(planogram):
    planogram.put_down(COLA, [PlateId("1-1-1")], 1)
    assert explain(change(-496.0), planogram, cola=0.9).gtin == COLA
    assert explain(change(-496.0), planogram, water=0.9).gtin == WATER


def test_a_stray_is_remembered_until_it_is_taken_again(planogram):
    planogram.put_down(WATER, [ELSEWHERE], 1)
    assert planogram.products_on([ELSEWHERE]) == (COLA, WATER)
    planogram.pick_up(WATER, [ELSEWHERE], 1)
    assert planogram.products_on([ELSEWHERE]) == (COLA,)


def test_goods_back_at_home_are_no_strays(planogram):
    planogram.put_down(COLA, [ELSEWHERE], 3)
    planogram.pick_up(COLA, [ELSEWHERE], 1)
    assert planogram.products_on([ELSEWHERE]) == (COLA,)


def put_back(
    grams: float, carts: dict[str, dict[str, int]], planogram: DynamicPlanogram
) -> PutBack | None:
    return best_put_back(
        change(grams),
        carts,
        {"ada": 0.3, "bea": 0.6, "far": 5.0},
        catalog=tiny_catalog(),
        stands_on=planogram.stands_on,
    )


def test_a_put_back_is_what_somebody_near_holds_by_its_weight(planogram):
    found = put_back(371.0, {"ada": {WATER: 1}, "bea": {COLA: 1}, "far": {}}, planogram)
    assert (found.account, found.gtin, found.quantity) == ("bea", COLA, 1)


def test_of_two_who_hold_it_the_nearer_put_it_back(planogram):
    found = put_back(621.0, {"ada": {WATER: 2}, "bea": {WATER: 1}, "far": {}}, planogram)
    assert found.account == "ada"


def test_nobody_puts_back_more_than_they_hold(planogram):
    found = put_back(742.0, {"ada": {COLA: 1}, "bea": {}, "far": {}}, planogram)
    assert found.quantity == 1


def test_those_far_away_put_nothing_back(planogram):
    assert put_back(371.0, {"ada": {COLA: 0}, "bea": {}, "far": {COLA: 1}}, planogram) is None
