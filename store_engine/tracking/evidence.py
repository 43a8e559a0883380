"""What a sighting tells about a person beside where they stand."""

from collections.abc import Callable, Sequence

import numpy as np

from store_engine.messages import PersonDetection, TrackedPerson
from store_engine.store_map import FloatArray
from store_engine.tracking.cameras import Fix
from store_engine.tracking.detections import COCO_JOINTS, JOINT_SCORE, WRISTS, Sighting
from store_engine.tracking.lifecycle import Track, WristView
from store_engine.tracking.upstream import joints

LOOKS_COST = 10.0  # of an opposite appearance, in units of squared Mahalanobis distance (guess)
_UNKNOWN_COST = 0.3 * LOOKS_COST  # of an appearance nobody can compare (guess)
_APPEARANCE_MEMORY = 0.9  # share of the old appearance kept at every sighting (guess)


def note_detection(
    track: Track, person: PersonDetection, sighting: Sighting, *, camera: str, time_us: int
) -> None:
    """Learn height, looks, wrists and products in hand from a camera's detection."""
    if sighting.head_m is not None:
        track.height = track.height.measured(sighting.head_m, sighting.head_var_m2, time_us)
    if sighting.head_seen:
        track.head_us = time_us
    if len(person.keypoints) == COCO_JOINTS and track.name is not None:
        track.wrist_views[camera] = _wrists(person, time_us)
    for gtin, score in person.in_hand.items():
        track.in_hand[gtin] = max(score, track.in_hand.get(gtin, 0.0))
    if person.appearance:
        track.appearance = _blend(track.appearance, _unit(person.appearance))


def note_person(
    track: Track, person: TrackedPerson, fix: Fix, *, device: str, time_us: int
) -> None:
    """Learn the upstream id, height, head and wrists from an upstream tracker's person."""
    track.upstream[device] = person.track
    head, left, right = joints(person, fix, time_us)
    if head is not None:
        track.head = head
        track.height = track.height.measured(head.z, head.std_m**2, time_us)
    if left is not None:
        track.wrists["left"] = left
    if right is not None:
        track.wrists["right"] = right


def looks(
    tracks: Sequence[Track], people: Sequence[PersonDetection]
) -> Callable[[int, int], float] | None:
    """Return (row, column) -> what appearance adds to the cost; None where nobody has one."""
    if not any(person.appearance for person in people):
        return None
    seen = [_unit(person.appearance) for person in people]

    def cost(row: int, column: int) -> float:
        known, fresh = tracks[row].appearance, seen[column]
        if known is None or fresh is None or known.shape != fresh.shape:
            return _UNKNOWN_COST
        return 0.5 * LOOKS_COST * (1.0 - float(known @ fresh))

    return cost


def _wrists(person: PersonDetection, time_us: int) -> WristView:
    (left_x, left_y, left), (right_x, right_y, right) = person.keypoints[WRISTS]
    return WristView(
        time_us,
        (left_x, left_y) if left >= JOINT_SCORE else None,
        (right_x, right_y) if right >= JOINT_SCORE else None,
    )


def _blend(known: FloatArray | None, fresh: FloatArray | None) -> FloatArray | None:
    """Return the running appearance, a unit vector."""
    if known is None or fresh is None or known.shape != fresh.shape:
        return known if fresh is None else fresh
    mixed = _APPEARANCE_MEMORY * known + (1.0 - _APPEARANCE_MEMORY) * fresh
    return _unit(mixed.tolist())


def _unit(vector: Sequence[float]) -> FloatArray | None:
    """Return the vector at unit length; None when it has no direction."""
    array = np.array(vector, dtype=np.float64)
    length = float(np.sqrt(array @ array))
    return array / length if 0.0 < length < np.inf else None
