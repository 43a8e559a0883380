"""When something could have changed hands: two people's hands together, between them.

Pairs are looked at as moves come in, so that a meeting is known however long ago it was; only
those whose bodies are near, a few times a second. One look at one pair is a likelihood ratio,
p(seen | they hand something over) / p(seen | they only stand near each other):

- the vector between a wrist of each: Gaussian around 0, against anywhere within their reach;
- where those wrists meet: between the two bodies, against before both of them, as when two
  people reach into the same shelf. The measure is the detour of the way from one body to the
  other by that place, on the floor;
- each of the four pairs of wrists is as likely as the others; wrists that are lost say nothing.

A hand-over takes some tenths of a second, so the latest few looks are taken together, and what
they say is weighed against how seldom people who meet hand anything over.
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any, NamedTuple

from store_engine.attribution.history import Moves
from store_engine.attribution.naming import AROUND_US, Named, as_rows, from_rows, names_of
from store_engine.signals import Hand, TrackMoved
from store_engine.units import MessageRef, TrackId, to_us

NEAR_M = 1.3  # bodies further apart hand nothing over: two forearms and a lean (anthropometry)
LOOK_EVERY_US = to_us(0.2)  # at each pair; both hands are on a thing for about 0.5 s (guess)
FRESH_US = to_us(0.3)  # a person last seen longer ago may be elsewhere (guess)

APART_STD_M = 0.15  # wrist to wrist, per axis: two grips of 0.07 and a product between (guess)
AROUND_M3 = 2.1  # where else the hands of people so near may be: a sphere of 0.8 m (guess)
DETOUR_STD_M = 0.25  # of a place between two people (guess)
DETOUR_M = 1.0  # ... and of any place before them, at most (guess)
UNNOTICED = 0.05  # least ratio of one look: wrists may be wrong, the moment missed (guess)

LOOKS = 3  # taken together ...
LOOKS_US = to_us(0.7)  # ... if not older
INDEPENDENT = 0.65  # of what each adds: errors last as long as a hand-over does (guess)

HAND_OVER = 0.03  # of people who come near each other, how often something changes hands (guess)
BETTER_NATS = 0.25  # a meeting this much likelier than the last one remembered is remembered too
AGAIN_US = to_us(1.0)  # ... or this long after it, if it was likely ...
AGAIN_FAINT_US = to_us(5.0)  # ... or if it was not
LIKELY = math.log(0.2)
MEETINGS_MAX = 8_192  # remembered at once; the oldest go first, in the picker's disfavour


class Meeting(NamedTuple):
    """Two people who may just have handed something over."""

    time_us: int
    one: TrackId
    two: TrackId  # comes after `one` in name
    log_probability: float  # that something changed hands
    causes: tuple[MessageRef, MessageRef]
    named: tuple[Named, ...] = ()  # what cameras saw in their hands lately, of both as one


class _Look(NamedTuple):
    time_us: int
    log_ratio: float


class Meetings:
    """Every meeting that may still matter, by event time. Rests on the order of moves alone."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._known: list[Meeting] = []
        self._latest: dict[tuple[TrackId, TrackId], Meeting] = {}  # remembered of each pair
        self._looks: dict[tuple[TrackId, TrackId], list[_Look]] = {}
        self._due_us: dict[TrackId, int] = {}  # when a track is to be looked at again

    def look(self, moved: TrackMoved) -> None:
        """Look at everybody near somebody who just moved, unless that was done just now."""
        time_us, track = moved.time_us, moved.track
        if time_us < self._due_us.get(track, 0):
            return
        self._due_us[track] = time_us + LOOK_EVERY_US
        x, y = moved.x, moved.y
        for other in self._moves.latest():
            if (
                abs(other.x - x) <= NEAR_M
                and other.track < track
                and time_us - other.time_us <= FRESH_US
                and math.hypot(other.x - x, other.y - y) <= NEAR_M
            ):
                self._meet(other, moved)

    def _meet(self, one: TrackMoved, two: TrackMoved) -> None:
        pair = (one.track, two.track)
        time_us = two.time_us
        looks = [look for look in self._looks.get(pair, ()) if look.time_us >= time_us - LOOKS_US]
        looks = [*looks[1 - LOOKS :], _Look(time_us, math.log(hand_over_ratio(one, two)))]
        self._looks[pair] = looks
        log_odds = math.log(HAND_OVER) + INDEPENDENT * sum(look.log_ratio for look in looks)
        log_probability = -math.log1p(math.exp(-log_odds))
        if _is_news(time_us, log_probability, self._latest.get(pair)):
            causes = (one.cause, two.cause)
            named = self._named(pair, time_us)
            meeting = Meeting(time_us, *pair, log_probability, causes, named)
            self._latest[pair] = meeting
            insort(self._known, meeting)
            del self._known[:-MEETINGS_MAX]

    def _named(self, pair: tuple[TrackId, TrackId], time_us: int) -> tuple[Named, ...]:
        seen = [
            moved
            for track in pair
            for moved in self._moves.between(track, time_us - AROUND_US, time_us)
            if moved.in_hand
        ]
        named = names_of(pair[0], seen, ()) if seen else None
        return () if named is None else (named,)

    def backwards(self, since_us: int, until_us: int) -> Iterator[Meeting]:
        """Yield the meetings within [since_us, until_us], latest first."""
        first = bisect_left(self._known, since_us, key=_time)
        last = bisect_right(self._known, until_us, lo=first, key=_time)
        return reversed(self._known[first:last])

    def forget_before(self, time_us: int) -> None:
        """Drop what happened before the first step that still matters, and who is gone."""
        del self._known[: bisect_left(self._known, time_us, key=_time)]
        gone = [track for track in self._due_us if track not in self._moves]
        for track in gone:
            del self._due_us[track]
        for pair in [pair for pair in self._looks if not self._due_us.keys() >= set(pair)]:
            del self._looks[pair]
            self._latest.pop(pair, None)

    def snapshot(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "known": [_told(one) for one in self._known],
            "latest": [_told(one) for one in self._latest.values()],
            "looks": [[*pair, [list(look) for look in ls]] for pair, ls in self._looks.items()],
            "due_us": dict(self._due_us),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the record that took `snapshot`."""
        self._known = [_heard(row) for row in snapshot["known"]]
        self._latest = {(m.one, m.two): m for m in map(_heard, snapshot["latest"])}
        self._looks = {
            (TrackId(one), TrackId(two)): [_Look(*look) for look in looks]
            for one, two, looks in snapshot["looks"]
        }
        self._due_us = {TrackId(track): due_us for track, due_us in snapshot["due_us"].items()}


def hand_over_ratio(one: TrackMoved, two: TrackMoved) -> float:
    """Return the likelihood ratio of one look at two people who are near each other."""
    seen = len(one.hands) * len(two.hands) / 4  # the share of pairs of wrists that is seen
    ratio = 1.0 - seen
    for mine in one.hands:
        for yours in two.hands:
            together = _together(mine, yours)
            if together > 0.0:
                ratio += together * _between(one, two, mine, yours) / 4
    return max(UNNOTICED, ratio)


def _together(mine: Hand, yours: Hand) -> float:
    var = APART_STD_M**2 + mine.std_m**2 + yours.std_m**2
    apart2 = (mine.x - yours.x) ** 2 + (mine.y - yours.y) ** 2 + (mine.z - yours.z) ** 2
    if apart2 > 16 * var:  # 3e-4: spares an exponential
        return 0.0
    return AROUND_M3 * float((2 * math.pi * var) ** -1.5) * math.exp(-0.5 * apart2 / var)


def _between(one: TrackMoved, two: TrackMoved, mine: Hand, yours: Hand) -> float:
    x, y = (mine.x + yours.x) / 2, (mine.y + yours.y) / 2
    way_m = math.hypot(one.x - x, one.y - y) + math.hypot(two.x - x, two.y - y)
    detour_m = way_m - math.hypot(one.x - two.x, one.y - two.y)
    density = math.sqrt(2 / math.pi) / DETOUR_STD_M
    return DETOUR_M * density * math.exp(-0.5 * (detour_m / DETOUR_STD_M) ** 2)


def _is_news(time_us: int, log_probability: float, known: Meeting | None) -> bool:
    """Whether a meeting tells more than the last one of the same two."""
    if known is None or log_probability > known.log_probability + BETTER_NATS:
        return True
    again_us = AGAIN_US if log_probability >= LIKELY else AGAIN_FAINT_US
    return time_us >= known.time_us + again_us


def _time(meeting: Meeting) -> int:
    return meeting.time_us


def _told(meeting: Meeting) -> list[Any]:
    return [*meeting[:4], list(meeting.causes), as_rows(meeting.named)]


def _heard(row: list[Any]) -> Meeting:
    time_us, one, two, log_probability, (first, second), named = row
    causes = (MessageRef(first), MessageRef(second))
    return Meeting(time_us, TrackId(one), TrackId(two), log_probability, causes, from_rows(named))
