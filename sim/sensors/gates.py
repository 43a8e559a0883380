"""Gates: a credential is shown, somebody passes."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from sim.scene import Pass, Scan, Scene
from sim.sensors.noise import stream
from sim.sensors.outgoing import Outgoing, Stamp, latencies_us
from sim.sensors.plan import GatePlan
from store_engine.messages import GateCrossing, GateScan, Point2
from store_engine.units import to_us


def gate_messages(scene: Scene, plan: GatePlan, *, seed: int) -> Iterator[Outgoing]:
    """Yield a message for every scan and every pass."""
    rng = stream(seed, "gates")
    acts: list[Scan | Pass] = sorted((*scene.scans, *scene.passes), key=lambda act: act.time_s)
    delays_us = latencies_us(rng, len(acts), plan.latency_ms)
    for act, delay_us in zip(acts, delays_us, strict=True):
        time_us = scene.start_us + to_us(act.time_s)
        if isinstance(act, Scan):
            build = partial(_scan, act)
            yield Outgoing(act.gate, time_us, time_us, time_us + delay_us, build)
        else:
            position = _position(act, plan, rng)
            crossing = partial(_crossing, act, position)
            yield Outgoing(act.gate, time_us, time_us, time_us + delay_us, crossing)


def _position(act: Pass, plan: GatePlan, rng: np.random.Generator) -> Point2 | None:
    if not plan.position:
        return None
    x, y = np.round(act.position + plan.position_noise_m * rng.standard_normal(2), 3).tolist()
    return x, y


def _scan(act: Scan, stamp: Stamp) -> GateScan:
    return GateScan(
        device=act.gate,
        sequence=stamp.sequence,
        boot=stamp.boot,
        time_us=stamp.time_us,
        credential=act.credential,
    )


def _crossing(act: Pass, position: Point2 | None, stamp: Stamp) -> GateCrossing:
    return GateCrossing(
        device=act.gate,
        sequence=stamp.sequence,
        boot=stamp.boot,
        time_us=stamp.time_us,
        direction=act.direction,
        position=position,
    )
