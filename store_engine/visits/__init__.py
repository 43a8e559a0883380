"""Visits: who is inside, and on whose account [people].

    GateScan ──▶ scan ─▶ EntryRequested          EntryDecision ─▶ decide ─▶ EntryRefused
    an accepted scan that nobody used ─▶ ReleaseRequested
    GateCrossing ─▶ cross ┐
    TrackMoved, TrackEnded ─▶ follow ┼─▶ VisitStarted, VisitorJoined, AlertRaised   (events)
    quiet time ─▶ pass_time ┘            VisitorBound, VisitLeaving                 (signals)

`doorkeeper` keeps the admissions, `walkers` the recent paths, `book` the people inside;
`entrances`, `exits` and `lost` judge, with the costs of `matching`, who is who.
"""

from typing import Any

from store_engine.errors import InvariantError
from store_engine.messages import EntryDecision, GateCrossing, GateScan
from store_engine.signals import TrackEnded, TrackMoved
from store_engine.store import Policy
from store_engine.store_map import StoreMap
from store_engine.units import to_us
from store_engine.visits.book import Book, VisitWord
from store_engine.visits.doorkeeper import Doorkeeper
from store_engine.visits.entrances import Entrances
from store_engine.visits.exits import Exits
from store_engine.visits.lost import LostAndFound
from store_engine.visits.walkers import Crossing, begin, observe

__all__ = ["VisitWord", "Visits"]

REVIEW_S = 0.1  # how often open questions are looked at again (guess: a tenth of a step's time)


class Visits:
    """Binds scans to people, follows them, and says when a visit is over."""

    def __init__(self, store_map: StoreMap, policy: Policy) -> None:
        gates = {str(name): gate for name, gate in store_map.gates.items()}
        self._gates = gates
        self._now_us = 0  # event time of the people lane
        self._reviewed_us = 0
        self._book = Book(store_map.store)
        self._doorkeeper = Doorkeeper(store_map.store, policy)
        self._entrances = Entrances(gates, self._doorkeeper, self._book)
        self._exits = Exits(gates, self._entrances, self._book)
        self._lost = LostAndFound(list(gates.values()), self._entrances, self._book)

    def scan(self, scan: GateScan, time_us: int) -> list[VisitWord]:
        """Take in a presented credential.

        Raises:
            InvariantError: the gate is not on the map.
        """
        self._check(scan.device)
        return list(self._doorkeeper.ask(scan, time_us))

    def decide(self, decision: EntryDecision, time_us: int) -> list[VisitWord]:
        """Take in the answer to a scan; it may admit somebody who crossed a moment ago."""
        refused = self._doorkeeper.answer(decision, time_us)
        return [*refused, *self._entrances.review(self._now_us)]

    def cross(self, crossing: GateCrossing, time_us: int) -> list[VisitWord]:
        """Take in that somebody passed a gate, perhaps a while ago: its moment counts.

        Raises:
            InvariantError: the gate is not on the map.
        """
        self._check(crossing.device)
        self._now_us = max(self._now_us, time_us)
        passed = Crossing(
            crossing=crossing.ref,
            gate=crossing.device,
            time_us=time_us,
            position=crossing.position,
        )
        if crossing.direction == "in":
            self._entrances.cross(passed, heard_us=self._now_us)
        else:
            self._exits.cross(passed)
        return self._review()

    def follow(self, signal: TrackMoved | TrackEnded) -> list[VisitWord]:
        """Take in where somebody is, or that they are not followed any more."""
        match signal:
            case TrackMoved():
                words = self._move(signal)
            case TrackEnded():
                words = self._end(signal)
        return words + self.pass_time(signal.time_us)

    def pass_time(self, time_us: int) -> list[VisitWord]:
        """Look at open questions again, now that it is `time_us`."""
        self._now_us = max(self._now_us, time_us)
        due = self._now_us >= self._reviewed_us + to_us(REVIEW_S)
        return self._review() if due else []

    def _review(self) -> list[VisitWord]:
        now_us = self._reviewed_us = self._now_us
        return [
            *self._doorkeeper.pass_time(now_us),
            *self._entrances.review(now_us),
            *self._release_unused(now_us),
            *self._exits.review(now_us),
            *self._lost.review(now_us),
        ]

    def _release_unused(self, now_us: int) -> list[VisitWord]:
        """Have holds let go of that nobody came in on.

        Where the account is inside, or may still come in, its visit or its other tap sees to it.
        """
        lapsed = self._doorkeeper.take_lapsed()
        inside = {visit.account for visit in self._book.pages.visits.values()}
        admitted = self._doorkeeper.admitted() | self._entrances.admitted()
        words: list[VisitWord] = []
        for tap in lapsed:
            if tap.account not in inside | admitted:
                words.append(self._book.release(tap, now_us))
                admitted |= {tap.account}
        return words

    def _move(self, moved: TrackMoved) -> list[VisitWord]:
        seen = (moved.time_us, moved.x, moved.y)
        walkers = self._book.pages.walkers
        walker = walkers.get(moved.track)
        if walker:
            observe(walker, seen)
            return []
        walkers[moved.track] = walker = begin(moved.track, seen)
        back = next((p for p in self._book.lost() if p.last_track == moved.track), None)
        return [self._book.bind(back, walker, moved.time_us, (moved.cause,))] if back else []

    def _end(self, ended: TrackEnded) -> list[VisitWord]:
        walker = self._book.pages.walkers.pop(ended.track, None)
        person = self._book.owner(ended.track)
        if walker and person:
            seen = (ended.time_us, ended.x, ended.y)
            self._book.lose(person, seen, at_gate=self._lost.is_exit(walker))
        return []

    def _check(self, gate: str) -> None:
        if gate not in self._gates:
            raise InvariantError(f"gate {gate}: not on the map, so it has no admissions")

    def snapshot(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "now_us": self._now_us,
            "reviewed_us": self._reviewed_us,
            "book": self._book.snapshot(),
            "taps": self._doorkeeper.snapshot(),
            "entering": self._entrances.snapshot(),
            "leaving": self._exits.snapshot(),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the room that took `snapshot`."""
        self._now_us = snapshot["now_us"]
        self._reviewed_us = snapshot["reviewed_us"]
        self._book.restore(snapshot["book"])
        self._doorkeeper.restore(snapshot["taps"])
        self._entrances.restore(snapshot["entering"])
        self._exits.restore(snapshot["leaving"])
