"""Which classes there are, and how trials are drawn."""

import pytest

from benchmarks.suite import CLASSES, DIFFICULTIES, REPORTING_SEEDS, TUNING_SEEDS
from tests.benchmarks.suite_trials import scenario_of


def test_all_classes_of_the_competition_and_of_its_wrong_cases_are_there() -> None:
    origins = [trial_class.origin for trial_class in CLASSES.values()]
    assert [origins.count(o) for o in ("competition", "peer-bad", "ours")] == [13, 6, 13]


def test_what_the_peer_published_stands_beside_its_bad_classes_only() -> None:
    published = {n for n, c in CLASSES.items() if c.peer_f1 is not None}
    assert published == {n for n, c in CLASSES.items() if c.origin == "peer-bad"}


def test_seeds_for_tuning_are_not_those_for_reporting() -> None:
    assert not set(TUNING_SEEDS) & set(REPORTING_SEEDS)


@pytest.mark.parametrize("name", CLASSES)
def test_the_same_seed_gives_the_same_scenario(name) -> None:
    assert scenario_of(name, "medium", 3) == scenario_of(name, "medium", 3)


@pytest.mark.parametrize("name", CLASSES)
def test_other_seeds_give_other_scenes(name) -> None:
    scripts = {scenario_of(name, "hard", seed).model_dump_json() for seed in range(3)}
    assert len(scripts) >= 2  # random crowds differ by aisle here, and by the session's seed


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_a_trial_says_what_it_is(difficulty) -> None:
    scenario = scenario_of("retake", difficulty, 5)
    assert (scenario.name, scenario.note) == (f"retake-{difficulty}", CLASSES["retake"].title)


@pytest.mark.parametrize("name", CLASSES)
def test_sessions_stay_small_enough_to_run_hundreds(name) -> None:
    scenario = scenario_of(name, "hard", 6)
    assert len(scenario.scripted) + (scenario.shoppers or 0) <= 8
