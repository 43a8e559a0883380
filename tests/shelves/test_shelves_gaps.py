"""Missing batches and missing cells lose no pick; batches may have any size."""

import numpy as np
import pytest
from plate_signals import BATCH, RATE_HZ, START_US, Lab, batch, hear, seconds, store_map

from store_engine.messages import ShelfWeights
from store_engine.shelves import Shelves
from store_engine.signals import WeightStep


@pytest.mark.parametrize("lost", [1, 5, 50])
def test_a_pick_inside_a_gap_is_the_difference_across_it(lost: int) -> None:
    lab = Lab(seconds=24.0, seed=1, white_g=1.0)
    lab.lasting(2, 6.1, -200.0, over_s=0.05)
    (step,) = lab.steps(lost=range(30, 30 + lost))
    assert step.across_gap
    assert step.change_g == pytest.approx(-200.0, abs=4.0 * step.std_g)
    assert seconds(step.began_us) == pytest.approx(6.0 - 1 / RATE_HZ, abs=0.001)
    assert seconds(step.ended_us) == pytest.approx(6.0 + lost * 0.2, abs=0.001)


def test_doubt_grows_with_the_gap() -> None:
    stds = []
    for lost in (1, 25, 100):
        lab = Lab(seconds=34.0, seed=2, white_g=1.0)
        lab.lasting(2, 6.1, -200.0, over_s=0.05)
        (step,) = lab.steps(lost=range(30, 30 + lost))
        stds.append(step.std_g)
    assert stds == sorted(stds)
    assert stds[2] > 1.5 * stds[0]


def test_a_gap_without_a_change_is_nothing() -> None:
    lab = Lab(seconds=30.0, seed=3, white_g=1.0)
    assert lab.weigh(lost=range(40, 90)) == []


def test_a_gap_during_a_hold_still_shows_the_pick() -> None:
    lab = Lab(seconds=14.0, seed=4, white_g=0.5)
    lab.hold(1, 5.0, 8.0, 300.0)
    lab.lasting(1, 6.5, -150.0)
    (step,) = lab.steps(lost=range(31, 36))
    assert step.change_g == pytest.approx(-150.0, abs=2.0)


def test_a_cell_that_goes_missing_for_a_while_loses_no_pick() -> None:
    lab = Lab(seconds=14.0, seed=5, white_g=1.0)
    lab.lasting(1, 7.0, -120.0)
    lab.grams[390:480, 1] = np.nan
    (step,) = lab.steps()
    assert (step.plate, step.across_gap) == ("1-1-1", True)
    assert step.change_g == pytest.approx(-120.0, abs=2.0)


def test_single_missing_readings_change_nothing() -> None:
    lab = Lab(seconds=12.0, seed=6, white_g=1.0)
    lab.lasting(1, 7.0, -120.0)
    lab.grams[::BATCH, :] = np.nan
    (step,) = lab.steps()
    assert not step.across_gap
    assert step.change_g == pytest.approx(-120.0, abs=2.0)


def test_a_cell_that_never_spoke_is_ignored() -> None:
    lab = Lab(seconds=12.0, seed=7, white_g=1.0)
    lab.grams[:, 0] = np.nan
    lab.lasting(1, 7.0, -120.0)
    assert [step.plate for step in lab.steps()] == ["1-1-1"]


@pytest.mark.parametrize("size", [1, 5, 17, 60])
def test_batches_of_any_size_tell_the_same(size: int) -> None:
    lab = Lab(seconds=12.0, plates=3, seed=8, white_g=1.0)
    lab.lasting(1, 7.0, -120.0)
    (usual,) = lab.steps()
    batches = [
        ShelfWeights(
            device="S1",
            sequence=number,
            time_us=START_US + round(first / RATE_HZ * 1e6),
            rate_hz=RATE_HZ,
            samples=tuple(map(tuple, lab.grams[first : first + size].tolist())),
        )
        for number, first in enumerate(range(0, len(lab.grams), size))
    ]
    steps = [s for s in hear(Shelves(lab.map), batches) if isinstance(s, WeightStep)]
    assert [(s.plate, round(s.change_g, 3)) for s in steps] == [
        (usual.plate, round(usual.change_g, 3))
    ]


def test_a_level_is_known_within_a_second() -> None:
    lab = Lab(seconds=4.0, seed=9, white_g=1.0)
    lab.lasting(1, 1.0, -300.0)
    (step,) = lab.steps()
    assert step.change_g == pytest.approx(-300.0, abs=3.0)


def test_clock_jitter_is_no_gap() -> None:
    lab = Lab(seconds=12.0, seed=10, white_g=1.0)
    lab.lasting(1, 7.0, -120.0)
    room, steps = Shelves(lab.map), []
    for weights in lab.batches():
        jitter_us = int(lab.rng.integers(-30_000, 30_000))
        steps += room.weigh(weights, weights.time_us + jitter_us)
    (step,) = [s for s in steps if isinstance(s, WeightStep)]
    assert not step.across_gap


def test_a_slower_device_is_understood_too() -> None:
    lab = Lab(seconds=24.0, plates=3, seed=11, white_g=1.0)
    lab.lasting(1, 14.0, -120.0)
    slow = lab.grams[::3]
    batches = [
        ShelfWeights(
            device="S1",
            sequence=number,
            time_us=START_US + first * 50_000,
            rate_hz=20.0,
            samples=tuple(map(tuple, slow[first : first + 4].tolist())),
        )
        for number, first in enumerate(range(0, len(slow), 4))
    ]
    (step,) = [s for s in hear(Shelves(lab.map), batches) if isinstance(s, WeightStep)]
    assert step.change_g == pytest.approx(-120.0, abs=2.0)


def test_an_unwired_cell_takes_its_place_in_the_row() -> None:
    lab = Lab(seconds=12.0, plates=2, seed=12, white_g=1.0)
    lab.lasting(1, 7.0, -120.0)
    room = Shelves(store_map({"S1": [None, "1-1-0", None, "1-1-1"]}))
    nothing = np.full(len(lab.grams), np.nan)
    rows = np.column_stack((nothing, lab.grams[:, 0], nothing, lab.grams[:, 1]))
    batches = [
        batch(rows[first : first + BATCH], sequence=first // BATCH)
        for first in range(0, len(rows), BATCH)
    ]
    steps = [s for s in hear(room, batches) if isinstance(s, WeightStep)]
    assert [step.plate for step in steps] == ["1-1-1"]
