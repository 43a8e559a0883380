"""What is known of one person; when a track earns its name, and how long it lives unseen."""

import math
from dataclasses import dataclass, field

import msgspec

from store_engine.store_map import FloatArray
from store_engine.tracking.heights import Height
from store_engine.tracking.kalman import Belief
from store_engine.units import TrackId, to_us

# Sightings that make a person of a rumour, and their share of the frames whose camera looks there.
# People come in by the gates; inside, whoever is new was hidden or lost, or is a mistake (guesses:
# random false boxes hit the same spot in less than one frame of a hundred, misplaced ones in a
# tenth, people in a crowd in a quarter).
CONFIRM_AT_GATE = (4, 0.1)
CONFIRM_INSIDE = (8, 0.2)
RUMOUR = 0.1  # share of frames expected to see somebody of whom nothing is known (guess)
_DETECTION_LOOKS = 20.0  # frames over which that share is learned: 0.3 to 2 s (guess)
_SURELY, _HARDLY = 0.99, 0.01  # no detector is better, and no person in view worse (guess)
TENTATIVE_US = to_us(0.7)  # a rumour dies after this much silence (guess)
COAST_US = to_us(1.8)  # a person unseen for longer than a passing occlusion is lost (guess)
GONE_CHANCE = 1e-3  # beyond a gate, who is so unlikely to be missed again has left (guess)


class WristView(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Both wrists as one camera last saw them, in pixels; None where hidden."""

    time_us: int
    left: tuple[float, float] | None
    right: tuple[float, float] | None


class Joint3(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A joint as an upstream tracker last placed it, metres."""

    time_us: int
    x: float
    y: float
    z: float
    std_m: float


@dataclass(slots=True, kw_only=True, eq=False)
class Track:
    """What is known of one person."""

    key: str  # tells tracks apart before they have a name
    belief: Belief  # at `seen_us`
    seen_us: int
    first_us: int
    name: TrackId | None = None  # None until confirmed
    hits: int = 1
    looks: int = 1  # frames that could have seen them
    detection: float = RUMOUR  # how likely a frame that could see them does
    unseen: float = 1.0  # how likely all the frames since `seen_us` missed them
    came_in: bool = False  # first seen at a gate
    double: bool = False  # a second track of somebody
    beside: dict[str, tuple[int, int]] = field(default_factory=dict)  # see `twins`
    due_us: int = 0  # no earlier word about them than this
    height: Height = field(default_factory=Height)
    appearance: FloatArray | None = None  # unit vector
    head_us: int = -1  # when a camera last saw their head
    head: Joint3 | None = None
    wrist_views: dict[str, WristView] = field(default_factory=dict)  # by camera
    wrists: dict[str, Joint3] = field(default_factory=dict)  # "left", "right"
    in_hand: dict[str, float] = field(default_factory=dict)  # best score since last reported
    upstream: dict[str, str] = field(default_factory=dict)  # upstream tracker -> its id for them


def is_over(track: Track, time_us: int) -> bool:
    """Whether nothing was seen of a track for too long, or nothing of its own ever."""
    limit_us = TENTATIVE_US if track.name is None else COAST_US
    return time_us - track.seen_us > limit_us or track.double


def is_somebody(track: Track) -> bool:
    """Whether a tentative track was seen often enough to be a person."""
    hits, share = CONFIRM_AT_GATE if track.came_in else CONFIRM_INSIDE
    return track.hits >= hits and track.hits >= share * track.looks


def note_hit(track: Track) -> None:
    """Count a frame that could see somebody, and did."""
    track.looks += 1
    track.hits += 1
    track.unseen = 1.0
    track.detection += (_SURELY - track.detection) / _DETECTION_LOOKS


def note_miss(track: Track) -> None:
    """Count a frame that could see somebody, and did not."""
    track.looks += 1
    track.unseen *= 1.0 - track.detection
    track.detection += (_HARDLY - track.detection) / _DETECTION_LOOKS


def handicap(track: Track) -> float:
    """Return what speaks against a sighting being this track: -2 ln of its odds to be seen.

    A sighting explained by a track nobody ever sees is less likely than one explained by a person
    in plain view (the P_D / (1 - P_D) of multi-target association; Bar-Shalom et al. 2001).
    """
    return -2.0 * math.log(track.detection / (1.0 - track.detection))


def distance_m(one: Belief, other: Belief) -> float:
    """How far apart two people are."""
    return math.hypot(one.x - other.x, one.y - other.y)
