"""Through whose hands a thing may have gone: chains of meetings, from a cart to who returns it.

The picker pays (unless the policy says otherwise), whoever carries it afterwards. So what matters
of a hand-over is who may put the thing back: everybody whom it may have reached since it was
taken, by way of others too.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from store_engine.attribution.history import Holder, HolderOf
from store_engine.attribution.meetings import Meetings
from store_engine.units import TrackId

CHAINS_KEPT = 256  # chains of meetings remembered, which changes no result
HANDS_NATS = 6.0  # chains less likely than this are not followed (0.25 %; guess)


class Passed(NamedTuple):
    """A thing that somebody took by some time may have come into somebody else's hands."""

    receiver: Holder
    owner: Holder
    taken_by_us: int  # what was taken later came to the receiver with less, if at all
    log_probability: float


def passed_to(
    receiver: Holder, meetings: Meetings, *, since_us: int, until_us: int, holder_of: HolderOf
) -> list[Passed]:
    """Return from whom, and since when, things may have come to somebody by `until_us`.

    Followed backwards in time: the earlier something was taken, the more chains of meetings may
    have brought it. Of each cart only improvements are told, latest first.
    """
    best = {receiver: 0.0}
    found: list[Passed] = []
    whose: dict[TrackId, Holder] = {}
    for meeting in meetings.backwards(since_us, until_us):
        log_probability = meeting.log_probability
        if log_probability < -HANDS_NATS:
            continue
        for track in (meeting.one, meeting.two):
            if track not in whose:
                whose[track] = holder_of(track)
        one, two = whose[meeting.one], whose[meeting.two]
        if one == two or not (one in best or two in best):
            continue  # people of one visit share a cart
        for giver, taker in ((one, two), (two, one)):
            if taker in best:
                weight = best[taker] + log_probability
                if weight > best.get(giver, -HANDS_NATS):
                    best[giver] = weight
                    found.append(Passed(receiver, giver, meeting.time_us, weight))
    return found


class Chains:
    """Remembers through whose hands things may have come, while nothing said of it changes."""

    def __init__(self, meetings: Meetings, holder_of: HolderOf) -> None:
        self._meetings = meetings
        self._holder_of = holder_of
        self._known: dict[tuple[Holder, int], tuple[int, list[Passed]]] = {}  # since when, and them

    def to(self, receiver: Holder, since_us: int, until_us: int) -> list[Passed]:
        """Return what `passed_to` does; chains are followed once, back to the earliest asked for.

        Chains are followed backwards, so of longer ones the latest part is what shorter ones are.
        """
        known_since_us, known = self._known.get((receiver, until_us), (math.inf, []))
        if known_since_us > since_us:
            while len(self._known) >= CHAINS_KEPT:
                del self._known[next(iter(self._known))]
            known = passed_to(
                receiver,
                self._meetings,
                since_us=since_us,
                until_us=until_us,
                holder_of=self._holder_of,
            )
            self._known[receiver, until_us] = since_us, known
        return [one for one in known if one.taken_by_us >= since_us]

    def forget(self) -> None:
        """Start over: tracks fill other carts, or older meetings are gone."""
        self._known = {}


class Hands:
    """From whose carts the things may come that people within reach of a cluster hold."""

    def __init__(self, passed: Iterable[Passed]) -> None:
        self._from: dict[Holder, dict[Holder, list[Passed]]] = {}
        for one in passed:
            self._from.setdefault(one.receiver, {}).setdefault(one.owner, []).append(one)

    def __bool__(self) -> bool:
        return bool(self._from)

    def of(self, receiver: Holder) -> Mapping[Holder, list[Passed]]:
        """Return from whom somebody may have got things, and how likely, latest first."""
        return self._from.get(receiver, {})

    def log_probability(self, receiver: Holder, owner: Holder, taken_us: int) -> float:
        """Return how likely something that was taken then came into these hands."""
        for one in reversed(self.of(receiver).get(owner, ())):
            if one.taken_by_us >= taken_us:
                return one.log_probability
        return -math.inf
