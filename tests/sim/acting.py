"""What tests of scripted acts look at: where hands were, and what plates felt for good."""

from typing import Any

import numpy as np
from aisle_store import aisle_store, scripted_scene

from sim.scene import JOINTS, Action, Load, Scene
from store_engine.units import PlateId

WRISTS = [JOINTS.index("left_wrist"), JOINTS.index("right_wrist")]
AT_HAND_M = 0.20  # a hand's length and what it holds
TEA, JUICE, WATER = "00000013", "00000014", "00000015"  # neighbours: 1-4-1, 1-4-4 and 1-4-7 on


def ann(*steps: dict[str, Any], **words: Any) -> dict[str, Any]:
    """One scripted shopper."""
    return {"name": "ann", "steps": list(steps), **words}


def ben(*steps: dict[str, Any], **words: Any) -> dict[str, Any]:
    """Another one."""
    return {"name": "ben", "steps": list(steps), **words}


def done(scene: Scene, kind: str) -> list[Action]:
    """Return the actions of one kind, in order of time."""
    return [action for action in scene.truth.actions if action.action == kind]


def alone(*steps: dict[str, Any], seed: int = 0, **words: Any) -> Scene:
    """Let one shopper do exactly this."""
    return scripted_scene(ann(*steps, **words), seed=seed)


def owed(scene: Scene) -> list[dict[str, int]]:
    """Return what each visit owes."""
    return [dict(visit.items) for visit in scene.truth.visits]


def moved_g(scene: Scene, *, sign: int) -> float:
    """Return the grams that all loads of one sign add or take away."""
    return sum(load.change_g for load in scene.loads if load.change_g * sign > 0)


def main_load(scene: Scene, action: Action) -> Load:
    """Return the load of an action: the one of its plate that is nearest in time."""
    on = [load for load in scene.loads if load.plate == action.plate]
    return min(on, key=lambda load: abs((load.start_s + load.end_s) / 2 - action.time_s))


def hand_gaps_m(scene: Scene, person: str, plate: PlateId, time_s: float) -> list[float]:
    """Return how far each wrist, left first, is from the plate's rectangle."""
    where = aisle_store().map.plates[plate]
    body = next(body for body in scene.people if body.person == person)
    off = body.joints(np.array([time_s]))[0, WRISTS] - np.array(where.centre)
    along = np.maximum(np.abs(off[:, :2] @ np.array(where.along)) - where.width_m / 2, 0.0)
    out = np.maximum(np.abs(off[:, :2] @ np.array(where.outward)) - where.depth_m / 2, 0.0)
    return [float(gap) for gap in np.sqrt(along**2 + out**2 + off[:, 2] ** 2)]


def hand_is_there(scene: Scene, action: Action, time_s: float | None = None) -> bool:
    """Return whether a hand of the one who did it was at its plate then."""
    assert action.plate is not None
    when_s = main_load(scene, action).start_s if time_s is None else time_s
    return min(hand_gaps_m(scene, action.person, action.plate, when_s)) < AT_HAND_M
