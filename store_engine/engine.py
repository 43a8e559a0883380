"""Wires the rooms left to right; the only importer of all of them.

`handle` turns one arrival into the events it decides. Same arrivals, same events, to the byte:
there is no clock, no I/O and no randomness in here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from store_engine.attribution import Attribution
from store_engine.cart import Carts
from store_engine.checkout import Checkout
from store_engine.events import AlertRaised, Event, VisitStarted, event_id
from store_engine.messages import (
    AgeChecked,
    Alert,
    Arrival,
    CameraFrame,
    DeviceStatus,
    EntryDecision,
    GateCrossing,
    GateScan,
    PaymentResult,
    PricesChanged,
    ShelfWeights,
    TrackedPeople,
)
from store_engine.ordering import ClockNote, Ordered, Ordering
from store_engine.ports import Onlooker
from store_engine.shelf_doubts import doubt_text
from store_engine.shelves import Shelves
from store_engine.signals import (
    CartBelief,
    PlateUnsettled,
    ShelfDoubt,
    TrackEnded,
    TrackMoved,
    VisitLeaving,
    VisitorBound,
    WeightStep,
)
from store_engine.store import Store
from store_engine.tracking import Tracking
from store_engine.visits import Visits

SNAPSHOT_VERSION = 2


class Engine:
    """One store's engine."""

    def __init__(self, store: Store, onlooker: Onlooker | None = None) -> None:
        self._store = store
        self._onlooker = onlooker
        self._ordering = Ordering(store.map, store.policy)
        self._tracking = Tracking(store.map)
        self._shelves = Shelves(store.map)
        self._visits = Visits(store.map, store.policy)
        self._attribution = Attribution(store.map, store.catalog, store.policy)
        self._carts = Carts(store)
        self._checkout = Checkout(store)
        self._device_state: dict[str, str] = {}

    @property
    def counters(self) -> Mapping[str, int]:
        """Duplicates, late and missing messages so far."""
        return self._ordering.counters

    @property
    def price_book(self) -> str:
        """The version of the prices that visits start under now."""
        return self._checkout.price_book

    def handle(self, arrival: Arrival) -> list[Event]:
        """Return the events that this arrival decides."""
        ordering = self._ordering
        people_us, shelves_us = ordering.people_us, ordering.shelves_us
        events: list[Event] = []
        for ordered in ordering.admit(arrival):
            events += self._handle_ordered(ordered)
        for note in ordering.take_clock_notes():
            events.append(self._alert_clock(note))
        if ordering.people_us != people_us or ordering.shelves_us != shelves_us:
            events += self._pass_time()
        return events

    def explain(self, visit: str) -> list[dict[str, Any]]:
        """Return the evidence behind a visit's cart, cluster by cluster."""
        return self._attribution.explain(visit)

    # ---- one kind of message each ------------------------------------------------------------

    def _handle_ordered(self, ordered: Ordered) -> list[Event]:
        time_us, message = ordered
        match message:
            case ShelfWeights():
                return self._weigh(message, time_us)
            case CameraFrame():
                return self._follow(self._tracking.see_frame(message, time_us))
            case TrackedPeople():
                return self._follow(self._tracking.see_people(message, time_us))
            case GateScan():
                return self._visit(self._visits.scan(message, time_us))
            case EntryDecision():
                return self._visit(self._visits.decide(message, time_us))
            case GateCrossing():
                return self._visit(self._visits.cross(message, time_us))
            case PricesChanged() | AgeChecked() | PaymentResult():
                return self._hear_office(message, time_us)
            case DeviceStatus():
                return self._note_device(message, time_us)
            case _:
                return []

    def _hear_office(
        self, said: PricesChanged | AgeChecked | PaymentResult, time_us: int
    ) -> list[Event]:
        match said:
            case PricesChanged():
                self._checkout.change_prices(said.book)
                return []
            case AgeChecked():
                return self._checkout.check_age(said, time_us)
            case PaymentResult():
                return self._checkout.paid(said, time_us)

    def _weigh(self, weights: ShelfWeights, time_us: int) -> list[Event]:
        if self._onlooker is not None:
            self._onlooker.weighed(weights, time_us)
        events: list[Event] = []
        for signal in self._shelves.weigh(weights, time_us):
            match signal:
                case WeightStep():
                    events += self._believe(self._attribution.step(signal))
                case PlateUnsettled():
                    self._attribution.unsettle(signal)
        return events

    def _follow(self, signals: Iterable[TrackMoved | TrackEnded]) -> list[Event]:
        events: list[Event] = []
        for signal in signals:
            match signal:
                case TrackMoved():
                    self._attribution.move(signal)
                    if self._onlooker is not None:
                        self._onlooker.moved(signal)
                case TrackEnded():
                    self._attribution.end(signal)
            events += self._visit(self._visits.follow(signal))
        return events

    def _visit(self, decided: Iterable[Event | VisitorBound | VisitLeaving]) -> list[Event]:
        events: list[Event] = []
        for word in decided:
            match word:
                case VisitorBound():
                    self._attribution.bind(word)
                    if self._onlooker is not None:
                        self._onlooker.bound(word)
                case VisitLeaving():
                    self._attribution.leave(word)
                    self._checkout.leave(word)
                case VisitStarted():
                    events.append(word)
                    self._checkout.start(word)
                    events += self._carts.start(word)
                case _:
                    events.append(word)
        return events

    def _believe(self, beliefs: Iterable[CartBelief]) -> list[Event]:
        events: list[Event] = []
        for belief in beliefs:
            events += self._checkout.follow(belief, self._carts.believe(belief))
            if belief.kind == "final":
                events += self._checkout.settle(belief)
                self._carts.end(belief.visit)
        return events

    def _pass_time(self) -> list[Event]:
        people_us, shelves_us = self._ordering.people_us, self._ordering.shelves_us
        events = self._follow(self._tracking.pass_time(people_us))
        events += self._visit(self._visits.pass_time(people_us))
        beliefs = self._attribution.pass_time(people_us=people_us, shelves_us=shelves_us)
        events += self._believe(beliefs)
        return events + [self._alert_doubt(doubt) for doubt in self._attribution.take_doubts()]

    # ---- devices -----------------------------------------------------------------------------

    def _note_device(self, status: DeviceStatus, time_us: int) -> list[Event]:
        before = self._device_state.get(status.device, "online")
        self._device_state[status.device] = status.state
        if status.state == before:
            return []
        text = f"device {status.device} is {status.state}" + (
            f": {status.detail}" if status.detail else ""
        )
        return [self._alert(f"device_{status.state}", text, status.device, time_us, status.ref)]

    def _alert_clock(self, note: ClockNote) -> AlertRaised:
        text = (
            f"clock of {note.device} is off by {-note.correction_us / 1e6:+.3f} s; "
            "its messages are re-aligned by arrival time"
        )
        return self._alert("clock_skew", text, note.device, note.time_us, note.cause)

    def _alert_doubt(self, doubt: ShelfDoubt) -> AlertRaised:
        text = doubt_text(doubt, self._store.catalog)
        about = doubt.gtin if doubt.kind == "catalog_mass" else doubt.plate
        return self._alert(f"wrong_{doubt.kind}", text, about, doubt.time_us, *doubt.causes)

    def _alert(self, kind: str, text: str, about: str, time_us: int, *causes: str) -> AlertRaised:
        store = self._store.map.store
        name = event_id(store, "alert", kind, about, time_us)
        alert = Alert(
            alert=name,
            store=store,
            time_us=time_us,
            kind=kind,
            text=text,
            about=about,
            causes=causes,
        )
        return AlertRaised(event=name, time_us=time_us, causes=causes, alert=alert)

    # ---- snapshots ---------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as plain values; `restore` continues exactly from here."""
        return {
            "version": SNAPSHOT_VERSION,
            "store": self._store.map.store,
            "device_state": dict(self._device_state),
            **{name: room.snapshot() for name, room in self._rooms().items()},
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Become the engine that took `snapshot`.

        Raises:
            ValueError: it was taken in another store, or by an engine that saved other things.
        """
        version, store = snapshot["version"], snapshot["store"]
        if (version, store) != (SNAPSHOT_VERSION, self._store.map.store):
            raise ValueError(
                f"a snapshot of store {store!r}, version {version}: this is store "
                f"{self._store.map.store!r}, version {SNAPSHOT_VERSION}"
            )
        self._device_state = dict(snapshot["device_state"])
        for name, room in self._rooms().items():
            room.restore(snapshot[name])

    def _rooms(self) -> dict[str, Any]:
        return {
            "ordering": self._ordering,
            "tracking": self._tracking,
            "shelves": self._shelves,
            "visits": self._visits,
            "attribution": self._attribution,
            "carts": self._carts,
            "checkout": self._checkout,
        }
