"""Lasting changes are seen once, weighed right, dated right and reported soon."""

import numpy as np
import pytest
from plate_signals import Lab, seconds


@pytest.mark.parametrize("white_g", [0.3, 1.0, 3.0, 8.0])
@pytest.mark.parametrize("change_g", [-30.0, 30.0, -600.0])
def test_a_lasting_change_is_one_step_of_the_right_size(white_g: float, change_g: float) -> None:
    lab = Lab(seconds=10.0, seed=3, white_g=white_g)
    lab.lasting(2, 6.05, change_g)
    (step,) = lab.steps()
    assert step.plate == "1-1-2"
    assert step.change_g == pytest.approx(change_g, abs=4.0 * step.std_g)
    assert step.std_g < 0.25 * white_g + 0.5


def test_a_step_is_dated_and_bracketed() -> None:
    lab = Lab(seconds=10.0, seed=1, white_g=1.0)
    lab.lasting(0, 6.0, -300.0, over_s=0.2)
    (step,) = lab.steps()
    assert seconds(step.moment_us) == pytest.approx(6.1, abs=0.05)
    assert 5.9 < seconds(step.began_us) < 6.05
    assert 6.15 < seconds(step.ended_us) < 6.25
    assert step.causes == ("S1/0/30", "S1/0/32")


@pytest.mark.parametrize("phase_s", [0.0, 0.05, 0.1, 0.15])
def test_a_pick_from_a_quiet_plate_is_reported_within_600_ms(phase_s: float) -> None:
    lab = Lab(seconds=10.0, seed=2, white_g=0.5)
    lab.lasting(0, 6.0 + phase_s, -250.0)
    (step,) = lab.steps()
    assert seconds(step.settled_us) - (6.1 + phase_s) < 0.6


def test_goods_that_ring_are_reported_at_their_resting_weight() -> None:
    lab = Lab(seconds=10.0, seed=4, white_g=1.0)
    lab.lasting(1, 6.0, 330.0, over_s=0.05)
    lab.ring(1, 6.05, 100.0, hz=11.0, decay_s=0.15)
    (step,) = lab.steps()
    assert step.change_g == pytest.approx(330.0, abs=1.5)
    assert seconds(step.settled_us) < 7.5


def test_a_very_slow_pick_is_one_step() -> None:
    lab = Lab(seconds=14.0, seed=5, white_g=1.0)
    lab.lasting(1, 6.0, -400.0, over_s=3.0)
    (step,) = lab.steps()
    assert step.change_g == pytest.approx(-400.0, abs=2.0)
    assert seconds(step.moment_us) == pytest.approx(7.5, abs=0.2)


@pytest.mark.parametrize("pause_s", [0.3, 0.5, 0.7, 1.0])
def test_a_rapid_series_adds_up_however_it_is_split(pause_s: float) -> None:
    lab = Lab(seconds=14.0, seed=6, white_g=1.0)
    for pick in range(4):
        lab.lasting(1, 6.0 + pick * pause_s, -150.0)
    steps = lab.steps()
    assert sum(step.change_g for step in steps) == pytest.approx(-600.0, abs=2.0)
    assert len(steps) == (4 if pause_s >= 0.7 else len(steps))


def test_neighbours_that_change_together_are_a_step_each() -> None:
    lab = Lab(seconds=10.0, seed=7, white_g=1.0)
    lab.lasting(2, 6.0, -210.0)
    lab.lasting(3, 6.0, -90.0)
    changes = {step.plate: round(step.change_g, -1) for step in lab.steps()}
    assert changes == {"1-1-2": -210.0, "1-1-3": -90.0}


def test_what_leaks_to_a_neighbour_is_reported_only_where_it_is_certain() -> None:
    for white_g, expected in ((0.3, ["1-1-2", "1-1-3"]), (8.0, ["1-1-2"])):
        lab = Lab(seconds=10.0, seed=8, white_g=white_g)
        lab.lasting(2, 6.0, -800.0)
        lab.lasting(3, 6.0, -9.0)
        assert sorted(step.plate for step in lab.steps()) == expected


@pytest.mark.parametrize(("white_g", "vibration_g"), [(1.0, 0.0), (8.0, 0.0), (1.0, 40.0)])
def test_errors_stay_within_the_stated_uncertainty(white_g: float, vibration_g: float) -> None:
    errors = []
    for seed in range(12):
        lab = Lab(seconds=10.0, seed=seed, white_g=white_g)
        lab.vibrate(3.0, 10.0, vibration_g)
        for plate in (0, 2, 4):
            lab.lasting(plate, 6.0, -100.0)
        errors += [(step.change_g + 100.0) / step.std_g for step in lab.steps()]
    assert len(errors) == 36
    assert 0.3 < np.sqrt(np.mean(np.square(errors))) < 1.3
    assert max(np.abs(errors)) < 4.0
