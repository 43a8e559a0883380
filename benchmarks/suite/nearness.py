"""How near people's hands were to plates, as far as wrists and necks tell."""

from collections.abc import Sequence

import numpy as np

from sim.scene import JOINTS, FloatArray, Scene
from store_engine.store_map import Plate

WRISTS, NECK = [JOINTS.index("left_wrist"), JOINTS.index("right_wrist")], JOINTS.index("neck")
HAND_M = 0.08  # what a hand holds is this far beyond the wrist (Drillis and Contini: half a hand)
BEFORE_S, AFTER_S = 0.2, 0.1  # around a movement: the hand is there before goods leave (guess)
SAMPLES = 9


def gaps_m(
    scene: Scene, plates: Sequence[Plate], *, start_s: float, end_s: float
) -> dict[str, float]:
    """Return, per person present, the mean distance of their nearer hand to the goods on plates.

    Metres, over a moment around a movement; 0 above a plate's middle line. Long movements
    (a slow lift) are looked at as a whole.
    """
    times = np.linspace(start_s - BEFORE_S, end_s + AFTER_S, SAMPLES)
    gaps = {}
    for body in scene.people:
        hands = _hands(body.joints(times))
        if np.isnan(hands).all():
            continue
        to_plates = np.stack([_to_box(hands, plate) for plate in plates])
        gaps[body.person] = float(np.nanmean(to_plates.min(axis=(0, 2))))
    return gaps


def _hands(joints: FloatArray) -> FloatArray:
    """Return (n, 2, 3) where both hands are, from `joints` (n, 18, 3): beyond the wrists.

    They point away from the body: arms that cross reach further apart than their wrists are.
    """
    wrists = joints[:, WRISTS]
    away = wrists - joints[:, [NECK]]
    away[..., 2] = 0.0
    hands: FloatArray = wrists + HAND_M * away / np.linalg.norm(away, axis=-1, keepdims=True)
    return hands


def _to_box(points: FloatArray, plate: Plate) -> FloatArray:
    """Return the distance of `points` (n, 2, 3) to the room above a plate's middle line, metres.

    The middle line (towards the shopper) and not the whole plate: it tells neighbours apart.
    """
    off = points - np.array(plate.centre)
    along = off[..., :2] @ np.array(plate.along)
    outward = off[..., :2] @ np.array(plate.outward)
    beyond = np.stack(
        [
            np.abs(along),
            np.abs(outward) - plate.depth_m / 2,
            np.maximum(-off[..., 2], off[..., 2] - plate.headroom_m),
        ]
    )
    gap: FloatArray = np.linalg.norm(np.maximum(beyond, 0.0), axis=0)
    return gap
