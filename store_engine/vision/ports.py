"""What a camera node is put together from."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from store_engine.messages import PersonDetection

Image = NDArray[np.uint8]  # (height, width, 3): blue, green, red


class Frame(NamedTuple):
    """One image and when it was taken."""

    image: Image
    time_us: int  # capture time, microseconds since the epoch


class Source(Protocol):
    """Where frames come from, one after the other."""

    def read(self) -> Frame | None:
        """Return the next frame, later than the one before; None when there is none any more."""
        ...

    def close(self) -> None:
        """Let go of the file or the connection; doing it twice is harmless."""
        ...


class Detector(Protocol):
    """Finds people in frames, which come in order of time."""

    def detect(self, frame: Frame) -> tuple[PersonDetection, ...]:
        """Return everybody found, in pixels of the frame's image."""
        ...
