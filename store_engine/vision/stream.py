"""Frames from a camera on the network (RTSP, or anything else FFmpeg opens by URL)."""

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import cv2

from store_engine.errors import UnreachableError
from store_engine.vision.ports import Frame

OPEN_TIMEOUT_MS = 5_000  # a camera that boots answers within seconds (guess)
READ_TIMEOUT_MS = 5_000  # fifty frames of a slow camera: it has gone (guess)


class Stream:
    """A live stream; a frame's capture time is when it came, less the delay of the camera.

    Most cameras take 0.1 to 0.5 s from light to network and do not say so: measure yours (film a
    clock) and say it in `delay_us`.

    Raises:
        UnreachableError: it cannot be opened now.
    """

    def __init__(self, url: str, *, clock_us: Callable[[], int], delay_us: int = 0) -> None:
        self._clock_us = clock_us
        self._delay_us = delay_us
        self._last_us = 0
        self._capture = cv2.VideoCapture(
            url,
            cv2.CAP_FFMPEG,
            [
                cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
                OPEN_TIMEOUT_MS,
                cv2.CAP_PROP_READ_TIMEOUT_MSEC,
                READ_TIMEOUT_MS,
            ],
        )
        if not self._capture.isOpened():
            raise UnreachableError(f"{without_password(url)}: no stream there")

    def read(self) -> Frame | None:
        """Return the next frame; None when the camera has gone or stalls."""
        good, image = self._capture.read()
        if not good:
            return None
        self._last_us = max(self._clock_us() - self._delay_us, self._last_us + 1)
        return Frame(image.astype("uint8", copy=False), self._last_us)

    def close(self) -> None:
        """Hang up."""
        self._capture.release()


def without_password(url: str) -> str:
    """Return a URL as messages may show it."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))
