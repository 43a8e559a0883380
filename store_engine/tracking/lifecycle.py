"""When a track earns its name, how long it lives unseen, and when it may be resumed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from store_engine.store_map import FloatArray
from store_engine.tracking.heights import HEAD_STD_M, Height
from store_engine.units import TrackId, seconds_between, to_us

CONFIRM_HITS = 4  # sightings that make a person of a rumour (guess)
# ... out of the frames whose camera looks there. Random false boxes stay near a tenth, a person
# whom one of five cameras sees behind the shelves reaches a fifth (guess).
CONFIRM_SHARE = 0.2
TENTATIVE_US = to_us(0.7)  # a rumour dies after this much silence (guess)
COAST_US = to_us(1.8)  # a person unseen for longer than a passing occlusion is lost (guess)
LOST_US = to_us(10.0)  # how long a lost person can still be resumed (guess)
UNSEEN_US = to_us(0.4)  # nobody who was seen this recently is somebody else's past (guess)
TWIN_M = 0.5  # two bodies are rarely closer: nearer tracks may be one person twice (guess)
TWIN_WITNESSES = 2  # frames that must show both before twins count as two people (guess)
_AMBIGUOUS = 6.0  # 2 ln 20: the best explanation must be twenty times likelier (guess)
_LOOKS_LIKE = 5.0  # cost of an opposite appearance, halves of it for a right angle (guess)
_SAME_UPSTREAM = 12.0  # an upstream tracker's unchanged id outweighs any distance in reach (guess)


class WristView(NamedTuple):
    """Both wrists as one camera last saw them, in pixels; None where hidden."""

    time_us: int
    left: tuple[float, float] | None
    right: tuple[float, float] | None


class Joint3(NamedTuple):
    """A joint as an upstream tracker last placed it, metres."""

    time_us: int
    x: float
    y: float
    z: float
    std_m: float


@dataclass(slots=True, kw_only=True, eq=False)
class Track:
    """What is known of one person beside the belief about their motion."""

    name: TrackId | None = None  # None until confirmed
    first_us: int
    seen_us: int
    hits: int = 1
    looks: int = 1  # frames that could have seen them
    apart: int = 0  # frames that showed them next to a named track
    came_in: bool = False  # first seen at a gate
    due_us: int = 0  # no earlier word about them than this
    height: Height = field(default_factory=Height)
    appearance: FloatArray | None = None  # unit vector
    head_us: int = -1  # when a camera last saw their head
    head: Joint3 | None = None
    wrist_views: dict[str, WristView] = field(default_factory=dict)  # by camera
    wrists: dict[str, Joint3] = field(default_factory=dict)  # "left", "right"
    in_hand: dict[str, float] = field(default_factory=dict)  # best score since last reported
    upstream: dict[str, str] = field(default_factory=dict)  # upstream tracker -> its id for them


class Whereabouts(NamedTuple):
    """A track and where it was (lost) or is (newcomer), metres."""

    track: Track
    x: float
    y: float


def is_over(track: Track, time_us: int) -> bool:
    """Whether nothing was seen of a track for too long."""
    return time_us - track.seen_us > (TENTATIVE_US if track.name is None else COAST_US)


def is_somebody(track: Track) -> bool:
    """Whether a tentative track was seen often enough to be a person."""
    return track.hits >= CONFIRM_HITS and track.hits >= CONFIRM_SHARE * track.looks


def past_of(
    newcomer: Whereabouts,
    rivals: Sequence[Whereabouts],
    missing: Sequence[Whereabouts],
    *,
    time_us: int,
) -> int | None:
    """Return which of the missing people the newcomer is, or None when that is not clear.

    It is clear when somebody missing could have walked here, and this explains newcomer and
    missing person far better than pairing either with anybody else.

    Args:
        newcomer: a track about to be confirmed.
        rivals: other tentative tracks, which might be the missing person instead.
        missing: tracks that are lost or coasting.
        time_us: now.
    """
    costs = [resume_cost(newcomer, lost, time_us=time_us) for lost in missing]
    if not costs or min(costs) == math.inf:
        return None
    best = costs.index(min(costs))
    others = costs[:best] + costs[best + 1 :]
    others += [resume_cost(rival, missing[best], time_us=time_us) for rival in rivals]
    return best if min(others, default=math.inf) - costs[best] > _AMBIGUOUS else None


def resume_cost(new: Whereabouts, lost: Whereabouts, *, time_us: int) -> float:
    """Return minus twice the log-likelihood that two tracks are one person; inf if impossible."""
    if time_us - lost.track.seen_us < UNSEEN_US or new.track.came_in:
        return math.inf
    gap_s = seconds_between(lost.track.seen_us, time_us)
    distance = math.hypot(new.x - lost.x, new.y - lost.y)
    overlap = new.track.first_us <= lost.track.seen_us
    if overlap and (distance > TWIN_M or new.track.apart >= TWIN_WITNESSES):
        return math.inf
    if distance > 0.5 + 1.5 * gap_s:  # a brisk walk, metres (guess)
        return math.inf
    std_m = 0.3 + 0.5 * gap_s  # shoppers dawdle: half a metre per second (guess)
    cost = (distance / std_m) ** 2 + 4.0 * math.log(std_m)
    return cost + _unlike(new.track, lost.track)


def _unlike(one: Track, other: Track) -> float:
    """What heights, looks and upstream ids say against two tracks being one person."""
    var = one.height.var_m2 + other.height.var_m2
    cost = (one.height.mean_m - other.height.mean_m) ** 2 / (var + HEAD_STD_M**2)
    if any(other.upstream.get(device) == name for device, name in one.upstream.items()):
        cost -= _SAME_UPSTREAM
    if one.appearance is None or other.appearance is None:
        return cost
    if one.appearance.shape != other.appearance.shape:
        return cost
    return cost + _LOOKS_LIKE * (1.0 - float(one.appearance @ other.appearance))
