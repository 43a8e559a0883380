"""Who could have reached a plate around a step, as likelihood ratios.

For one person and one step, the ratio is p(what was seen | they did it) / p(the same | they only
were in the store). Distances to the plate's volume (the box above it, up to the next shelf) are
taken over a window of moves, never from one frame:

- a seen hand at distance d of a reaching hand: half-normal, spread by where a hand grips and by
  its own uncertainty; a hand is a palm's length beyond its wrist, on the line from the shoulder;
- a wrist lost for a moment: as it was last or next seen, spread by how far it may have moved;
- a wrist lost for long: the body is within an arm's length on the floor, with a Gaussian edge;
- of somebody who merely is around: flat up to `ELSEWHERE_M` for a body; hands that are not at work
  are seldom near a shelf, as if flat up to `HAND_ELSEWHERE_M`.

Each hand is as likely as the other to have done it. When exactly, nobody knows: clocks differ and
the moment of a step is an estimate. So the ratio is the mean over the frames around the moment,
each weighted by how likely that was the time; times without a frame count by the body.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from store_engine.attribution.history import Moves
from store_engine.attribution.volume import Volume
from store_engine.signals import Hand, TrackMoved, WeightStep
from store_engine.store_map import Plate
from store_engine.units import MessageRef, TrackId, seconds_between, to_us

AROUND_US = to_us(0.6)  # moves this long before and after a step's moment tell: three std
TIME_STD_S = 0.2  # of the moment against the frames: clocks differ, contacts last (guess)
LONGEST_US = to_us(10.0)  # of a long contact, only this far around its moment counts (guess)
STALE_US = to_us(3.0)  # a track lost at most this long before is still a candidate (guess)
WALK_M_S = 1.0  # how fast a lost track may have wandered, one std (guess; people walk 1.4)

RUN_M_S = 2.0  # nobody in a shop is faster for a second (guess)
FAR_M = 2.05  # who is further cannot reach: arm and five of its std

PALM_M = 0.08  # from the wrist to the point that grips (anthropometric tables: 7 to 9 cm)
SHOULDER_M = 0.3  # of the shoulders below the head's middle (anthropometric tables)
SHOULDER_HEIGHT_M = 1.35  # ... where no head is seen (anthropometric tables)
HAND_STD_M = 0.03  # from the point that grips to the space above the plate (guess)
ARM_M = 0.8  # body to plate on the floor while reaching (anthropometry: arm 0.75, and a lean)
ARM_STD_M = 0.25  # how softly that limit ends (guess)
ELSEWHERE_M = 3.0  # range over which a person who does not reach is spread (guess)
# Of people within 1.3 m who do nothing, 0.3 % have a palm within 0.1 m of a plate, as if spread
# over 36 m (measured in simulated crowds, 5353 looks). A third of it: hands also touch and leave.
HAND_ELSEWHERE_M = 12.0
WRIST_WRONG = 0.005  # share of reaches whose wrists are seen somewhere else (guess)
HAND_M_S = 1.0  # how fast a lost wrist may have moved, one std (guess; a reach peaks near 2)
LOST_S = 1.0  # a wrist lost for longer may be anywhere in arm's length (guess)
BEHIND = 0.05  # ratio for bodies behind the shelf, who would reach through it (guess)

FRAMES_MAX = 12  # of longer windows, about this many frames, evenly spaced, tell enough (guess)
NEGLIGIBLE = math.log(1e-6)  # candidates below are out of reach: "nobody" is likelier (guess)


class Reach(NamedTuple):
    """One person's likelihood ratio of having caused a step, and what it rests on."""

    track: TrackId
    log_ratio: float
    distance_m: float  # of the best frame: wrist to volume, or body to plate on the floor
    by: str  # "hand" or "body"
    time_us: int  # of the best frame
    cause: MessageRef


class _Frame(NamedTuple):
    ratio: float
    distance_m: float
    by: str
    moved: TrackMoved
    body: float  # the ratio of the body alone
    weight: float  # how likely this was the time, 1 at the moment


class _Judged:
    """How one track was judged, by which moves."""

    __slots__ = ("frames", "moves", "reach")

    def __init__(self) -> None:
        self.moves: list[TrackMoved] = []
        self.frames: dict[int, _Frame] = {}  # those that depend on no other moves, by time
        self.reach: Reach | None = None


