import numpy as np
import pytest
from bench_sessions import judged

from benchmarks.accuracy.figures import METRICS, Sample
from benchmarks.accuracy.intervals import estimate, resamples


def test_the_same_sessions_give_the_same_interval():
    assert (resamples("aabbb") == resamples("aabbb")).all()
    assert (resamples("aabbb", seed=1) != resamples("aabbb", seed=2)).any()


def test_every_resample_keeps_how_many_sessions_each_class_has():
    weights = resamples(["easy"] * 3 + ["hard"] * 5)
    assert (weights[:, :3].sum(axis=1) == 3).all()
    assert (weights[:, 3:].sum(axis=1) == 5).all()


def test_classes_with_one_session_are_drawn_together():
    weights = resamples(["easy", "hard", "mixed"])
    assert (weights.sum(axis=1) == 3).all()
    assert weights.std() > 0


def test_an_interval_holds_the_figure_and_narrows_with_more_sessions():
    few, many = (_mean_of([0.0, 1.0] * n) for n in (10, 1000))
    assert few.low < few.value == 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 5


def test_the_interval_of_a_share_is_about_as_wide_as_theory_says():
    found = _mean_of([1.0] * 80 + [0.0] * 20)
    assert found.high - found.low == pytest.approx(2 * 1.96 * np.sqrt(0.8 * 0.2 / 100), rel=0.15)


def test_what_was_not_measured_has_no_figure_and_no_interval():
    sample = Sample([judged(sure=None)])
    assert estimate(lambda w: METRICS["ece"].figure(sample, w), resamples("a")) == (None,) * 3


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("f1", 6 / 7), ("recall", 3 / 4), ("precision", 1.0), ("exact", 0.5), ("money_error", 0.25),
     ("undercharged", 0.25), ("overcharged", 0.0), ("review_rate", 0.5), ("wrong_unreviewed", 0.0),
     ("ece", 0.4), ("latency_s", 0.5), ("cpu_s_per_min", 1.0)],
)  # fmt: skip
def test_figures_of_a_right_trip_and_one_with_an_item_missing(metric, expected):
    sample = Sample([judged(right=2), judged(right=1, missing=1, reviewed=True)])
    (value,) = METRICS[metric].figure(sample, np.ones((1, 2)))
    assert value == pytest.approx(expected)


def _mean_of(values):
    held = np.array(values)
    return estimate(lambda w: (w @ held) / len(held), resamples("a" * len(values)))
