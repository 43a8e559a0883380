"""Sensors with more noise, or less: everything that is noise, and nothing else."""

import numpy as np
import pytest
from sensor_fixtures import CELLS, tiny_scene, tiny_store

from sim.scenarios import Scenario
from sim.scene import Contact
from sim.sensors import CameraPlan, SensorPlan, TrackerPlan, WeightsPlan
from sim.sensors.outgoing import Stamp
from sim.sensors.weights import shelf_weights
from sim.session import sensor_plan
from store_engine.units import PlateId

QUIET = WeightsPlan(
    noise_g=(0.01, 0.01), plate_noise_g=(0.01, 0.01), drift_g=0.0, step_swing_g=(1e-9, 1e-9),
    shake_share=(0.0, 0.0), crosstalk=(0.0, 0.0), offset_g=(0.0, 0.0), repeat_rate=0.0,
)  # fmt: skip


def readings(plan: WeightsPlan, *contacts: Contact) -> np.ndarray:
    scene = tiny_scene(contacts=contacts)
    batches = shelf_weights(scene, tiny_store().map, plan, (), until_s=10.0, seed=1)
    rows = [m.build(Stamp(1, 0, 0)).samples for m in batches]
    return np.array([row[0] for batch in rows for row in batch])


def test_a_factor_of_one_changes_nothing() -> None:
    plan = SensorPlan()
    assert plan.scaled(1.0) is plan
    assert plan.scaled(1.0) == plan


def test_twice_the_noise_is_twice_the_errors_of_every_sensor() -> None:
    plan = SensorPlan().scaled(2.0)
    assert plan.weights.noise_g == (0.6, 10.0)
    assert plan.weights.tremor == 0.3
    assert plan.tracker.slow_noise_m == 0.04
    assert plan.tracker.wrist_dropout == 0.16
    assert plan.cameras.pixel_noise == 3.0
    assert plan.cameras.latency_ms == (60.0, 340.0)


def test_what_a_sensor_is_does_not_change_with_its_noise() -> None:
    plan, loud = SensorPlan(), SensorPlan().scaled(3.0)
    for name in ("rate_hz", "quantum_g", "batch", "rated_g", "put_overshoot", "offset_g"):
        assert getattr(loud.weights, name) == getattr(plan.weights, name)
    assert loud.cameras.reach_m == plan.cameras.reach_m


@pytest.mark.parametrize("factor", [2.0, 5.0])
def test_no_noise_makes_a_sensor_miss_most_of_what_happens(factor: float) -> None:
    plan = SensorPlan(tracker=TrackerPlan(wrist_dropout=0.4), cameras=CameraPlan(miss_rate=0.5))
    assert plan.scaled(factor).tracker.wrist_dropout < 0.6
    assert plan.scaled(factor).cameras.miss_rate < 0.6


def test_a_sensor_that_is_not_fitted_stays_away() -> None:
    assert SensorPlan(cameras=None).scaled(2.0).cameras is None


def test_a_scenario_says_how_loud_its_sensors_are() -> None:
    def tracker(**entries: object) -> TrackerPlan:
        return sensor_plan(Scenario.model_validate({"name": "x", "shoppers": 1, **entries})).tracker

    assert tracker() == TrackerPlan()
    assert tracker(noise=2.0) == TrackerPlan().scaled(2.0)
    assert tracker(noise=2.0, sensors={"tracker": {"slow_noise_m": 0.1}}).slow_noise_m == 0.2


def test_a_bag_lies_still_while_a_hand_trembles() -> None:
    bag = readings(QUIET, Contact(CELLS[0], 2.0, 8.0, 1500.0, "bag", 0.4))
    hand = readings(QUIET, Contact(CELLS[0], 2.0, 8.0, 1500.0, "rest"))
    lying = slice(4 * 60, 7 * 60)
    assert bag[lying].mean() - bag[:60].mean() == pytest.approx(1500.0, abs=1.0)
    assert bag[lying].std() < 1.0
    assert hand[lying].std() > 50.0


def test_a_bag_rings_where_it_lands_and_presses_before_it_goes() -> None:
    read = readings(QUIET, Contact(PlateId("1-1-1"), 2.0, 8.0, 1500.0, "bag", 0.4))
    level = read[5 * 60 : 7 * 60].mean()
    assert read[2 * 60 : 4 * 60].max() > level + 50.0
    assert abs(read[-30:].mean() - read[:60].mean()) < 1.0
