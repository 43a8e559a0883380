"""A weight that all cells share is one number, and means what the array would."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from store_engine.shelves.baseline import DRIFT_LIMIT, Baseline
from store_engine.shelves.cadence import HOP_S
from store_engine.shelves.shares import counted, from_plain, to_plain


def test_a_count_is_one_number_once_every_cell_is_full() -> None:
    seen = counted(np.array([2.0, 8.5]), 1.0, most=9.0)
    assert to_plain(seen) == [3.0, 9.0]
    for _ in range(6):
        seen = counted(seen, 1.0, most=9.0)
    assert seen == 9.0
    assert counted(seen, np.array([0.0, 1.0]), most=9.0) == 9.0


@given(quiet=st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=30))
def test_a_baseline_learns_the_same_from_one_number_as_from_an_array(quiet: list[float]) -> None:
    surprises = np.random.default_rng(1).normal(0.0, 2.0, (len(quiet), 4))
    one, each = Baseline(4), Baseline(4)
    for weight, surprise in zip(quiet, surprises, strict=True):
        one.learn(weight, surprise, np.ones(4), HOP_S)
        each.learn(np.full(4, weight), surprise, np.ones(4), HOP_S)
    for name in ("level", "var", "drift"):
        assert getattr(one, name).tolist() == getattr(each, name).tolist()


def test_a_drift_stays_within_its_limit() -> None:
    baseline = Baseline(2)
    for _ in range(50):
        baseline.learn(1.0, np.array([900.0, -900.0]), np.ones(2), HOP_S)
    assert baseline.drift.tolist() == [DRIFT_LIMIT, -DRIFT_LIMIT]


def test_what_is_remembered_stays_when_time_passes() -> None:
    baseline = Baseline(1)
    baseline.set(0, 500.0, 1.0)
    baseline.remember(0)
    baseline.pass_time(HOP_S)
    baseline.learn(1.0, np.array([3.0]), np.ones(1), HOP_S)
    baseline.set(0, 700.0, 9.0)
    before = baseline.before(0, level_var=1.0)
    assert (before.grams, before.var) == (500.0, 1.0)


def test_a_share_comes_back_as_it_was_saved() -> None:
    assert from_plain(to_plain(10.0)) == 10.0
    assert to_plain(from_plain(to_plain(np.array([1.0, 2.0])))) == [1.0, 2.0]
