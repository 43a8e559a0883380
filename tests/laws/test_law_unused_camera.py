"""Law: a camera that sees nobody, because nobody can be where it looks, changes no receipt."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from law_sessions import Trial, few, outcome, session, undisturbed

from store_engine.messages import Arrival, CameraFrame, Tick
from store_engine.store import Store
from store_engine.store_map import Camera
from store_engine.units import CameraId

# The tracker sees people in most of them, cameras in the last.
TRIALS = (
    Trial("same-moment", "medium", 3),
    Trial("group-entry", "medium", 3),
    Trial("put-back", "medium", 3, cameras=3),
)
UNUSED = CameraId("a-camera-in-the-yard")  # first by name: it would win any tie that names decide
FIRST_FRAME_S = 0.5


def with_yard_camera(store: Store) -> Store:
    """Return the store with one more camera, far outside, that looks up into the sky."""
    camera = Camera(
        camera=UNUSED,
        width_px=640,
        height_px=360,
        K=np.array([[400.0, 0, 320], [0, 400.0, 180], [0, 0, 1]]),
        distortion=np.zeros(5),
        R=np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]),
        t=np.array([60.0, 60.0, 3.0]),
    )
    cameras = {UNUSED: camera, **store.map.cameras}
    return store._replace(map=replace(store.map, cameras=cameras))


def with_empty_frames(
    arrivals: Iterable[Arrival], *, rate_hz: float, latency_ms: int, until: float
) -> list[Arrival]:
    """Add what the unused camera says; `until` is the share of the session that it lives for."""
    found = list(arrivals)
    first_us = found[0].received_us + round(FIRST_FRAME_S * 1e6)
    last_us = first_us + round(until * (found[-1].received_us - first_us))
    times_us = range(first_us, last_us, round(1e6 / rate_hz))
    found += [
        Arrival(
            CameraFrame(device=UNUSED, sequence=number, time_us=time_us, people=()),
            time_us + latency_ms * 1_000,
        )
        for number, time_us in enumerate(times_us)
    ]
    return sorted(found, key=lambda one: (one.received_us, isinstance(one.message, Tick)))


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_a_camera_that_never_says_anything_changes_no_receipt(trial):
    store, _, arrivals = session(trial)
    assert outcome(with_yard_camera(store), arrivals).receipts == undisturbed(trial).receipts


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
@few(3)
@given(
    rate_hz=st.sampled_from((0.3, 2.0, 10.0, 30.0)),
    latency_ms=st.integers(0, 390),
    until=st.sampled_from((0.1, 0.5, 1.0)),
)
def test_a_camera_that_sees_nobody_changes_no_receipt(trial, rate_hz, latency_ms, until):
    store, _, arrivals = session(trial)
    heard = with_empty_frames(arrivals, rate_hz=rate_hz, latency_ms=latency_ms, until=until)
    assert outcome(with_yard_camera(store), heard).receipts == undisturbed(trial).receipts


def test_an_unused_camera_is_truly_heard():
    heard = with_empty_frames(session(TRIALS[0]).arrivals, rate_hz=10.0, latency_ms=50, until=1.0)
    assert sum(one.message.device == UNUSED for one in heard) > 100
