"""Hand-overs as moves of their own, where the policy is that the last holder pays.

Two people's hands that were probably together make a *giving*: a cluster without any step, at the
likeliest moment of their contact. It is explained like every other cluster: nothing changed
hands, or one piece did, out of either cart into the other.

Hands together do not tell what they passed on, nor which way. So a piece moves only where that is
shown: it is all that the two hold, or a camera named it there. Otherwise its picker pays.
"""

from collections.abc import Iterable, Iterator
from heapq import merge

from store_engine.attribution.clusters import Cluster, Order
from store_engine.attribution.history import HolderOf
from store_engine.attribution.meetings import AGAIN_US, LIKELY, Meeting, Meetings
from store_engine.units import MessageRef, TrackId

APART_US = 2 * AGAIN_US  # hands that parted for longer meet anew (guess)


class Giving(Cluster):
    """A contact of two people's hands by which something may have changed carts."""

    def __init__(self, meeting: Meeting) -> None:
        self.evidence = ()  # no step shows it, only moves
        self.shapes = ()
        self.meeting = meeting

    @property
    def order(self) -> Order:
        """What orders it among clusters of steps."""
        return (self.meeting.time_us, f"{self.meeting.one} {self.meeting.two}", 0)

    @property
    def orders(self) -> list[Order]:
        """What names it: it has no steps."""
        return [self.order]

    @property
    def moment_us(self) -> int:
        """When their hands were together."""
        return self.meeting.time_us

    @property
    def tracks(self) -> tuple[TrackId, ...]:
        """The two people, sorted."""
        return (self.meeting.one, self.meeting.two)

    def told(self, track: TrackId) -> Iterator[tuple[int, MessageRef]]:
        """Yield (time, message) of both people, whichever of them `track` is."""
        if track in self.tracks:
            yield from ((self.meeting.time_us, cause) for cause in self.meeting.causes)


class Givings:
    """The givings of one store: of the same meeting one only, while it is the likeliest."""

    def __init__(self, meetings: Meetings) -> None:
        self._meetings = meetings
        self._made: dict[Meeting, Giving] = {}

    def among(
        self, clusters: Iterable[Cluster], *, since_us: int, until_us: int, holder_of: HolderOf
    ) -> list[Cluster]:
        """Return clusters, in event order, with the givings of a time among them."""
        made: dict[Meeting, Giving] = {}
        for meeting in self._contacts(since_us, until_us):
            if holder_of(meeting.one) != holder_of(meeting.two):
                made[meeting] = self._made.get(meeting) or Giving(meeting)
        self._made |= made
        return list(merge(clusters, made.values(), key=_order))

    def forget_before(self, time_us: int) -> None:
        """Drop what happened before."""
        self._made = {m: giving for m, giving in self._made.items() if m.time_us >= time_us}

    def _contacts(self, since_us: int, until_us: int) -> list[Meeting]:
        """Return the likeliest meeting of every contact, in event order."""
        latest: dict[tuple[TrackId, TrackId], int] = {}
        best: dict[tuple[TrackId, TrackId], Meeting] = {}
        found: list[Meeting] = []
        for meeting in reversed([*self._meetings.backwards(since_us, until_us)]):
            if meeting.log_probability < LIKELY:
                continue
            pair = (meeting.one, meeting.two)
            if pair in best and meeting.time_us - latest[pair] > APART_US:
                found.append(best.pop(pair))
            latest[pair] = meeting.time_us
            if pair not in best or meeting.log_probability > best[pair].log_probability:
                best[pair] = meeting
        return sorted([*found, *best.values()])


def _order(cluster: Cluster) -> Order:
    return cluster.order
