"""Frames from a video file or a folder of images, at the times the file says."""

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import structlog

from store_engine.errors import ConfigError, RecordingError
from store_engine.units import US_PER_S
from store_engine.vision.ports import Frame, Image, Source

IMAGE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
US_PER_MS = 1_000
# A container's frame count is an estimate from its length: fewer by this share is damage (guess).
MISSING_SHARE = 0.05

_log = structlog.get_logger(__name__)
_DIGITS = re.compile(r"(\d+)")


class VideoFile:
    """A video; a frame's capture time is `begin_us` plus its presentation time in the file.

    Raises:
        RecordingError: it is missing, or holds no video that can be decoded.
    """

    def __init__(self, path: Path, *, begin_us: int) -> None:
        if not path.is_file():
            raise RecordingError(f"{path}: no such file")
        self._path = path
        self._frames = 0
        self._begin_us = begin_us
        self._last_us = begin_us - 1
        self._capture = cv2.VideoCapture(str(path))
        if not self._capture.isOpened():
            raise RecordingError(f"{path}: holds no video that can be decoded")

    def read(self) -> Frame | None:
        """Return the next frame; None at the end, or where the file is damaged."""
        image = _grab(self._capture)
        if image is None:
            self._note_end()
            return None
        self._frames += 1
        shown_us = round(self._capture.get(cv2.CAP_PROP_POS_MSEC) * US_PER_MS)
        # Some files repeat presentation times: a frame is later than the one before all the same.
        self._last_us = max(self._begin_us + shown_us, self._last_us + 1)
        return Frame(image, self._last_us)

    def close(self) -> None:
        """Let go of the file."""
        self._capture.release()

    def _note_end(self) -> None:
        promised = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        if self._frames == 0:
            raise RecordingError(f"{self._path}: no frame can be decoded")
        if self._frames < promised * (1.0 - MISSING_SHARE):
            _log.warning(
                "video ends early, it may be damaged",
                file=str(self._path),
                frames=self._frames,
                promised=promised,
            )


class ImageFolder:
    """A folder of images, in the order of the numbers in their names, at a constant rate.

    Raises:
        RecordingError: there is no such folder, or no image in it.
    """

    def __init__(self, folder: Path, *, begin_us: int, rate_hz: float) -> None:
        if not folder.is_dir():
            raise RecordingError(f"{folder}: no such folder")
        found = [path for path in folder.iterdir() if path.suffix.lower() in IMAGE_ENDINGS]
        if not found:
            raise RecordingError(f"{folder}: no image in it ({', '.join(sorted(IMAGE_ENDINGS))})")
        self._paths = sorted(found, key=_by_numbers)
        self._begin_us = begin_us
        self._rate_hz = rate_hz
        self._next = 0

    def read(self) -> Frame | None:
        """Return the next image. Raises `RecordingError` for one that cannot be decoded."""
        if self._next == len(self._paths):
            return None
        path = self._paths[self._next]
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            raise RecordingError(f"{path}: not an image that can be decoded")
        time_us = self._begin_us + round(self._next / self._rate_hz * US_PER_S)
        self._next += 1
        return Frame(image.astype("uint8", copy=False), time_us)

    def close(self) -> None:
        """Nothing is held open."""


class Paced:
    """A recorded source as if it were live: no frame comes before it was taken."""

    def __init__(
        self, source: Source, *, clock_us: Callable[[], int], sleep: Callable[[float], object]
    ) -> None:
        self._source = source
        self._clock_us = clock_us
        self._sleep = sleep

    def read(self) -> Frame | None:
        """Return the next frame, once its time has come."""
        frame = self._source.read()
        if frame is not None:
            wait_us = frame.time_us - self._clock_us()
            if wait_us > 0:
                self._sleep(wait_us / US_PER_S)
        return frame

    def close(self) -> None:
        """Close what is behind it."""
        self._source.close()


class Fitted:
    """A source whose frames have the size that the calibration is for.

    Another size with the same proportions is scaled; other proportions mean another lens setting,
    for which the calibration says nothing.
    """

    def __init__(self, source: Source, *, name: str, width_px: int, height_px: int) -> None:
        self._source = source
        self._name = name
        self._size = width_px, height_px

    def read(self) -> Frame | None:
        """Return the next frame. Raises `ConfigError` for other proportions."""
        frame = self._source.read()
        return None if frame is None else frame._replace(image=self._fit(frame.image))

    def close(self) -> None:
        """Close what is behind it."""
        self._source.close()

    def _fit(self, image: Image) -> Image:
        height, width = image.shape[:2]
        if (width, height) == self._size:
            return image
        # Sizes are whole pixels: half a pixel of difference is no other shape.
        off_px = abs(width * self._size[1] / self._size[0] - height)
        if off_px > 1.0:
            raise ConfigError(
                f"{self._name}: images have {width} x {height} pixels, its calibration is for "
                f"{self._size[0]} x {self._size[1]}, which has other proportions"
            )
        scaled = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA)
        return scaled.astype("uint8", copy=False)


def _grab(capture: cv2.VideoCapture) -> Image | None:
    """Return the next image as (height, width, 3) bytes, None when there is none."""
    good, image = capture.read()
    return image.astype("uint8", copy=False) if good else None


def _by_numbers(path: Path) -> list[tuple[int, str]]:
    """Sort `frame-10` after `frame-9`."""
    parts = _DIGITS.split(path.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
