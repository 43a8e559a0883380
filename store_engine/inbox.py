"""Everything on its way into the engine, in one order with one clock.

The broker's messages, the answers to effects and quiet time meet here. Each is stamped as it
enters; the stamps never go back, even when the wall clock does. What the edge itself says is
numbered here, so that its messages have names like those of any device.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from store_engine.messages import Message, Tick
from store_engine.ports import Delivery, RawArrival
from store_engine.topics import heard_topic

CLOCK = "clock"  # the device that says quiet time


class Inbound(NamedTuple):
    """One payload on its way in."""

    raw: RawArrival
    received_ns: int  # monotonic clock: for measuring latency, never for deciding
    delivery: Delivery | None = None  # set when it came from the broker
    answers: str = ""  # event id of the effect it answers


class Inbox:
    """A queue that many threads fill and the engine's loop empties."""

    def __init__(
        self, *, store: str, boot: int, not_before_us: int = 0, wall_ns: Callable[[], int]
    ) -> None:
        self._store = store
        self._boot = boot
        self._wall_ns = wall_ns
        self._latest_us = not_before_us
        self._sequences: Counter[str] = Counter()
        self._waiting: deque[Inbound] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def hear(self, topic: str, payload: bytes, delivery: Delivery) -> None:
        """Take in what the broker delivered."""
        with self._changed:
            raw = RawArrival(self._stamp_us(), topic, payload)
            self._put(Inbound(raw, time.monotonic_ns(), delivery))

    def say(self, device: str, message: Callable[..., Message], *, answers: str = "") -> None:
        """Take in a message of the edge's own.

        Args:
            device: who says it.
            message: builds it from `device`, `boot`, `sequence` and `time_us`.
            answers: event id of the effect it answers.
        """
        with self._changed:
            raw = self._spoken(device, message)
            self._put(Inbound(raw, time.monotonic_ns(), None, answers))

    def tick(self) -> Inbound | None:
        """Return quiet time if there is nothing to hand over, None otherwise."""
        with self._changed:
            if self._waiting:
                return None
            return Inbound(self._spoken(CLOCK, Tick), time.monotonic_ns())

    def take(self, timeout_s: float) -> Inbound | None:
        """Return the next payload, waiting for it; None when none came or the inbox was closed."""
        with self._changed:
            if not self._waiting and not self._closed and timeout_s > 0:
                self._changed.wait(timeout_s)
            return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """Wake whoever waits, and let nobody wait again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _put(self, inbound: Inbound) -> None:
        self._waiting.append(inbound)
        self._changed.notify()

    def _spoken(self, device: str, message: Callable[..., Message]) -> RawArrival:
        stamp_us = self._stamp_us()
        said = message(
            device=device, boot=self._boot, sequence=self._sequences[device], time_us=stamp_us
        )
        self._sequences[device] += 1
        return RawArrival(stamp_us, heard_topic(self._store, said), msgspec.json.encode(said))

    def _stamp_us(self) -> int:
        self._latest_us = max(self._latest_us, self._wall_ns() // 1_000)
        return self._latest_us
