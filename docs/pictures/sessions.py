"""Sessions played to the engine, and everything it heard and saw in them."""

from pathlib import Path
from typing import NamedTuple

from benchmarks.accuracy.sessions import NANOSTORE, Session, Setup, Trial, simulated
from docs.pictures.inference import Inference, Look
from store_engine.adapters.recordings import McapRecording
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.effects import LocalResponder
from store_engine.events import VisitStarted
from store_engine.messages import ShelfWeights
from store_engine.replay import Replay
from store_engine.shelves import Shelves
from store_engine.signals import TrackMoved, VisitorBound, WeightStep
from store_engine.store import Store
from store_engine.store_files import load_store
from store_engine.units import US_PER_S, PlateId, TrackId


class Seen:
    """Everything that is known of one session (port `Onlooker`).

    look: sees the clusters whenever they change.
    """

    def __init__(self, store: Store, look: Look | None = None) -> None:
        self._inference = Inference(store, look) if look is not None else None
        self.moves: list[TrackMoved] = []
        self.steps: list[WeightStep] = []
        self.visit_of: dict[TrackId, str] = {}
        self._shelves = Shelves(store.map)
        self._cells = store.map.cells
        self._batches: list[tuple[int, ShelfWeights]] = []

    def weighed(self, weights: ShelfWeights, time_us: int) -> None:
        """Keep a batch, and what a shelves room of our own makes of it."""
        self._batches.append((time_us, weights))
        found = self._shelves.weigh(weights, time_us)
        steps = [one for one in found if isinstance(one, WeightStep)]
        self.steps += steps
        if self._inference is not None:
            for step in steps:
                self._inference.stepped(step)

    def moved(self, moved: TrackMoved) -> None:
        """Keep where somebody was."""
        self.moves.append(moved)
        if self._inference is not None:
            self._inference.moved(moved)

    def bound(self, bound: VisitorBound) -> None:
        """Keep whose cart a track fills."""
        self.visit_of[bound.track] = str(bound.visit)
        if self._inference is not None:
            self._inference.bound(bound)

    def signal(self, plate: PlateId, since_us: int, until_us: int) -> list[tuple[int, float]]:
        """Return (time, grams) of one plate."""
        device, cell = next(
            (device, cells.index(plate)) for device, cells in self._cells.items() if plate in cells
        )
        samples = [
            (first_us + round(at * US_PER_S / batch.rate_hz), row[cell])
            for first_us, batch in self._batches
            if batch.device == device
            for at, row in enumerate(batch.samples)
        ]
        return [(t, g) for t, g in samples if since_us <= t <= until_us and g is not None]


def overheard(recording: Path) -> Seen:
    """Return what the rooms say of a recording."""
    store = load_store(NANOSTORE)
    seen = Seen(store)
    replay = Replay(store, onlooker=seen)
    for raw in McapRecording(recording):
        replay.feed(raw)
    return seen


class Played(NamedTuple):
    """One session and what the engine made of it."""

    session: Session
    seen: Seen
    account_of: dict[str, str]  # visit -> account


def played(trial: Trial, look: Look | None = None) -> Played:
    """Play a session to the engine; `look` sees the book of clusters whenever it changes."""
    session = simulated(trial, Setup())
    seen = Seen(session.store, look)
    responder = LocalResponder(
        accounts=session.accounts, payments=InMemoryPayments(session.accounts.payments)
    )
    replay = Replay(session.store, responder, seen)
    account_of: dict[str, str] = {}
    for raw in session.heard:
        for event in replay.feed(raw):
            if isinstance(event, VisitStarted):
                account_of[event.visit] = event.account
    return Played(session, seen, account_of)
