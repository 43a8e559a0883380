import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import composite, floats, lists, tuples
from msgspec.structs import astuple

from store_engine.tracking.cameras import Fix
from store_engine.tracking.kalman import Belief, born, expected_place, predict, update

STEPS = floats(0.0, 2.0)
PLACES = floats(-20.0, 20.0)


@composite
def fixes(draw):
    std_x, std_y, rho = draw(floats(0.05, 1.0)), draw(floats(0.05, 1.0)), draw(floats(-0.95, 0.95))
    return Fix(draw(PLACES), draw(PLACES), std_x**2, rho * std_x * std_y, std_y**2)


SIGHTINGS = lists(tuples(STEPS, fixes()), max_size=30)


def covariance(belief: Belief) -> np.ndarray:
    upper = np.zeros((4, 4))
    upper[np.triu_indices(4)] = astuple(belief)[4:]
    return upper + np.triu(upper, 1).T


def after(first, sightings):
    belief = born(first)
    for dt_s, fix in sightings:
        belief = update(predict(belief, dt_s), fix)
    return belief


@pytest.mark.filterwarnings("ignore")  # filterpy imports matplotlib
def test_the_filter_agrees_with_filterpy():
    kalman = pytest.importorskip("filterpy.kalman")
    discretization = pytest.importorskip("filterpy.common")
    rng = np.random.default_rng(3)
    belief = born(Fix(1.0, 2.0, 0.02, 0.005, 0.03))
    other = kalman.KalmanFilter(dim_x=4, dim_z=2)
    other.x, other.P = np.array([1.0, 2.0, 0.0, 0.0]), covariance(belief)
    other.H = np.eye(2, 4)
    for _ in range(50):
        dt_s, (a, b) = rng.uniform(0.01, 0.2), rng.normal(0.0, 1.0, 2)
        fix = Fix(1.0 + a, 2.0 + b, 0.04, -0.01, 0.02)
        belief = update(predict(belief, dt_s, psd=0.7), fix)
        q = discretization.Q_continuous_white_noise(2, dt=dt_s, spectral_density=0.7)
        other.predict(F=np.kron([[1.0, dt_s], [0.0, 1.0]], np.eye(2)), Q=np.kron(q, np.eye(2)))
        other.update(np.array([fix.x, fix.y]), R=np.array([[fix.xx, fix.xy], [fix.xy, fix.yy]]))
    assert astuple(belief)[:4] == pytest.approx(other.x.ravel(), abs=1e-9)
    assert covariance(belief) == pytest.approx(other.P, abs=1e-9)


@given(first=fixes(), sightings=SIGHTINGS)
def test_the_covariance_stays_positive_definite(first, sightings):
    assert np.linalg.eigvalsh(covariance(after(first, sightings))).min() > 0.0


@given(first=fixes(), sightings=SIGHTINGS, one=STEPS, two=STEPS)
def test_two_predictions_are_one(first, sightings, one, two):
    belief = after(first, sightings)
    assert astuple(predict(predict(belief, one), two)) == pytest.approx(
        astuple(predict(belief, one + two)), rel=1e-9, abs=1e-9
    )


@given(first=fixes(), sightings=SIGHTINGS, dt_s=STEPS)
def test_the_expected_place_is_where_the_prediction_puts_them(first, sightings, dt_s):
    belief = after(first, sightings)
    whole = predict(belief, dt_s)
    assert expected_place(belief, dt_s) == pytest.approx(
        (whole.x, whole.y, whole.xx, whole.xy, whole.yy), rel=1e-12
    )


@given(first=fixes(), sightings=SIGHTINGS, fix=fixes())
def test_seeing_somebody_never_makes_their_place_less_certain(first, sightings, fix):
    belief = after(first, sightings)
    seen = update(belief, fix)
    gain = covariance(belief)[:2, :2] - covariance(seen)[:2, :2]
    assert np.linalg.eigvalsh(gain).min() > -1e-9


def test_waiting_makes_a_place_less_certain():
    belief = born(Fix(0.0, 0.0, 0.01, 0.0, 0.01))
    assert predict(belief, 1.0).xx > predict(belief, 0.5).xx > belief.xx
