"""Whether somebody who turns up is somebody who was lost: when a name may be resumed."""

import math
from collections.abc import Sequence

from store_engine.tracking.heights import HEAD_STD_M
from store_engine.tracking.lifecycle import Track, distance_m
from store_engine.tracking.twins import seen_together
from store_engine.units import seconds_between, to_us

LOST_US = to_us(10.0)  # how long a lost person can still be resumed (guess)
UNSEEN_US = to_us(0.4)  # somebody unseen for longer than usual may have turned up elsewhere (guess)
ADRIFT = 0.2  # ... as may a track that gets less than this share of the frames it should (guess)
_AMBIGUOUS = 6.0  # 2 ln 20: the best explanation must be twenty times likelier (guess)
_OVERLAP_M = 1.0  # a new track that grew beside one adrift may be its continuation (guess)
_LOOKS_LIKE = 5.0  # cost of looks at a right angle; opposite ones cost twice that (guess)
_SAME_UPSTREAM = 12.0  # an upstream tracker's unchanged id outweighs any distance in reach (guess)


def past_of(newcomer: Track, rivals: Sequence[Track], missing: Sequence[Track]) -> Track | None:
    """Return who of the missing the newcomer is, or None when that is not clear.

    It is clear when somebody missing could have walked here, and this explains newcomer and
    missing person far better than pairing either with anybody else.

    Args:
        newcomer: a track about to be confirmed, seen just now.
        rivals: other tentative tracks, which might be the missing person instead.
        missing: tracks that are lost or coasting.
    """
    now_us = newcomer.seen_us
    costs = [resume_cost(newcomer, lost, time_us=now_us) for lost in missing]
    if not costs or min(costs) == math.inf:
        return None
    best = costs.index(min(costs))
    others = costs[:best] + costs[best + 1 :]
    others += [resume_cost(rival, missing[best], time_us=now_us) for rival in rivals]
    clear = min(others, default=math.inf) - costs[best] > _AMBIGUOUS
    return missing[best] if clear else None


def resume_cost(new: Track, lost: Track, *, time_us: int) -> float:
    """Return minus twice the log-likelihood that two tracks are one person; inf if impossible."""
    if new.came_in or not is_missing(lost, time_us):
        return math.inf
    gap_s = seconds_between(min(lost.seen_us, new.first_us), time_us)
    away_m = distance_m(new.belief, lost.belief)
    overlap = new.first_us <= lost.seen_us
    if overlap and (away_m > _OVERLAP_M or seen_together(new, lost)):
        return math.inf
    if away_m > 0.5 + 1.5 * gap_s:  # a brisk walk, metres (guess)
        return math.inf
    std_m = 0.3 + 0.5 * gap_s  # shoppers dawdle: half a metre per second (guess)
    return (away_m / std_m) ** 2 + 4.0 * math.log(std_m) + _unlike(new, lost)


def is_missing(track: Track, time_us: int) -> bool:
    """Whether a track has lost its person, by the looks of it."""
    return time_us - track.seen_us >= UNSEEN_US or track.detection < ADRIFT


def _unlike(one: Track, other: Track) -> float:
    """What heights, looks and upstream ids say against two tracks being one person."""
    var = one.height.var_m2 + other.height.var_m2 + HEAD_STD_M**2
    cost = (one.height.mean_m - other.height.mean_m) ** 2 / var
    if any(other.upstream.get(device) == name for device, name in one.upstream.items()):
        cost -= _SAME_UPSTREAM
    if one.appearance is None or other.appearance is None:
        return cost
    if one.appearance.shape != other.appearance.shape:
        return cost
    return cost + _LOOKS_LIKE * (1.0 - float(one.appearance @ other.appearance))
