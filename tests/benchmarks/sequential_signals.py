"""Hand-made shelf signals for the tests of the sequential baseline: one shelf, four plates."""

from itertools import pairwise

import numpy as np

from benchmarks.contestants.sequential.splitting import Change
from benchmarks.contestants.sequential.trigger import FloatArray, ShelfTrigger, WeightEvent
from store_engine.units import PlateId, ShelfId, to_us

RATE_HZ, PER_HOP = 60, 6
NOISE_G = 1.0
SHELF = ShelfId("1-1")
PLATES = tuple(PlateId(f"1-1-{i}") for i in range(1, 5))


def levels(*knots: tuple[float, tuple[float, ...]], until_s: float) -> FloatArray:
    """Return (samples, 4) grams: each knot holds from its second on; plus 1 g of noise."""
    clean = np.zeros((round(until_s * RATE_HZ), len(PLATES)))
    for (from_s, level), (to_s, _) in pairwise([*knots, (until_s, ())]):
        clean[round(from_s * RATE_HZ) : round(to_s * RATE_HZ)] = level
    return clean + NOISE_G * np.random.default_rng(7).standard_normal(clean.shape)


def events_in(samples: FloatArray) -> list[WeightEvent]:
    """Return what the trigger finds in one shelf's samples, which begin at time 0."""
    trigger = ShelfTrigger(SHELF, PLATES)
    found = []
    for first in range(0, len(samples), PER_HOP):
        end_us = to_us((first + PER_HOP) / RATE_HZ)
        found.append(trigger.hear(samples[first : first + PER_HOP], end_us))
    return [event for event in found if event is not None]


def change(*grams: float, moment_us: int = 0) -> Change:
    """Return a change of the first plates."""
    return Change(SHELF, PLATES[: len(grams)], grams, moment_us)
