"""The book of the door: who is inside, on which visit, followed as which track.

Everything that visits/ says about people is said here, so the laws hold in one place: a track
belongs to one person at a time, a visit leaves once, when the last of its people left.
"""

from typing import Any, TypeAlias

import msgspec

from store_engine.errors import InvariantError
from store_engine.events import (
    AlertRaised,
    Event,
    ReleaseRequested,
    VisitorJoined,
    VisitStarted,
    event_id,
)
from store_engine.messages import Alert
from store_engine.signals import VisitLeaving, VisitorBound
from store_engine.units import AccountId, MessageRef, TrackId, VisitId
from store_engine.visits.doorkeeper import Tap
from store_engine.visits.walkers import Seen, Walker

VisitWord: TypeAlias = Event | VisitorBound | VisitLeaving


class Person(msgspec.Struct, kw_only=True):
    """Somebody inside: one of a visit's people, or a tailgater (`visit` empty)."""

    visit: str
    track: str  # "" while nobody follows them
    last_track: str
    seen: Seen  # where they were seen last, once not followed any more
    at_gate: bool = False  # they were lost where one walks out
    untracked: bool = False  # no track was found when they came in
    alerted: bool = False  # that they are lost has been said


class OpenVisit(msgspec.Struct, kw_only=True):
    """A visit with somebody inside."""

    visit: str
    account: str
    causes: tuple[str, ...]  # scan, answer and crossing that started it
    joined: int = 0  # people who came in after the first


class Pages(msgspec.Struct, kw_only=True):
    """All that the book holds."""

    walkers: dict[str, Walker] = {}  # by track
    people: list[Person] = []
    visits: dict[str, OpenVisit] = {}  # by visit
    alerts: int = 0  # raised so far: the ordinal of the next one


class Book:
    """Writes people in and out, and finds the words for it."""

    def __init__(self, store: str) -> None:
        self._store = store
        self.pages = Pages()

    # ---- reading -----------------------------------------------------------------------------

    def owner(self, track: str) -> Person | None:
        """Return who is followed as `track`."""
        return next((person for person in self.pages.people if person.track == track), None)

    def lost(self) -> list[Person]:
        """Return everybody inside whom nobody follows."""
        return [person for person in self.pages.people if not person.track]

    def owned(self) -> frozenset[str]:
        """Return the tracks that belong to somebody."""
        return frozenset(person.track for person in self.pages.people if person.track)

    # ---- in ----------------------------------------------------------------------------------

    def admit(
        self, tap: Tap, crossing: str, seen: Seen, *, gate: str, walker: Walker | None
    ) -> list[VisitWord]:
        """Write in somebody who came in on an admission: a new visit, or one more for theirs."""
        causes, track = (*tap.causes, crossing), walker.track if walker else ""
        visits = self.pages.visits.values()
        visit = next((visit for visit in visits if visit.account == tap.account), None)
        word: VisitWord
        if visit:
            word = self._join(visit, track, seen[0], causes)
        else:
            visit, word = self._start(tap, gate, track, seen[0], causes)
        person = self._write_in(visit.visit, seen)
        return [word, *([self.bind(person, walker, seen[0], causes)] if walker else [])]

    def _start(
        self, tap: Tap, gate: str, track: str, time_us: int, causes: tuple[str, ...]
    ) -> tuple[OpenVisit, VisitStarted]:
        visit = OpenVisit(visit=tap.visit, account=tap.account, causes=causes)
        self.pages.visits[visit.visit] = visit
        return visit, VisitStarted(
            event=event_id(self._store, visit.visit, "visit_started"),
            time_us=time_us,
            causes=causes,
            visit=visit.visit,
            account=visit.account,
            gate=gate,
            track=track,
            shopper=tap.shopper,
        )

    def _join(
        self, visit: OpenVisit, track: str, time_us: int, causes: tuple[str, ...]
    ) -> VisitorJoined:
        visit.joined += 1
        return VisitorJoined(
            event=event_id(self._store, visit.visit, "visitor_joined", visit.joined),
            time_us=time_us,
            causes=causes,
            visit=visit.visit,
            track=track,
        )

    def tailgate(
        self, crossing: str, seen: Seen, *, gate: str, walker: Walker | None
    ) -> list[VisitWord]:
        """Write in somebody who came in without an admission."""
        person = self._write_in("", seen)
        text = f"somebody came in through {gate} without an admission"
        alert = self.alert("tailgater", text, about=gate, time_us=seen[0], causes=(crossing,))
        return [*([self.bind(person, walker, seen[0], (crossing,))] if walker else []), alert]

    def _write_in(self, visit: str, seen: Seen) -> Person:
        person = Person(visit=visit, track="", last_track="", seen=seen, untracked=True)
        self.pages.people.append(person)
        return person

    def bind(
        self, person: Person, walker: Walker, time_us: int, causes: tuple[str, ...]
    ) -> VisitorBound:
        """Follow `person` as this walker from now on."""
        if person.track or self.owner(walker.track):
            raise InvariantError(f"track {walker.track}: bound to {person.visit} and to another")
        person.track = person.last_track = walker.track
        person.at_gate = person.untracked = person.alerted = False
        walker.left_us = None
        visit = self.pages.visits.get(person.visit)
        return VisitorBound(
            track=TrackId(walker.track),
            visit=VisitId(visit.visit) if visit else None,
            account=AccountId(visit.account) if visit else None,
            time_us=time_us,
            causes=tuple(MessageRef(cause) for cause in causes),
        )

    # ---- out ---------------------------------------------------------------------------------

    def lose(self, person: Person, seen: Seen, *, at_gate: bool) -> None:
        """Nobody follows `person` any more."""
        person.track, person.seen, person.at_gate = "", seen, at_gate

    def leave(self, person: Person, time_us: int, causes: tuple[str, ...]) -> list[VisitLeaving]:
        """Write somebody out; the last of a visit's people closes the visit."""
        people = self.pages.people
        people[:] = [other for other in people if other is not person]
        if not person.visit or any(other.visit == person.visit for other in people):
            return []
        visit = self.pages.visits.pop(person.visit)
        refs = tuple(MessageRef(cause) for cause in causes or visit.causes)
        return [VisitLeaving(visit=VisitId(visit.visit), time_us=time_us, causes=refs)]

    def release(self, tap: Tap, time_us: int) -> ReleaseRequested:
        """Have the hold of an admission let go of that nobody used."""
        return ReleaseRequested(
            event=event_id(self._store, tap.visit, "release_requested"),
            time_us=time_us,
            causes=tap.causes,
            visit=tap.visit,
            account=tap.account,
        )

    # ---- alerts ------------------------------------------------------------------------------

    def alert(
        self, kind: str, text: str, *, about: str, time_us: int, causes: tuple[str, ...] = ()
    ) -> AlertRaised:
        """Return the next alert about the door."""
        event = event_id(self._store, about, kind, self.pages.alerts)
        self.pages.alerts += 1
        alert = Alert(
            alert=event,
            store=self._store,
            time_us=time_us,
            kind=kind,
            text=text,
            about=about,
            causes=causes,
        )
        return AlertRaised(event=event, time_us=time_us, causes=causes, alert=alert)

    # ---- snapshots ---------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Return the book as plain values."""
        return dict(msgspec.to_builtins(self.pages))

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Hold exactly what `snapshot` held."""
        self.pages = msgspec.convert(snapshot, Pages)
