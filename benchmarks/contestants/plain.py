"""The plain baseline: largest plate change, planogram product, nearest head.

What a first afternoon's engine would do, and the yardstick beside ours. Gates, visits and tracks
come from the engine's own rooms, so that only the decision who took what is compared.
"""

from collections import Counter, deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
from store_engine.signals import TrackMoved, VisitorBound
from store_engine.store import Store
from store_engine.tracking import Tracking
from store_engine.units import US_PER_S
from store_engine.visits import Visits

WINDOW = 30  # samples averaged on either side of a change: 0.5 s at 60 Hz
APART = 30  # samples between the two windows, while hands are at work: 0.5 s
CHANGE_AT_LEAST_G = 20.0  # smaller changes are ignored
NEAR_S = 1.0  # a head seen within a second of the change counts


class _Change(NamedTuple):
    """One detected change of one shelf: its largest plate."""

    time_us: int
    plate: str
    change_g: float


class PlainBaseline:
    """Contestant: same arrivals in, baskets per account out."""

    name = "plain"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ordering = Ordering(store.map, store.policy)
        self._tracking = Tracking(store.map)
        self._visits = Visits(store.map, store.policy)
        self._history: dict[str, NDArray[np.float64]] = {}
        self._quiet_until: dict[str, int] = {}
        self._heads: deque[TrackMoved] = deque(maxlen=4_000)
        self._visit_of: dict[str, str] = {}
        self._account_of: dict[str, str] = {}
        self._changes: list[_Change] = []
        self.baskets: dict[str, Counter[str]] = {}

    def handle(self, arrival: Arrival) -> list[object]:
        """Take one arrival; return events that want an answer."""
        asked: list[object] = []
        for ordered in self._ordering.admit(arrival):
            asked += self._handle_ordered(ordered)
        asked += self._note(self._visits.pass_time(self._ordering.people_us))
        self._settle()
        return asked

    def _handle_ordered(self, ordered: Ordered) -> list[object]:
        time_us, message = ordered
        match message:
            case ShelfWeights():
                self._weigh(message, time_us)
            case CameraFrame() | TrackedPeople():
                see = (
                    self._tracking.see_frame
                    if isinstance(message, CameraFrame)
                    else self._tracking.see_people
                )
                return [word for moved in see(message, time_us) for word in self._move(moved)]
            case GateScan():
                return self._note(self._visits.scan(message, time_us))
            case EntryDecision():
                return self._note(self._visits.decide(message, time_us))
            case GateCrossing():
                return self._note(self._visits.cross(message, time_us))
        return []

    def _move(self, moved: object) -> list[object]:
        if isinstance(moved, TrackMoved):
            self._heads.append(moved)
        return self._note(self._visits.follow(moved))

    def _note(self, words: list[object]) -> list[object]:
        for word in words:
            if isinstance(word, VisitorBound) and word.visit is not None:
                self._visit_of[word.track] = word.visit
            elif isinstance(word, VisitStarted):
                self._account_of[word.visit] = word.account
                self.baskets.setdefault(word.account, Counter())
        return words

    def _weigh(self, weights: ShelfWeights, time_us: int) -> None:
        """Compare means half a second before and after, shelf by shelf."""
        rows = np.array(weights.samples, dtype=float)
        past = self._history.get(weights.device, np.empty((0, rows.shape[1])))
        history = np.concatenate([past, rows])[-(2 * WINDOW + APART) :]
        self._history[weights.device] = history
        if len(history) < 2 * WINDOW + APART or time_us < self._quiet_until.get(weights.device, 0):
            return
        change = history[-WINDOW:].mean(axis=0) - history[:WINDOW].mean(axis=0)
        change = np.nan_to_num(change)
        cell = int(np.abs(change).argmax())
        plate = self._store.map.cells[weights.device][cell]
        if plate is None or abs(change[cell]) < CHANGE_AT_LEAST_G:
            return
        self._changes.append(_Change(time_us - US_PER_S // 2, plate, float(change[cell])))
        self._quiet_until[weights.device] = time_us + round(1.5 * US_PER_S)

    def _settle(self) -> None:
        """Decide each change once people were heard a second past it."""
        while self._changes and self._changes[0].time_us + US_PER_S < self._ordering.people_us:
            self._decide(self._changes.pop(0))

    def _decide(self, change: _Change) -> None:
        products = self._store.map.products_on[change.plate]
        who = self._nearest_head(change)
        if not products or who is None:
            return
        gtin = products[0]
        pieces = max(1, round(abs(change.change_g) / self._store.catalog.products[gtin].mass_g))
        basket = self.baskets[who]
        if change.change_g < 0:
            basket[gtin] += pieces
        else:
            basket[gtin] = max(0, basket[gtin] - pieces)

    def _nearest_head(self, change: _Change) -> str | None:
        x, y, _ = self._store.map.plates[change.plate].centre
        near = [
            ((moved.x - x) ** 2 + (moved.y - y) ** 2, self._visit_of[moved.track])
            for moved in self._heads
            if abs(moved.time_us - change.time_us) < NEAR_S * US_PER_S
            and moved.track in self._visit_of
        ]
        return self._account_of[min(near)[1]] if near else None
