"""Who did it: the customer whose wrist, or else whose head, came nearest."""

import math
from collections.abc import Callable, Iterable

from store_engine.signals import TrackMoved
from store_engine.store_map import Plate
from store_engine.units import Gtin, to_us

AROUND_US = to_us(0.5)  # frames this long before and after the moment are looked at (guess)
ARM_M = 0.35  # a head alone counts as this much nearer: a bent arm (guess)
IN_HAND_US = to_us(1.5)  # what is taken is seen in the hand for this long after (guess)
NEAR_M = 1.2  # further away nobody reaches (guess)


def distance_m(moved: TrackMoved, plate: Plate) -> float:
    """Return how far a person is from a plate: by wrist where seen, by head else, metres."""
    x, y, z = plate.centre
    if moved.hands:
        return min(math.dist((hand.x, hand.y, hand.z), (x, y, z)) for hand in moved.hands)
    head_x, head_y = (moved.x, moved.y) if moved.head is None else moved.head[:2]
    return max(0.0, math.hypot(head_x - x, head_y - y) - ARM_M)


def distances_m(
    seen: Iterable[TrackMoved],
    plate: Plate,
    moment_us: int,
    account_of: Callable[[str], str | None],
) -> dict[str, float]:
    """Return how near each account's people came around a moment, nearest first."""
    nearest: dict[str, float] = {}
    for moved in seen:
        if abs(moved.time_us - moment_us) > AROUND_US:
            continue
        account = account_of(moved.track)
        if account is not None:
            away_m = distance_m(moved, plate)
            nearest[account] = min(away_m, nearest.get(account, away_m))
    return dict(sorted(nearest.items(), key=lambda entry: (entry[1], entry[0])))


def seen_in_hands(seen: Iterable[TrackMoved], plate: Plate, moment_us: int) -> dict[Gtin, float]:
    """Return the best camera score of each product held near a plate just after a moment."""
    best: dict[Gtin, float] = {}
    for moved in seen:
        late_us = moved.time_us - moment_us
        if moved.in_hand and 0 <= late_us <= IN_HAND_US and distance_m(moved, plate) < NEAR_M:
            for gtin, score in moved.in_hand:
                best[gtin] = max(score, best.get(gtin, 0.0))
    return best
