"""What the office does again and again while nobody asks: webhooks, unfinished cases, reviews."""

import threading
from collections.abc import Callable, Mapping

import structlog

from store_engine.errors import StoreEngineError
from store_engine.events import ReceiptIssued, ReviewRequested
from store_engine.office.counter import Counter
from store_engine.ports.webhooks import Feed

EVERY_S = 1.0  # while there is nothing to do (guess)
BATCH = 500  # events read at a time

_log = structlog.get_logger(__name__)

Job = Callable[[], int]  # does what is due; returns how much that was


class Rounds:
    """Runs each job on a thread of its own, so that a slow one holds up no other."""

    def __init__(self, jobs: Mapping[str, Job], *, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(name, job), name=f"office-{name}", daemon=True)
            for name, job in jobs.items()
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin no job again, and wait a moment for those at work."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(self._every_s)

    def _run(self, name: str, job: Job) -> None:
        while not self._stopping.is_set():
            try:
                done = job()
            except StoreEngineError as error:
                _log.warning("a round was not finished", job=name, error=str(error))
                done = 0
            if not done:
                self._stopping.wait(self._every_s)


class Reviews:
    """Puts receipts that the engine is not sure of in the queue, and lines held for an age check.

    Reads the events of a store from the beginning after each start: a receipt that is in the queue
    already, or was, stays as it is.
    """

    def __init__(self, feed: Feed, counter: Counter) -> None:
        self._feed = feed
        self._counter = counter
        self._position = 0

    def look(self) -> int:
        """Take in what was decided since the last look; return how many events that were."""
        notes = self._feed.after(self._position, BATCH)
        for note in notes:
            if isinstance(note.happened, ReviewRequested):
                self._counter.review(note.happened)
            elif isinstance(note.happened, ReceiptIssued):
                self._counter.hold(note.happened.receipt)
            self._position = note.position
        return len(notes)
