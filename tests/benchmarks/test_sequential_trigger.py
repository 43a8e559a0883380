"""When the sequential baseline notices that something happened, and what it weighs."""

import numpy as np
import pytest

from benchmarks.contestants.sequential.trigger import DeviceTrigger
from store_engine.units import to_us
from tests.benchmarks.sequential_signals import PLATES, SHELF, events_in, levels

FULL = (500.0, 500.0, 500.0, 500.0)
TAKEN = (500.0, 300.0, 500.0, 500.0)
PRESSED = (500.0, 650.0, 500.0, 500.0)


def test_a_quiet_shelf_has_no_events():
    assert events_in(levels((0.0, FULL), until_s=20.0)) == []


def test_a_take_is_one_event_with_its_change_on_its_plate():
    (event,) = events_in(levels((0.0, FULL), (4.0, TAKEN), until_s=8.0))
    assert event.change_g == pytest.approx([0.0, -200.0, 0.0, 0.0], abs=1.5)
    assert event.times_us[0] < to_us(4.0) < event.times_us[-1]


def test_a_short_press_before_the_take_belongs_to_the_same_event():
    signal = levels((0.0, FULL), (4.0, PRESSED), (4.4, TAKEN), until_s=8.0)
    (event,) = events_in(signal)
    assert event.change_g.sum() == pytest.approx(-200.0, abs=3.0)


def test_a_press_that_goes_away_is_no_event():
    assert events_in(levels((0.0, FULL), (4.0, PRESSED), (4.8, FULL), until_s=8.0)) == []


def test_takes_with_calm_between_are_two_events():
    later = (500.0, 100.0, 500.0, 500.0)
    found = events_in(levels((0.0, FULL), (4.0, TAKEN), (8.0, later), until_s=12.0))
    assert [round(event.change_g.sum(), -1) for event in found] == [-200.0, -200.0]


def test_a_restless_shelf_needs_more_to_trigger():
    swing = 40.0 * np.sin(2 * np.pi * 7.0 * np.arange(20 * 60) / 60)[:, None]
    assert events_in(levels((0.0, FULL), until_s=20.0) + swing * [1, 0, 0, 0]) == []


@pytest.mark.parametrize("batch", [1, 12, 25])
def test_batches_of_any_length_give_the_same_event_at_the_same_time(batch):
    samples = levels((0.0, FULL), (4.0, TAKEN), until_s=8.0)
    (expected,) = events_in(samples)
    trigger = DeviceTrigger(PLATES, dict.fromkeys(PLATES, SHELF))
    found = [
        event
        for first in range(0, len(samples), batch)
        for event in trigger.weigh(samples[first : first + batch], to_us(first / 60), rate_hz=60.0)
    ]
    assert len(found) == 1
    assert found[0].change_g == pytest.approx(expected.change_g)
    assert found[0].times_us == pytest.approx(expected.times_us, abs=2)


def test_missing_readings_keep_the_last_level():
    samples = levels((0.0, FULL), until_s=6.0)
    samples[180:, 2] = np.nan
    trigger = DeviceTrigger(PLATES, dict.fromkeys(PLATES, SHELF))
    assert trigger.weigh(samples, 0, rate_hz=60.0) == []
