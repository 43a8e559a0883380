"""A hand on a plate is not a step, however long it stays; it shows as an unsettled plate."""

import pytest
from plate_signals import Lab, hear, seconds

from store_engine.shelves import Shelves
from store_engine.signals import PlateUnsettled, WeightStep


@pytest.mark.parametrize("force_g", [150.0, 800.0, -300.0])
@pytest.mark.parametrize("lasts_s", [0.3, 2.0, 10.0])
def test_a_hold_is_no_step_however_long(force_g: float, lasts_s: float) -> None:
    for seed in range(3):
        lab = Lab(seconds=18.0, seed=seed, white_g=0.5)
        lab.hold(1, 5.0, 5.0 + lasts_s, force_g)
        assert lab.steps() == []


def test_a_touched_plate_is_unsettled_until_it_rests() -> None:
    lab = Lab(seconds=12.0, seed=1, white_g=0.5)
    lab.hold(1, 5.0, 7.0, 400.0)
    began, settled = lab.weigh()
    assert isinstance(began, PlateUnsettled)
    assert isinstance(settled, PlateUnsettled)
    assert seconds(began.since_us or 0) == pytest.approx(5.0, abs=0.05)
    assert settled.since_us is None
    assert 7.0 < seconds(settled.time_us) < 7.8


def test_no_step_is_reported_while_the_plate_is_still_held() -> None:
    lab = Lab(seconds=12.0, seed=2, white_g=0.5)
    lab.lasting(1, 5.0, -300.0)
    lab.hold(1, 4.8, 9.0, 500.0)
    room = Shelves(lab.map)
    batches = lab.batches()
    assert not any(isinstance(s, WeightStep) for s in hear(room, batches[:45]))
    assert list(room.unsettled()) == ["1-1-1"]
    (step, _) = hear(room, batches[45:])
    assert isinstance(step, WeightStep)
    assert step.change_g == pytest.approx(-300.0, abs=2.0)
    assert room.unsettled() == {}


def test_a_pick_after_a_long_hold_is_measured_against_the_level_before_the_hold() -> None:
    lab = Lab(seconds=16.0, seed=3, white_g=0.5)
    lab.hold(1, 5.0, 11.0, 250.0)
    lab.lasting(1, 10.9, -480.0)
    (step,) = lab.steps()
    assert step.change_g == pytest.approx(-480.0, abs=2.0)
    assert seconds(step.began_us) == pytest.approx(5.0, abs=0.1)
    assert seconds(step.moment_us) == pytest.approx(10.95, abs=0.1)


def test_a_hold_on_a_drifting_plate_returns_to_where_the_drift_went() -> None:
    lab = Lab(seconds=50.0, seed=4, white_g=1.0)
    lab.drift(1, 0.3)
    lab.hold(1, 35.0, 43.0, 500.0)
    assert lab.steps() == []


def test_a_plate_that_stays_rough_for_good_is_learnt_anew() -> None:
    lab = Lab(seconds=150.0, plates=2, seed=5, white_g=0.5)
    lab.hold(1, 5.0, 150.0, 300.0, wander=0.2)
    settled = [s for s in lab.weigh() if isinstance(s, PlateUnsettled) and s.since_us is None]
    assert settled
    assert seconds(settled[0].time_us) > 100.0
