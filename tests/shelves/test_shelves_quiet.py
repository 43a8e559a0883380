"""Where nothing lasting happens nothing is reported: noise, vibration, sway, drift.

Rate: none in 5 plate-hours here; by design about 0.1 per plate-day (see `touches.STEP_SIGMA`).
"""

import numpy as np
import pytest
from plate_signals import DEVICE, Lab

from store_engine.signals import PlateUnsettled


@pytest.mark.parametrize("white_g", [0.3, 1.0, 8.0])
def test_noise_alone_is_no_step(white_g: float) -> None:
    lab = Lab(seconds=120.0, plates=40, seed=11, white_g=white_g)
    assert lab.steps() == []


def test_people_walking_by_are_no_step() -> None:
    lab = Lab(seconds=60.0, plates=24, seed=12, white_g=2.0)
    for begins_s in range(4, 56, 8):
        lab.vibrate(begins_s, begins_s + 4.0, 60.0)
    assert lab.steps() == []


def test_goods_that_sway_on_their_hook_are_no_step_and_soon_no_touch() -> None:
    lab = Lab(seconds=40.0, plates=3, seed=13, white_g=0.5)
    lab.grams[:, 1] += 4.0 * np.sin(2.0 * np.pi * 1.2 * lab.times_s)
    signals = lab.weigh()
    late = [s for s in signals if s.time_us > signals[0].time_us + 10_000_000]  # type: ignore[union-attr]
    assert all(isinstance(s, PlateUnsettled) for s in signals)
    assert late == []


@pytest.mark.parametrize("g_per_s", [0.05, 0.3, 1.0])
def test_drift_never_adds_up_to_a_step(g_per_s: float) -> None:
    lab = Lab(seconds=60.0, plates=4, seed=14, white_g=1.0)
    lab.drift(1, g_per_s)
    assert lab.steps() == []


def test_a_pick_from_a_drifting_plate_is_weighed_without_the_drift() -> None:
    lab = Lab(seconds=40.0, plates=4, seed=15, white_g=1.0)
    lab.drift(1, 1.0)
    lab.lasting(1, 30.0, -100.0)
    (step,) = lab.steps()
    assert step.change_g == pytest.approx(-100.0, abs=2.0)


def test_a_small_pick_is_seen_while_the_shelf_shakes() -> None:
    for seed in range(5):
        lab = Lab(seconds=12.0, seed=seed, white_g=1.0)
        lab.vibrate(2.0, 12.0, 60.0)
        lab.lasting(3, 7.0, -60.0)
        (step,) = lab.steps()
        assert step.change_g == pytest.approx(-60.0, abs=3.0)


def test_a_plate_at_its_limit_says_nothing_and_breaks_nothing() -> None:
    lab = Lab(seconds=8.0, plates=2, seed=16, white_g=1.0)
    lab.grams[:, 1] = 20_000.0
    assert DEVICE in lab.map.cells
    assert lab.steps() == []
