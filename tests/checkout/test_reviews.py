"""Which receipts a person is asked about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_engine.checkout.reviews import SPARE, Reviews
from store_engine.store import Policy


def reviews(*, below: float = 0.9, budget: float = 0.03) -> Reviews:
    return Reviews(Policy(review_below=below, review_budget=budget))


def test_a_sure_receipt_is_not_asked_about():
    assert not reviews().wants(0.99)


def test_an_unsure_receipt_is_asked_about():
    assert reviews().wants(0.5)


def test_with_no_budget_nobody_is_asked():
    assert not reviews(budget=0.0).wants(0.5)


@given(st.lists(st.floats(0.0, 1.0), max_size=200), st.floats(0.01, 0.5))
def test_questions_stay_within_the_budget(certainties, budget):
    policy = reviews(budget=budget)
    asked = sum(policy.wants(certainty) for certainty in certainties)
    assert asked <= SPARE + budget * len(certainties)


def test_trips_earn_further_questions():
    policy = reviews(budget=0.1)
    asked = [policy.wants(certainty) for certainty in [0.5, 0.5, *[1.0] * 20, 0.5]]
    assert (asked[0], asked[-1]) == (True, True)


@pytest.mark.parametrize("cut", range(6))
def test_resuming_from_a_snapshot_asks_the_same(cut):
    trips = [0.5, 1.0, 0.2, 0.3, 1.0, 0.1]
    whole, first, second = reviews(budget=0.5), reviews(budget=0.5), reviews(budget=0.5)
    expected = [whole.wants(certainty) for certainty in trips]
    got = [first.wants(certainty) for certainty in trips[:cut]]
    second.restore(first.snapshot())
    assert got + [second.wants(certainty) for certainty in trips[cut:]] == expected
