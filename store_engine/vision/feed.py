"""The newest frame of a source that does not wait.

One thread reads at the source's own rate and keeps only the newest frame. Whoever takes frames
more slowly than they come misses some: they are counted, and nobody falls behind. A source that
goes away is opened again, each time after a longer wait.
"""

import threading
from collections.abc import Callable
from typing import NamedTuple

from store_engine.errors import UnreachableError
from store_engine.vision.ports import Frame, Source

RETRY_FIRST_S, RETRY_MAX_S = 1.0, 30.0  # doubled each time: a booting camera takes a minute (guess)


class FeedCounts(NamedTuple):
    """What a feed did since it started."""

    read: int = 0
    dropped: int = 0  # read, and replaced by a newer frame before anybody took them
    lost: int = 0  # times the source went away, or was not there


class Feed:
    """Reads a source in a thread of its own.

    open_source: opens it; called again whenever it went away, if it is `endless`.
    endless: a live stream, which only ever goes away for a while; else its end is the end.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        *,
        endless: bool,
        retry_first_s: float = RETRY_FIRST_S,
    ) -> None:
        self._open_source = open_source
        self._endless = endless
        self._retry_first_s = retry_first_s
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._newest: Frame | None = None
        self._read = self._dropped = self._lost = 0
        self._trouble = ""
        self._failure: Exception | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="camera-feed", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def newest(self, wait_s: float) -> Frame | None:
        """Return the newest frame nobody took yet, waiting for one; None when none came.

        Raises what reading raised, where trying again is no use: a missing file, for example.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._ended, wait_s)
            frame, self._newest = self._newest, None
            if frame is None and self._failure is not None:
                raise self._failure
            return frame

    @property
    def ended(self) -> bool:
        """Whether the source has ended and its last frame was taken."""
        with self._changed:
            return self._ended and self._newest is None and self._failure is None

    @property
    def trouble(self) -> str:
        """Why no frames come at the moment, "" while they do."""
        return self._trouble

    def counts(self) -> FeedCounts:
        """Return what was read and dropped so far."""
        with self._changed:
            return FeedCounts(self._read, self._dropped, self._lost)

    def close(self) -> None:
        """Stop reading; returns when the source is closed, or is stuck in a read."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        try:
            self._keep_reading()
        except Exception as error:  # whoever takes frames must hear of it
            self._end(error)
        else:
            self._end(None)

    def _keep_reading(self) -> None:
        wait_s = self._retry_first_s
        while not self._stop.is_set():
            before, why = self._read, "the stream broke off"
            try:
                self._read_to_the_end()
            except UnreachableError as error:
                why = str(error)
            if not self._endless:
                return
            self._lost += 1
            self._trouble = why
            wait_s = self._retry_first_s if self._read > before else wait_s
            self._stop.wait(wait_s)
            wait_s = min(2 * wait_s, RETRY_MAX_S)

    def _read_to_the_end(self) -> None:
        source = self._open_source()
        try:
            while not self._stop.is_set() and (frame := source.read()) is not None:
                self._offer(frame)
        finally:
            source.close()

    def _offer(self, frame: Frame) -> None:
        with self._changed:
            self._dropped += self._newest is not None
            self._read += 1
            self._newest = frame
            self._trouble = ""
            self._changed.notify_all()

    def _end(self, failure: Exception | None) -> None:
        with self._changed:
            self._failure = failure
            self._ended = True
            self._changed.notify_all()
