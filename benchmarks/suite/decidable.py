"""Is the suite fair? Whether the data can decide each true line: by weight, person and product.

An engine that used everything the sensors say could know such a line; one it cannot know must be
named in its class (`TrialClass.undecidable`). The check looks at the true scene and at how good
the sensors are, never at an engine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.suite.explanations import clear_odds
from benchmarks.suite.movements import Movement, movements
from benchmarks.suite.nearness import gaps_m
from sim.faults import DeadCells, DeadDevice, DriftingShelf, Fault, parse_faults
from sim.reality import real_store
from sim.scenarios import Scenario
from sim.scene import Scene
from sim.sensors import SensorPlan
from sim.session import sensor_plan
from sim.world import build_scene
from store_engine.store import Store

SETTLED_S = 0.3  # a plate at rest so long gives one level (measured: swings die in 0.3 s to 1 s)
CLEAR_SIGMAS = 5.0  # of that level's error: a step that large is no noise
# Of the error between two wrists, that decides between two people: 95 % of draws are within it.
WRIST_SIGMAS = 2.0
CAMERA_WRIST_M = 0.06  # error of a wrist seen by two or more cameras (guess)
SAME_S = 1.5  # two people who take the same within this share the step: either way, one receipt
# Odds at which a line is charged (Policy.charge_above = 0.8 is four to one).
CLEAR_ODDS = 4.0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether one true movement can be known from the data, and by what."""

    movement: Movement
    by_weight: bool  # the step stands clear of its plate's noise
    by_person: bool  # the actor's wrist is clearly nearest
    by_product: bool  # nothing else explains the mass as well
    margin_m: float  # how much nearer the actor's wrist is than the next account's

    @property
    def decidable(self) -> bool:
        """Whether shopper and product can both be known."""
        return self.by_weight and self.by_person and self.by_product


def verdicts(
    scenario: Scenario, store: Store, *, seed: int, credentials: Sequence[tuple[str, str]]
) -> list[Verdict]:
    """Return what can be known of every movement of one session."""
    real = real_store(store, scenario.reality, scenario=scenario.name)
    scene = build_scene(scenario, real, seed=seed, credentials=credentials)
    return judged(scene, scenario, store, real)


def judged(scene: Scene, scenario: Scenario, store: Store, real: Store) -> list[Verdict]:
    """Return what can be known of every movement. `store` as filed, `real` as it is."""
    plan, faults = sensor_plan(scenario), parse_faults(scenario.faults)
    moved = list(movements(scene, real))
    worst_g, usual_g = level_errors_g(plan)
    found = []
    for one in moved:
        margin_m = _margin_m(one, scene, store)
        found.append(
            Verdict(
                movement=one,
                by_weight=_stands_out(one, moved, faults, store, worst_g),
                by_person=margin_m >= wrist_doubt_m(plan) or _shared(one, moved),
                by_product=clear_odds(one, store, usual_g) >= CLEAR_ODDS,
                margin_m=margin_m,
            )
        )
    return found


def level_errors_g(plan: SensorPlan) -> tuple[float, float]:
    """Return the sd of a step between two settled levels: of the noisiest plate, of a usual one.

    Grams. The first decides whether a step is seen, the second what masses tell apart.
    """
    if plan.weights is None:
        return np.inf, np.inf
    weights = plan.weights
    low_g, high_g = weights.noise_g
    found = []
    for white_g in (weights.plate_noise_g[1], np.sqrt(low_g * high_g)):
        level_g = white_g / np.sqrt(SETTLED_S * weights.rate_hz)
        found.append(float(np.hypot(np.sqrt(2.0) * level_g, weights.quantum_g)))
    return found[0], found[1]


def wrist_doubt_m(plan: SensorPlan) -> float:
    """Return how much nearer a wrist must be than another person's to decide between them."""
    if plan.tracker is None:
        return WRIST_SIGMAS * CAMERA_WRIST_M
    wrist_m = plan.tracker.slow_noise_m * plan.tracker.wrist_noise
    return float(WRIST_SIGMAS * np.sqrt(2.0) * wrist_m)


# ---- by weight -----------------------------------------------------------------------------------


def _stands_out(
    one: Movement, moved: Sequence[Movement], faults: Sequence[Fault], store: Store, level_g: float
) -> bool:
    """Return whether a working plate shows the step, merged with what it cannot be parted from."""
    together = [m for m in moved if m is one or _unsettled(one, m)]
    for plate in one.changes:
        shelf = store.map.plates[plate].shelf
        if _dead(str(shelf), str(store.map.plates[plate].device), one, faults):
            continue
        step_g = abs(sum(m.changes.get(plate, 0.0) for m in together))
        creep_g = _creep_g_s(str(shelf), faults) * (one.end_s - one.start_s)
        if step_g >= CLEAR_SIGMAS * level_g + creep_g:
            return True
    return False


def _unsettled(one: Movement, two: Movement) -> bool:
    """Return whether a plate has no rest between two movements."""
    apart_s = max(one.start_s, two.start_s) - min(one.end_s, two.end_s)
    return apart_s < SETTLED_S and not one.changes.keys().isdisjoint(two.changes)


def _dead(shelf: str, device: str, one: Movement, faults: Sequence[Fault]) -> bool:
    for fault in faults:
        if isinstance(fault, DeadCells | DeadDevice):
            where = fault.shelf if isinstance(fault, DeadCells) else fault.device
            until_s = fault.until_s if fault.until_s is not None else np.inf
            if (
                where in (shelf, device)
                and fault.from_s <= one.end_s + SETTLED_S
                and one.start_s <= until_s
            ):
                return True
    return False


def _creep_g_s(shelf: str, faults: Sequence[Fault]) -> float:
    drifting = (f for f in faults if isinstance(f, DriftingShelf) and f.shelf == shelf)
    return sum(abs(fault.g_per_min) for fault in drifting) / 60.0


# ---- by person -----------------------------------------------------------------------------------


def _margin_m(one: Movement, scene: Scene, store: Store) -> float:
    """Return how much nearer the actor's wrist was than the nearest of another account."""
    plates = [store.map.plates[plate] for plate in one.changes]
    gaps = gaps_m(scene, plates, start_s=one.start_s, end_s=one.end_s)
    accounts = {name: v.account for v in scene.truth.visits for name in v.people}
    mine = min(gap for name, gap in gaps.items() if accounts.get(name, name) == one.account)
    others = [gap for name, gap in gaps.items() if accounts.get(name, name) != one.account]
    return min(others, default=np.inf) - mine


def _shared(one: Movement, moved: Sequence[Movement]) -> bool:
    """Return whether another account did the same there at that moment: either way is right."""
    return any(
        two.account != one.account
        and two.action.gtin == one.action.gtin
        and two.action.action == one.action.action
        and two.action.quantity == one.action.quantity
        and abs(two.action.time_s - one.action.time_s) < SAME_S
        for two in moved
    )


def shares(found: Sequence[Verdict]) -> Mapping[str, float]:
    """Return the share of movements decidable by each kind of evidence; 1 when there are none."""
    kinds = ("by_weight", "by_person", "by_product", "decidable")
    return {
        kind: sum(getattr(v, kind) for v in found) / len(found) if found else 1.0 for kind in kinds
    }
