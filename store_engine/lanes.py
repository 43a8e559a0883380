"""Work on a few threads, in order within each lane, tried again until it is done.

A lane holds what must not overtake each other, such as everything about one account. Lanes go on
beside each other; what fails holds up its own lane only.
"""

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

RETRY_FIRST_S, RETRY_MAX_S = 0.5, 30.0  # doubling in between (guess)
CLOSE_WITHIN_S = 1.0  # a slow provider is not waited for: its answer is kept there (guess)

Job = TypeVar("Job")


class Lanes(Generic[Job]):
    """Does jobs; threads begin when there is work for them, and end with `close`."""

    def __init__(
        self,
        name: str,
        do: Callable[[Job], None],
        *,
        lane_of: Callable[[Job], str],
        failed: Callable[[Job, int, Exception, float], None],
        threads: int,
    ) -> None:
        """Make lanes that nothing is in yet.

        Args:
            name: of the threads.
            do: does one job; whatever it raises, it is called again with the same job.
            lane_of: names the lane of a job.
            failed: told of a job that failed, how often it did, why, and the wait in seconds.
            threads: how many jobs are done at one moment, at most.
        """
        self._name = name
        self._do = do
        self._lane_of = lane_of
        self._failed = failed
        self._lanes: dict[str, deque[Job]] = {}
        self._due: list[tuple[float, int, str, int]] = []  # when, order, lane, failures so far
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._threads_max = threads
        self._idle = 0
        self._closed = False

    def add(self, job: Job) -> None:
        """Do a job when its lane is free; returns at once."""
        lane = self._lane_of(job)
        with self._changed:
            waiting = self._lanes.setdefault(lane, deque())
            waiting.append(job)
            if len(waiting) == 1:
                self._schedule(lane)

    def close(self) -> None:
        """Begin nothing more, and wait a moment for what is being done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        give_up_s = time.monotonic() + CLOSE_WITHIN_S
        for thread in self._threads:
            thread.join(timeout=max(0.0, give_up_s - time.monotonic()))

    def _schedule(self, lane: str, *, in_s: float = 0.0, failures: int = 0) -> None:
        due = (time.monotonic() + in_s, next(self._order), lane, failures)
        heapq.heappush(self._due, due)
        wanted = len(self._due) > self._idle and len(self._threads) < self._threads_max
        if wanted and not self._closed:
            thread = threading.Thread(
                target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True
            )
            self._threads.append(thread)
            thread.start()
        self._changed.notify()

    def _run(self) -> None:
        while (due := self._next()) is not None:
            lane, failures, job = due
            try:
                self._do(job)
            except Exception as error:  # whatever a provider's client raises
                wait_s = min(RETRY_FIRST_S * 2 ** min(failures, 16), RETRY_MAX_S)
                self._failed(job, failures + 1, error, wait_s)
                with self._changed:
                    self._schedule(lane, in_s=wait_s, failures=failures + 1)
            else:
                self._leave(lane)

    def _next(self) -> tuple[str, int, Job] | None:
        with self._changed:
            while not self._closed:
                wait_s = self._due[0][0] - time.monotonic() if self._due else None
                if wait_s is not None and wait_s <= 0:
                    _, _, lane, failures = heapq.heappop(self._due)
                    return lane, failures, self._lanes[lane][0]
                self._idle += 1
                self._changed.wait(wait_s)
                self._idle -= 1
        return None

    def _leave(self, lane: str) -> None:
        with self._changed:
            self._lanes[lane].popleft()
            if self._lanes[lane]:
                self._schedule(lane)
            else:
                del self._lanes[lane]
