"""Sources and publishers that do as a test says."""

import threading
import time
from collections.abc import Iterable

import msgspec
import numpy as np

from store_engine.errors import UnreachableError
from store_engine.messages import CameraFrame, DeviceStatus, PersonDetection
from store_engine.vision.ports import Frame

SOMEBODY = PersonDetection(box=(10.0, 20.0, 30.0, 80.0), score=0.9)


def frame(number: int = 0, *, shade: int = 100) -> Frame:
    """A small grey image, 0.1 s after the one before."""
    return Frame(np.full((36, 64, 3), shade, dtype=np.uint8), 1_000_000 + number * 100_000)


class Reel:
    """Hands out frames; `each_s` apart, if that is more than 0."""

    def __init__(self, frames: Iterable[Frame], *, each_s: float = 0.0) -> None:
        self._frames = iter(frames)
        self._each_s = each_s
        self.closed = False

    def read(self) -> Frame | None:
        if self._each_s:
            time.sleep(self._each_s)
        return next(self._frames, None)

    def close(self) -> None:
        self.closed = True


class Flaky:
    """Opens one source after the other; None is a time at which nothing is there."""

    def __init__(self, *sources: Reel | None) -> None:
        self._sources = iter(sources)
        self.tried_s: list[float] = []
        self.spent = threading.Event()

    def __call__(self) -> Reel:
        self.tried_s.append(time.monotonic())
        source = next(self._sources, "spent")
        if source == "spent":
            self.spent.set()
            raise UnreachableError("nothing is there any more")
        if source is None:
            raise UnreachableError("nothing is there")
        return source


class Post:
    """A publisher that keeps what it is given."""

    def __init__(self, *, waiting: int = 0) -> None:
        self.waiting = waiting
        self.sent: list[tuple[str, bytes, int, bool]] = []

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        self.sent.append((topic, payload, qos, retain))

    def pending(self) -> int:
        return self.waiting

    @property
    def frames(self) -> list[CameraFrame]:
        return [
            msgspec.json.decode(payload, type=CameraFrame)
            for topic, payload, _, _ in self.sent
            if topic.endswith("/frames")
        ]

    @property
    def statuses(self) -> list[DeviceStatus]:
        return [
            msgspec.json.decode(payload, type=DeviceStatus)
            for topic, payload, _, _ in self.sent
            if topic.endswith("/status")
        ]


class Always:
    """A detector that finds the same people in every frame, in its own time."""

    def __init__(self, *people: PersonDetection, takes_s: float = 0.0) -> None:
        self._people = people
        self._takes_s = takes_s
        self.frames = 0

    def detect(self, frame: Frame) -> tuple[PersonDetection, ...]:
        self.frames += 1
        if self._takes_s:
            time.sleep(self._takes_s)
        return self._people
