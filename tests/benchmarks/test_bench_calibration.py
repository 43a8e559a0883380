import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.accuracy.calibration import equal_count, equal_width, wrong_after_review

LINES = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.83, 0.99, 1.0]), st.booleans()), min_size=1)


def arrays(*columns):
    return [np.array(column, dtype=float) for column in columns]


@pytest.mark.parametrize("bins", [equal_count, equal_width])
def test_nine_of_ten_right_is_what_ninety_percent_means(bins):
    posteriors, right = arrays([0.9] * 10, [1] * 9 + [0])
    assert bins(posteriors, right).calibration_error == pytest.approx(0.0)


@pytest.mark.parametrize("bins", [equal_count, equal_width])
def test_the_error_is_the_gap_weighted_by_how_many_lines_have_it(bins):
    posteriors, right = arrays([0.95] * 32 + [0.55] * 8, [1] * 32 + [0] * 8)
    assert bins(posteriors, right).calibration_error == pytest.approx(0.8 * 0.05 + 0.2 * 0.55)


def test_bins_of_equal_count_hold_the_same_number_of_lines():
    posteriors = np.linspace(0.5, 1.0, 55)
    assert equal_count(posteriors, np.ones(55)).bins.weight == pytest.approx((5.5,) * 10)


def test_bins_of_equal_width_leave_out_empty_ones():
    bins = equal_width(*arrays([0.05, 0.95, 1.0], [0, 1, 1])).bins
    assert (bins.weight, bins.said, bins.right) == ((1, 2), pytest.approx((0.05, 0.975)), (0, 1))


def test_without_lines_there_is_nothing_to_be_wrong_about():
    assert np.isnan(equal_width(*arrays([], [])).calibration_error)


@given(lines=LINES, bins=st.sampled_from([equal_count, equal_width]))
def test_the_order_of_lines_does_not_matter(lines, bins):
    forwards, backwards = (bins(*arrays(*zip(*some, strict=True))) for some in (lines, lines[::-1]))
    assert forwards.calibration_error == pytest.approx(backwards.calibration_error)
    assert 0.0 <= forwards.calibration_error <= 1.0


@given(lines=LINES, bins=st.sampled_from([equal_count, equal_width]))
def test_a_weight_of_two_is_the_same_line_twice(lines, bins):
    posteriors, right = arrays(*zip(*lines, strict=True))
    weighted = bins(posteriors, right, np.full((1, len(lines)), 2.0))
    repeated = bins(np.repeat(posteriors, 2), np.repeat(right, 2))
    assert weighted.calibration_error == pytest.approx(repeated.calibration_error)


def test_looking_at_the_least_sure_trips_first_removes_the_wrong_ones():
    certainty, wrong = arrays([0.5, 0.6] + [0.99] * 8, [1, 1] + [0] * 8)
    (left,) = wrong_after_review(certainty, wrong, rates=(0.0, 0.1, 0.2))
    assert left == pytest.approx([2 / 10, 1 / 9, 0.0])


def test_trips_that_are_equally_sure_are_drawn_evenly():
    certainty, wrong = arrays([0.9] * 10, [1, 1] + [0] * 8)
    (left,) = wrong_after_review(certainty, wrong, rates=(0.0, 0.1))
    assert left == pytest.approx([0.2, 0.2])
