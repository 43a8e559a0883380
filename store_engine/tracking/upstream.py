"""People from an upstream 3-D tracker: joints in store coordinates -> floor positions."""

import math
from collections.abc import Callable, Sequence

from store_engine.messages import Joint, TrackedPerson
from store_engine.tracking.cameras import Fix
from store_engine.tracking.lifecycle import Joint3, Track

# How far each joint is from the body's axis, beside the tracker's own error (guess).
NECK_STD_M = 0.06
HEAD_STD_M = 0.10  # heads bend forward
WRIST_STD_M = 0.45  # an arm's reach
UNSURE_STD_M = 0.20  # what a score of 0 adds, against a score of 1 (guess)
JOINT_STD_M = 0.04  # of a triangulated joint with a score of 1 (guess)
LONGEST_ARM_M = 1.2  # a wrist further than this from the neck in plan is somebody else's (guess)
LOWEST_M, HIGHEST_M = -0.5, 2.6  # no joint is below or above (guess)
# An unchanged upstream id is worth this much in the assignment: a hint, not an order. Two people
# half a metre apart who swap places overrule it within a second (guess).
HINT = 6.0


def place(person: TrackedPerson) -> Fix | None:
    """Return where the person stands, from their surest joint; None when all are lost."""
    for joint, std_m in ((person.neck, NECK_STD_M), (person.head, HEAD_STD_M)):
        if joint is not None and _is_real(joint):
            return _fix(joint.at[0], joint.at[1], std_m + UNSURE_STD_M * (1.0 - joint.score))
    wrists = [
        joint.at
        for joint in (person.left_wrist, person.right_wrist)
        if joint is not None and _is_real(joint)
    ]
    if not wrists:
        return None
    count = len(wrists)
    return _fix(sum(at[0] for at in wrists) / count, sum(at[1] for at in wrists) / count,
                WRIST_STD_M)  # fmt: skip


def hints(
    tracks: Sequence[Track],
    people: Sequence[TrackedPerson],
    device: str,
    *,
    is_outside: Callable[[Track], bool],
) -> Callable[[int, int], float]:
    """Return (row, column) -> what the tracker's own ids add to the cost of a pair.

    `is_outside` tells who is beyond a gate. People do come and go there, so another id is another
    person; inside, it is the same person renamed.
    """
    known = [track.upstream.get(device) for track in tracks]

    def cost(row: int, column: int) -> float:
        if known[row] == people[column].track:
            return -HINT
        return math.inf if known[row] is not None and is_outside(tracks[row]) else 0.0

    return cost


def joints(
    person: TrackedPerson, fix: Fix, time_us: int
) -> tuple[Joint3 | None, Joint3 | None, Joint3 | None]:
    """Return head, left and right wrist, with their uncertainty; None where they make no sense."""
    head, left, right = person.head, person.left_wrist, person.right_wrist
    return (
        _seen(head, time_us) if head is not None and _is_real(head) else None,
        _seen(left, time_us) if left is not None and _in_reach(left, fix) else None,
        _seen(right, time_us) if right is not None and _in_reach(right, fix) else None,
    )


def _fix(x: float, y: float, std_m: float) -> Fix:
    return Fix(x, y, std_m * std_m, 0.0, std_m * std_m)


def _seen(joint: Joint, time_us: int) -> Joint3:
    x, y, z = joint.at
    return Joint3(time_us, x, y, z, JOINT_STD_M + UNSURE_STD_M * (1.0 - joint.score))


def _is_real(joint: Joint) -> bool:
    """Whether the joint is a place a person can have; not a number is none."""
    x, y, z = joint.at
    return math.isfinite(x) and math.isfinite(y) and LOWEST_M < z < HIGHEST_M


def _in_reach(joint: Joint, fix: Fix) -> bool:
    """Whether the joint is a place this person can reach; not a number is none."""
    x, y, z = joint.at
    return LOWEST_M < z < HIGHEST_M and math.hypot(x - fix.x, y - fix.y) < LONGEST_ARM_M
