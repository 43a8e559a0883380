"""How a camera node does: counted, and said about every ten seconds."""

from typing import Literal, NamedTuple

from store_engine.units import seconds_between
from store_engine.vision.feed import FeedCounts
from store_engine.vision.ports import Frame, Image

# A node that misses more than this share of frames is too slow, or its machine too busy (guess).
DROPPED_SHARE_MAX = 0.05
DARK_MEAN = 12.0  # of 255: a covered lens or a shop at night (guess)
FROZEN_S = 3.0  # not one pixel changed, which no real sensor does (guess)
_EVERY_PX = 8  # one pixel of so many, along and down, tells enough


class Report(NamedTuple):
    """What a device status says."""

    state: Literal["online", "degraded"]
    detail: str


class Health:
    """Counts since the last report."""

    def __init__(self, *, now_s: float) -> None:
        self._before = FeedCounts()
        self._start_counting(now_s)

    def count(self, *, detector_s: float, sent: bool) -> None:
        """Take in one frame: how long its detection took, and whether there was room to say it."""
        self._frames += 1
        self._detector_s += detector_s
        self._unsent += not sent

    def report(self, *, now_s: float, feed: FeedCounts, troubles: tuple[str, ...]) -> Report:
        """Return what to say, and start to count anew.

        feed: of all time, of which the last report's part is taken off.
        troubles: what else is wrong; empty strings are nothing.
        """
        read, dropped = feed.read - self._before.read, feed.dropped - self._before.dropped
        rate_hz = self._frames / max(now_s - self._since_s, 1e-9)
        each_ms = 1_000.0 * self._detector_s / max(self._frames, 1)
        wrong = [trouble for trouble in troubles if trouble]
        if dropped > DROPPED_SHARE_MAX * max(read, 1):
            wrong.append("too slow for the source")
        if self._unsent:
            wrong.append(f"{self._unsent} frames not sent: too many wait for the broker")
        figures = (
            f"{rate_hz:.1f} frames/s, {dropped} of {read} dropped, detector {each_ms:.0f} ms, "
            f"source lost {feed.lost} times"
        )
        self._before = feed
        self._start_counting(now_s)
        return Report("degraded" if wrong else "online", "; ".join([*wrong, figures]))

    def _start_counting(self, now_s: float) -> None:
        self._since_s = now_s
        self._frames = 0
        self._detector_s = 0.0
        self._unsent = 0


class Lookout:
    """Whether the images show anything: a covered or frozen camera goes on sending frames."""

    def __init__(self) -> None:
        self._last: Image | None = None
        self._changed_us = 0

    def trouble(self, frame: Frame) -> str:
        """Return what is wrong with a live frame, "" when nothing is."""
        sample = frame.image[::_EVERY_PX, ::_EVERY_PX]
        if self._last is None or (sample != self._last).any():
            self._last, self._changed_us = sample.copy(), frame.time_us
        if sample.mean() < DARK_MEAN:
            return f"dark image: mean {sample.mean():.0f} of 255"
        still_s = seconds_between(self._changed_us, frame.time_us)
        return f"frozen image: the same for {still_s:.0f} s" if still_s >= FROZEN_S else ""
