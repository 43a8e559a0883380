"""Gates, visits and tracks for contestants, kept by the engine's own rooms.

Whoever is compared sees the same people at the same places, so that only the decision who took
what differs.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator

from store_engine.events import VisitStarted
from store_engine.messages import (
    Arrival,
    CameraFrame,
    EntryDecision,
    GateCrossing,
    GateScan,
    ShelfWeights,
    TrackedPeople,
)
from store_engine.ordering import Ordered, Ordering
from store_engine.signals import TrackEnded, TrackMoved, VisitorBound
from store_engine.store import Store
from store_engine.tracking import Tracking
from store_engine.visits import Visits

REMEMBERED = 4_000  # track reports kept: half a minute of eight people at 15 Hz


class ShopFloor:
    """Who is where, and whose basket it is."""

    def __init__(self, store: Store) -> None:
        self._ordering = Ordering(store.map, store.policy)
        self._tracking = Tracking(store.map)
        self._visits = Visits(store.map, store.policy)
        self._visit_of: dict[str, str] = {}
        self._account_of: dict[str, str] = {}
        self.seen: deque[TrackMoved] = deque(maxlen=REMEMBERED)
        self.baskets: dict[str, Counter[str]] = {}
        self._asked: list[object] = []

    @property
    def people_us(self) -> int:
        """Event time up to which people are complete."""
        return self._ordering.people_us

    def hear(self, arrival: Arrival) -> Iterator[tuple[ShelfWeights, int]]:
        """Follow people; yield shelf readings with their event time, in microseconds."""
        for ordered in self._ordering.admit(arrival):
            if isinstance(ordered.message, ShelfWeights):
                yield ordered.message, ordered.time_us
            else:
                self._follow(ordered)
        self._note(self._visits.pass_time(self._ordering.people_us))

    def take_asked(self) -> list[object]:
        """Return and forget the events since the last call."""
        asked, self._asked = self._asked, []
        return asked

    def account_of(self, track: str) -> str | None:
        """Return whose visit a track belongs to, None while nobody knows."""
        visit = self._visit_of.get(track)
        return None if visit is None else self._account_of[visit]

    def _follow(self, ordered: Ordered) -> None:
        time_us, message = ordered
        match message:
            case CameraFrame():
                self._move(self._tracking.see_frame(message, time_us))
            case TrackedPeople():
                self._move(self._tracking.see_people(message, time_us))
            case GateScan():
                self._note(self._visits.scan(message, time_us))
            case EntryDecision():
                self._note(self._visits.decide(message, time_us))
            case GateCrossing():
                self._note(self._visits.cross(message, time_us))

    def _move(self, words: Iterable[TrackMoved | TrackEnded]) -> None:
        for word in words:
            if isinstance(word, TrackMoved):
                self.seen.append(word)
            self._note(self._visits.follow(word))

    def _note(self, words: Iterable[object]) -> None:
        for word in words:
            self._asked.append(word)
            if isinstance(word, VisitorBound) and word.visit is not None:
                self._visit_of[word.track] = word.visit
            elif isinstance(word, VisitStarted):
                self._account_of[word.visit] = word.account
                self.baskets.setdefault(word.account, Counter())
