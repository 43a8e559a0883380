"""Retention: what its time is over for is deleted, day by day.

A run may be cut short and repeated: each batch is whole, and what is left is old tomorrow too.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import get_args

import structlog

from store_engine.errors import RequestError, StoreEngineError
from store_engine.office.privacy import Privacy
from store_engine.ports.privacy import Kind, OldFiles, PersonBook, RetentionBook, Scrubber
from store_engine.units import US_PER_S

DAY_S = 86_400.0
BATCH = 200  # rows in one transaction: a commit of the engine waits some 10 ms (guess)
BATCHES_MAX = 500  # of one kind in one run: what is left is for tomorrow (guess)
KINDS: tuple[Kind, ...] = get_args(Kind)
RECORDINGS, ACCOUNTS = "recordings", "accounts"

_log = structlog.get_logger(__name__)


class Retention:
    """Enforces how long each kind of data is kept.

    Args:
        book: what is deleted row by row.
        persons: what accounts nobody uses any more are found in.
        privacy: what erases them.
        files: recordings.
        scrubber: overwrites what was deleted.
        days: how long each of `KINDS`, recordings and accounts (unused) are kept.
    """

    def __init__(
        self,
        book: RetentionBook,
        persons: PersonBook,
        privacy: Privacy,
        files: OldFiles,
        scrubber: Scrubber,
        *,
        days: Mapping[str, float],
    ) -> None:
        missing = {*KINDS, RECORDINGS, ACCOUNTS} - days.keys()
        if missing:
            raise RequestError(f"retention: nothing says how long {sorted(missing)} are kept")
        self._book = book
        self._persons = persons
        self._privacy = privacy
        self._files = files
        self._scrubber = scrubber
        self._kept_us = {kind: round(count * DAY_S * US_PER_S) for kind, count in days.items()}

    def run(self, now_us: int) -> Counter[str]:
        """Delete what is over at `now_us`; return how much of each kind that was."""
        done: Counter[str] = Counter()
        for kind in KINDS:
            done[kind] = self._drop(kind, now_us)
        done[RECORDINGS] = len(self._files.delete(before_us=now_us - self._kept_us[RECORDINGS]))
        done[ACCOUNTS] = self._forget_idle(now_us - self._kept_us[ACCOUNTS])
        if +done:
            self._scrubber.scrub(deep=False)
            _log.info("deleted what its time is over for", **dict(+done))
        return done

    def _drop(self, kind: Kind, now_us: int) -> int:
        before_us = now_us - self._kept_us[kind]
        total = 0
        for _ in range(BATCHES_MAX):
            gone = self._book.drop(kind, before_us=before_us, limit=BATCH)
            total += gone
            if not gone:
                break
        return total

    def _forget_idle(self, before_us: int) -> int:
        total, after = 0, ""
        while page := self._persons.idle(before_us=before_us, after=after, limit=BATCH):
            total += sum(self._forget(account) for account in page)
            after = page[-1]
        return total

    def _forget(self, account: str) -> bool:
        try:
            self._privacy.forget(account)
        except RequestError:  # something is still going on: another day
            return False
        return True


class Daily:
    """Runs a retention once a day on a thread of its own."""

    def __init__(self, retention: Retention, *, now_us: Callable[[], int]) -> None:
        self._retention = retention
        self._now_us = now_us
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run now and every day until `stop`."""
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End soon, and wait a moment for it."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=1.0)  # a batch that is cut short is made again tomorrow

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._retention.run(self._now_us())
            except StoreEngineError as error:
                _log.error("retention failed, tomorrow again", error=str(error))
            self._stopping.wait(DAY_S)
