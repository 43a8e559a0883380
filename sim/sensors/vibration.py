"""Vibration: footsteps and hands shake shelves, and every plate of a shelf swings its own way.

Three resonances see the same kicks: one of the gondola on its floor, one of the shelf board,
one of the plate with what lies on it. Their mixture differs from plate to plate, sign included,
as it does in the real recording (neighbouring plates correlate by 0.25 on average, of either
sign).
"""

from collections.abc import Sequence

import numpy as np

from sim.scene import Footstep
from sim.sensors.noise import FloatArray, log_uniform, ring, stream
from sim.sensors.plan import WeightsPlan

STEP_S = 0.4  # heel strike, roll and push-off shake the floor this long; guess, by eye
STANCE_SHARE = 0.6  # of the log of the swing; measured: one gondola of four swings, all shelves
MIX_FLOOR, MIX_SHELF, MIX_PLATE = 0.5, 0.6, 0.6  # sd of each resonance's share; guess


def footstep_kicks(
    footsteps: Sequence[Footstep],
    times_s: FloatArray,
    centre: tuple[float, float],
    plan: WeightsPlan,
    seed: int,
) -> FloatArray:
    """Return (n,) how hard the floor under `centre` is kicked: 1.0 a normal step at 1 m.

    Falls with distance d as 1 / (1 + (d / reach)^2), scaled to 1 at 1 m.
    """
    if not footsteps:
        return np.zeros(len(times_s))
    where = np.array([step.position for step in footsteps])
    strength = np.array([step.strength for step in footsteps])
    reach2 = plan.step_reach_m**2
    distance2 = ((where - np.array(centre)) ** 2).sum(axis=1)
    force = strength * (1.0 + 1.0 / reach2) / (1.0 + distance2 / reach2)
    first = np.searchsorted(times_s, [step.time_s for step in footsteps])
    envelope = np.sin(
        np.pi * (np.arange(int(STEP_S * plan.rate_hz)) + 0.5) / (STEP_S * plan.rate_hz)
    )
    shapes = stream(seed, "footsteps").standard_normal((len(footsteps), len(envelope)))
    kicks = np.zeros(len(times_s) + len(envelope))
    for sample, height in enumerate(envelope / np.linalg.norm(envelope)):
        np.add.at(kicks, first + sample, height * force * shapes[:, sample])
    return kicks[: len(times_s)]


def swing_of_shelf(
    floor_kicks: FloatArray,
    hand_force_g: FloatArray,
    *,
    names: tuple[str, str],
    plan: WeightsPlan,
    seed: int,
) -> FloatArray:
    """Return (n, plates) grams that the plates of one shelf swing by.

    floor_kicks: (n,) from `footstep_kicks`. hand_force_g: (n, plates) what hands and goods do.
    names: (gondola, shelf), which own the resonances.
    """
    gondola, shelf = names
    n_plates = hand_force_g.shape[1]
    rng = stream(seed, "swing", shelf)
    swing_g = _swing_per_step_g(gondola, rng, plan, seed)
    jolts_g = np.diff(hand_force_g, axis=0, prepend=hand_force_g[:1])
    share = rng.uniform(*plan.shake_share)
    kicks = floor_kicks * swing_g + share * jolts_g.sum(axis=1)
    floor = _resonance(kicks, stream(seed, "floor", gondola), plan.floor_mode_hz, plan)
    board = _resonance(kicks, rng, plan.shelf_mode_hz, plan)
    mix = rng.standard_normal((3, n_plates)) * [[MIX_FLOOR], [MIX_SHELF], [MIX_PLATE]]
    total = np.outer(floor, mix[0]) + np.outer(board, mix[1])
    for plate in range(n_plates):
        own = _resonance(kicks, rng, plan.plate_mode_hz, plan)
        total[:, plate] += mix[2, plate] * own
    return total


def _swing_per_step_g(
    gondola: str, rng: np.random.Generator, plan: WeightsPlan, seed: int
) -> float:
    """Return how far a step swings a shelf: partly its gondola's stance, partly its own board."""
    stance = log_uniform(stream(seed, "stance", gondola), *plan.step_swing_g)
    board = log_uniform(rng, *plan.step_swing_g)
    return float(stance**STANCE_SHARE * board ** (1.0 - STANCE_SHARE))


def _resonance(
    kicks: FloatArray,
    rng: np.random.Generator,
    band_hz: tuple[float, float],
    plan: WeightsPlan,
) -> FloatArray:
    return ring(
        kicks,
        rate_hz=plan.rate_hz,
        frequency_hz=rng.uniform(*band_hz),
        decay_s=rng.uniform(*plan.mode_decay_s),
    )
