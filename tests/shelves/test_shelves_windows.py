"""What windows let through, against the textbook."""

import numpy as np
import pytest
from plate_signals import Floats

from store_engine.shelves.gauge import KINK_GAIN, gauge_of
from store_engine.shelves.ladder import LADDER, look
from store_engine.shelves.windows import window_of


def test_the_level_window_averages_without_bias_and_rejects_vibration() -> None:
    window = window_of(0.4, 60.0)
    assert window.samples == 24
    assert window.mean.sum() == pytest.approx(1.0)
    assert window.gain.vibration**0.5 < 0.03
    assert window.gain.sway == pytest.approx(1.0)


@pytest.mark.parametrize("duration_s", [0.4, 0.6, 1.0, 1.5, 3.0])
def test_shapes_are_blind_to_the_level_and_measure_movement_in_grams_rms(duration_s: float) -> None:
    window = window_of(duration_s, 60.0)
    assert np.abs(window.shapes.sum(axis=1)).max() < 1e-12
    ramp = np.linspace(-1.0, 1.0, window.samples)
    seen = window.shapes @ (100.0 + 5.0 * ramp)
    rms = 5.0 * np.sqrt(window.mean @ ramp**2)
    assert abs(seen[0]) == pytest.approx(rms)
    assert np.abs(seen[1:]).max() < 1e-9


def noise_and_swing(samples: int, cells: int) -> Floats:
    """Noise of variance 4 g^2 on a 6 Hz swing of 450 g^2, (samples, cells)."""
    rng = np.random.default_rng(1)
    phases = 2.0 * np.pi * (6.0 * np.arange(samples)[:, None] / 60.0 + rng.random(cells))
    return np.asarray(rng.normal(0.0, 2.0, (samples, cells)) + 30.0 * np.sin(phases))


def test_white_noise_and_vibration_are_told_apart() -> None:
    rough = gauge_of(0.4, 60.0).measure(8000.0 + noise_and_swing(24, 500))
    white, total = rough.samples.mean(axis=1)
    assert white == pytest.approx(4.0, rel=0.4)  # of 450 g^2 of swing, 0.3 % leak in
    assert total == pytest.approx(454.0, rel=0.1)
    assert rough.shaken.mean() == pytest.approx(
        450.0 * window_of(0.4, 60.0).gain.vibration, rel=0.1
    )


@pytest.mark.parametrize("rate_hz", [20.0, 60.0])
def test_a_gauge_measures_third_differences_and_deviations_from_the_level(rate_hz: float) -> None:
    window = window_of(0.4, rate_hz)
    samples = 8000.0 + noise_and_swing(window.samples, 40)
    white, total = gauge_of(0.4, rate_hz).measure(samples).samples
    assert white == pytest.approx((np.diff(samples, 3, axis=0) ** 2).mean(axis=0) / KINK_GAIN)
    assert total == pytest.approx(((samples - window.mean @ samples) ** 2).mean(axis=0))


def test_the_ladder_sees_what_each_of_its_windows_sees() -> None:
    run = 8000.0 + noise_and_swing(100, 1)[:, 0]
    sights = list(look(run, 60.0))
    assert [sight.rung for sight in sights] == list(LADDER[:4])  # 3 s of samples are not there
    for rung, window, level, white, total, movement in sights:
        samples = run[-window.samples :]
        rough = gauge_of(rung.duration_s, 60.0).measure(samples[:, None])
        assert level == pytest.approx(window.mean @ samples)
        assert (white, total) == pytest.approx(tuple(rough.samples[:, 0]))
        assert movement == pytest.approx((window.shapes @ samples).tolist())


def test_the_predicted_variance_of_a_level_is_the_observed_one() -> None:
    window = window_of(0.6, 60.0)
    levels = np.random.default_rng(2).normal(0.0, 3.0, (4000, window.samples)) @ window.mean
    assert np.var(levels) == pytest.approx(9.0 * window.gain.white, rel=0.1)


@pytest.mark.parametrize("duration_s", [0.4, 1.0, 3.0])
def test_a_plate_at_rest_seldom_exceeds_the_steadiness_limit(duration_s: float) -> None:
    window = window_of(duration_s, 60.0)
    noise = np.random.default_rng(3).normal(0.0, 1.0, (20_000, window.samples))
    white = [gain.white for gain in window.shape_gains]
    squares = ((noise @ window.shapes.T) ** 2 / white).sum(axis=1)
    assert 0.002 < np.mean(squares > window.steady_chi2) < 0.035
