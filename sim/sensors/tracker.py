"""An upstream 3-D tracker: heads, necks and wrists in store coordinates, with gaps."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from sim.scene import Body, Scene
from sim.sensors.noise import FloatArray, bursts, stream, wander
from sim.sensors.outgoing import Outgoing, Stamp, latencies_us
from sim.sensors.plan import TrackerPlan
from store_engine.messages import Joint, TrackedPeople, TrackedPerson
from store_engine.store_map import StoreMap
from store_engine.units import to_us

FACE = slice(0, 5)
LEFT_WRIST, RIGHT_WRIST, NECK = 9, 10, 17
SCORE_BETA = (12.0, 1.0)  # median 0.94, 5th percentile 0.78; measured 0.91 .. 0.97, 0.70 .. 0.86


class _Followed:
    """One person as the tracker follows them; n frames, joints head, neck, left, right wrist."""

    def __init__(
        self,
        body: Body,
        number: int,
        times_s: FloatArray,
        plan: TrackerPlan,
        seed: int,
        device: str,
    ) -> None:
        rng = stream(seed, "followed", device, number)
        n = len(times_s)
        joints = body.joints(times_s)
        true = np.stack(
            [
                joints[:, FACE].mean(axis=1),
                *(joints[:, j] for j in (NECK, LEFT_WRIST, RIGHT_WRIST)),
            ],
            axis=1,
        )
        error = _errors(rng, n, plan)
        self.at = np.round(true + error, 3)
        self.scores = np.round(rng.beta(*SCORE_BETA, size=(n, 4)), 3)
        length = plan.wrist_burst_s * plan.rate_hz
        for wrist in (2, 3):
            lost = bursts(rng, n, fraction=plan.wrist_dropout, mean_length=length)
            self.at[lost, wrist] = np.nan
        length = plan.person_burst_s * plan.rate_hz
        away = bursts(rng, n, fraction=plan.person_dropout, mean_length=length)
        self.present = ~away & ~np.isnan(self.at[:, 0, 0])
        changes = rng.random(n) < plan.id_changes_per_min / (60.0 * plan.rate_hz)
        self.lives = np.cumsum(changes)
        self._number = number

    def person(self, frame: int) -> TrackedPerson:
        head, neck, left, right = (self._joint(frame, joint) for joint in range(4))
        track = f"t{self._number + 1}-{self.lives[frame]}"
        return TrackedPerson(track=track, head=head, neck=neck, left_wrist=left, right_wrist=right)

    def _joint(self, frame: int, joint: int) -> Joint | None:
        x, y, z = self.at[frame, joint].tolist()
        if x != x:  # NaN: the tracker lost it
            return None
        return Joint(at=(x, y, z), score=float(self.scores[frame, joint]))


def _errors(rng: np.random.Generator, n: int, plan: TrackerPlan) -> FloatArray:
    """Return (n, 4, 3) metres: an error that lasts a while, plus one that does not."""
    slow = wander(rng, (n, 4, 3), rate_hz=plan.rate_hz, tau_s=plan.slow_s) * plan.slow_noise_m
    white = rng.standard_normal((n, 4, 3)) * plan.white_noise_m
    error = slow + white
    error[:, 2:] *= plan.wrist_noise
    return np.asarray(error)


def tracked_people(
    scene: Scene, store_map: StoreMap, plan: TrackerPlan, *, until_s: float, seed: int
) -> Iterator[Outgoing]:
    """Yield every message of every upstream tracker until `until_s`."""
    for device in store_map.trackers:
        rng = stream(seed, "tracker", device)
        times_s = np.arange(rng.uniform(0.0, 1.0 / plan.rate_hz), until_s, 1.0 / plan.rate_hz)
        followed = [
            _Followed(body, number, times_s, plan, seed, device)
            for number, body in enumerate(scene.people)
        ]
        delays_us = latencies_us(rng, len(times_s), plan.latency_ms)
        for frame, delay_us in enumerate(delays_us):
            time_us = scene.start_us + to_us(float(times_s[frame]))
            build = partial(_message, device, followed, frame)
            yield Outgoing(device, time_us, time_us, time_us + delay_us, build)


def _message(device: str, followed: Sequence[_Followed], frame: int, stamp: Stamp) -> TrackedPeople:
    return TrackedPeople(
        device=device,
        sequence=stamp.sequence,
        boot=stamp.boot,
        time_us=stamp.time_us,
        people=tuple(one.person(frame) for one in followed if one.present[frame]),
    )
