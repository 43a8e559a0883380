import pytest
from bench_sessions import COLA, EXIT_S, START_US, WATER, session

from benchmarks.accuracy.scores import judge
from benchmarks.accuracy.sessions import purpose, trials
from benchmarks.accuracy.told import Told, ToldLine, ToldReceipt, least_sure
from store_engine.errors import ConfigError


def told(account, *lines, **more):
    return ToldReceipt(account=account, lines=lines, **more)


def test_an_item_on_the_wrong_receipt_is_wrong_twice():
    answer = Told(receipts=(told("bea", ToldLine(WATER, 1)),))
    result = judge(session({"ada": {WATER: 1}, "bea": {}}), "ours", answer)
    assert (result.score.right, result.score.extra, result.score.missing) == (0, 1, 1)
    assert [trip.exact for trip in result.trips] == [False, False]


def test_an_account_that_got_no_receipt_was_charged_nothing():
    result = judge(session({"ada": {WATER: 2}, "bea": {}}), "ours", Told(receipts=()))
    assert result.score.missing == 2
    assert [(trip.account, trip.exact) for trip in result.trips] == [("ada", False), ("bea", True)]


def test_a_line_that_is_not_charged_counts_for_certainty_and_not_for_money():
    doubtful = ToldLine(COLA, 1, 0.4, charged=False)
    answer = Told(receipts=(told("ada", ToldLine(WATER, 1, 0.99), doubtful, reviewed=True),))
    result = judge(session({"ada": {WATER: 1}}), "ours", answer)
    assert result.score.exact == 1
    assert [tuple(line) for line in result.lines] == [(0.99, True), (0.4, False)]
    assert result.trips[0].certainty == 0.4


def test_one_bottle_of_two_is_not_exactly_the_quantity():
    answer = Told(receipts=(told("ada", ToldLine(WATER, 1, 0.7)),))
    (line,) = judge(session({"ada": {WATER: 2}}), "ours", answer).lines
    assert not line.right


def test_overcharging_and_undercharging_are_told_apart():
    answer = Told(receipts=(told("ada", ToldLine(WATER, 1)), told("bea", ToldLine(COLA, 1))))
    score = judge(session({"ada": {}, "bea": {COLA: 2}}), "ours", answer).score
    assert (score.money_wrong, score.money_over) == (129 + 199, 129)


def test_latency_runs_from_the_true_exit():
    exit_us = START_US + round(EXIT_S * 1e6)
    answer = Told(receipts=(told("ada", told_us=exit_us + 700_000),))
    assert judge(session({"ada": {}}), "ours", answer).trips[0].latency_s == pytest.approx(0.7)


def test_who_is_unsure_of_one_line_is_as_unsure_of_the_receipt():
    assert least_sure([ToldLine(WATER, 1, 0.9), ToldLine(COLA, 1, 0.6)]) == 0.6
    assert least_sure([]) == 1.0
    assert least_sure([ToldLine(WATER, 1)]) is None


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [(range(5), "tuning"), (range(1000, 1005), "reporting"), ([999, 1000], "tuning and reporting"),
     ([5000], "neither tuning nor reporting")],
)  # fmt: skip
def test_seeds_are_for_tuning_or_for_reporting(seeds, expected):
    assert purpose(seeds) == expected


def test_trials_are_classes_times_difficulties_times_seeds():
    found = trials(classes=["all"], difficulties=["easy", "hard"], seeds=range(3))
    assert len({str(trial) for trial in found}) == len(found)
    assert len(found) == 6 * len({trial.name for trial in found})


@pytest.mark.parametrize(("classes", "difficulty"), [(["nonsense"], "easy"), (["all"], "nonsense")])
def test_an_unknown_name_is_answered_with_those_there_are(classes, difficulty):
    with pytest.raises(ConfigError, match="'nonsense': there are "):
        trials(classes=classes, difficulties=[difficulty], seeds=[1])