def window(step: WeightStep) -> tuple[int, int]:
    """Return (since_us, until_us): the moves that say who caused `step`."""
    if not step.across_gap:
        return step.moment_us - AROUND_US, step.moment_us + AROUND_US
    since_us = max(step.began_us, step.moment_us - LONGEST_US) - AROUND_US
    return since_us, min(step.ended_us, step.moment_us + LONGEST_US) + AROUND_US


class Judge:
    """Says who had a chance to cause one step; asked again, it looks at what changed only."""

    def __init__(self, step: WeightStep, plate: Plate) -> None:
        self._step = step
        self._volume = Volume(plate)
        self._judged: dict[TrackId, _Judged] = {}

    def reaches(self, moves: Moves, until_us: int) -> tuple[Reach, ...]:
        """Return everybody with a chance to have caused the step, by moves up to `until_us`."""
        since_us, end_us = window(self._step)
        found = []
        for track in moves.tracks():
            frames = moves.between(track, since_us, min(end_us, until_us))
            if frames:
                reach = self._seen(track, frames)
            else:
                reach = _stale(self._volume.plate, moves, track, since_us)
            if reach is not None and reach.log_ratio > NEGLIGIBLE:
                found.append(reach)
        return tuple(found)

    def _seen(self, track: TrackId, frames: list[TrackMoved]) -> Reach | None:
        known = self._judged.get(track)
        if known is None:
            known = self._judged[track] = _Judged()
        if known.moves != frames:
            known.moves = frames
            known.reach = self._reach(frames, known.frames)
        return known.reach

    def _reach(self, moves: list[TrackMoved], known: dict[int, _Frame]) -> Reach | None:
        volume = self._volume
        middle = moves[len(moves) // 2]
        longest_s = max(
            seconds_between(moves[0].time_us, middle.time_us),
            seconds_between(middle.time_us, moves[-1].time_us),
        )
        if body_distance_m(volume.plate, middle) > FAR_M + RUN_M_S * longest_s:
            return None
        seen = [moved for moved in moves if len(moved.hands) > 1]
        judged: list[_Frame] = []
        for moved in moves[:: -(-len(moves) // FRAMES_MAX)]:
            frame = known.get(moved.time_us)
            if frame is None or frame.moved is not moved:
                frame = _judge(volume, moved, seen, _timely(self._step, moved.time_us))
                if len(moved.hands) > 1:  # or else other moves may tell more of its wrists
                    known[moved.time_us] = frame
            judged.append(frame)
        return _sum_up(judged)


def body_distance_m(plate: Plate, moved: TrackMoved) -> float:
    """Return the distance on the floor from a body, or its leaning head, to a plate's centre."""
    x, y, _ = plate.centre
    body = math.hypot(moved.x - x, moved.y - y)
    if moved.head is None:
        return body
    return min(body, math.hypot(moved.head[0] - x, moved.head[1] - y))


def _stale(plate: Plate, moves: Moves, track: TrackId, since_us: int) -> Reach | None:
    """Judge a track that was lost shortly before the window by where it last was."""
    moved = moves.last_before(track, since_us)
    if moved is None or moved.time_us < since_us - STALE_US:
        return None
    wander_m = WALK_M_S * seconds_between(moved.time_us, since_us)
    ratio, distance_m = _body_ratio(plate, moved, wander_m)
    return _sum_up([_Frame(ratio, distance_m, "body", moved, ratio, 1.0)])


def _sum_up(frames: Sequence[_Frame]) -> Reach | None:
    """Return the mean ratio over the times at which it may have been."""
    weight = sum(frame.weight for frame in frames)
    total = sum(frame.weight * frame.ratio for frame in frames)
    top = max(frames, key=_share)
    if weight < 1.0:  # hardly a frame in time: for the rest, where the body is
        total, weight = total + (1.0 - weight) * top.body, 1.0
    if total <= 0.0:
        return None
    moved, ratio = top.moved, total / weight
    return Reach(moved.track, math.log(ratio), top.distance_m, top.by, moved.time_us, moved.cause)


def _share(frame: _Frame) -> float:
    return frame.weight * frame.ratio


def _timely(step: WeightStep, time_us: int) -> float:
    """Return how likely a frame's time was that of the step, 1 at its moment."""
    if step.across_gap and step.began_us <= time_us <= step.ended_us:
        return 1.0  # the moment is unknown within a gap
    off_s = seconds_between(step.moment_us, time_us)
    return math.exp(-0.5 * (off_s / TIME_STD_S) ** 2)


def _judge(volume: Volume, moved: TrackMoved, seen: Sequence[TrackMoved], weight: float) -> _Frame:
    body, distance_m = _body_ratio(volume.plate, moved, 0.0)
    if distance_m > FAR_M:
        return _Frame(WRIST_WRONG * body, distance_m, "body", moved, body, weight)
    side, by = BEHIND if _is_behind(volume.plate, moved) else 1.0, "body"
    lost = max(0, 2 - len(moved.hands)) / 2
    total = lost * _lost_ratio(volume, moved, seen, body) if lost else 0.0
    if moved.hands:
        ratio, distance_m = _hands_ratio(volume, moved, 0.0)
        total, by = total + (1 - lost) * ratio, "hand"
    ratio = side * ((1 - WRIST_WRONG) * total + WRIST_WRONG * body)
    return _Frame(ratio, distance_m, by, moved, side * body, weight)


def _lost_ratio(
    volume: Volume, moved: TrackMoved, seen: Sequence[TrackMoved], body: float
) -> float:
    """Judge a wrist that is lost by where both were last or next seen, or else by the body."""
    if not seen:
        return body
    nearest = min(seen, key=lambda other: abs(other.time_us - moved.time_us))
    gap_s = abs(seconds_between(nearest.time_us, moved.time_us))
    return _hands_ratio(volume, nearest, HAND_M_S * gap_s)[0] if gap_s <= LOST_S else body


def _hands_ratio(volume: Volume, moved: TrackMoved, wander_m: float) -> tuple[float, float]:
    """Return (ratio, least distance) of hands of which each is as likely to have done it."""
    total, nearest_m = 0.0, math.inf
    for wrist in moved.hands:
        distance_m = volume.distance_m(*_palm(moved, wrist))
        total += _hand_ratio(distance_m, math.hypot(wrist.std_m, wander_m))
        nearest_m = min(nearest_m, distance_m)
    return total / len(moved.hands), nearest_m


def _palm(moved: TrackMoved, wrist: Hand) -> tuple[float, float, float]:
    """Return the point that grips: beyond the wrist, on the line from the shoulders."""
    height = SHOULDER_HEIGHT_M if moved.head is None else moved.head[2] - SHOULDER_M
    x, y, z, _ = wrist
    dx, dy, dz = x - moved.x, y - moved.y, z - height
    beyond = PALM_M / max(math.sqrt(dx * dx + dy * dy + dz * dz), PALM_M)
    return x + beyond * dx, y + beyond * dy, z + beyond * dz


def _hand_ratio(distance_m: float, std_m: float) -> float:
    spread = math.hypot(HAND_STD_M, std_m)
    if distance_m > 8 * spread:  # 1e-14: spares an exponential
        return 0.0
    density = math.sqrt(2 / math.pi) / spread * math.exp(-0.5 * (distance_m / spread) ** 2)
    return density * HAND_ELSEWHERE_M


def _body_ratio(plate: Plate, moved: TrackMoved, wander_m: float) -> tuple[float, float]:
    """Return (ratio, distance) of a body whose hands are not seen."""
    distance_m = body_distance_m(plate, moved)
    spread = math.sqrt(ARM_STD_M**2 + (moved.var_xx + moved.var_yy) / 2 + wander_m**2)
    density = 1 / (ARM_M + math.sqrt(math.pi / 2) * spread)
    beyond_m = max(0.0, distance_m - ARM_M)
    return ELSEWHERE_M * density * math.exp(-0.5 * (beyond_m / spread) ** 2), distance_m


def _is_behind(plate: Plate, moved: TrackMoved) -> bool:
    dx, dy = moved.x - plate.centre[0], moved.y - plate.centre[1]
    return dx * plate.outward[0] + dy * plate.outward[1] < 0.0
