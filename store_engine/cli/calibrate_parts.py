"""What `store-engine calibrate` needs OpenCV for, from the extra `vision`."""

from pathlib import Path

import cv2

from store_engine.errors import RecordingError
from store_engine.store_map import Camera
from store_engine.units import to_us
from store_engine.vision.calibration_page import clicking_page
from store_engine.vision.overlay import picture, save_picture
from store_engine.vision.ports import Frame, Image
from store_engine.vision.sources import IMAGE_ENDINGS, Fitted, VideoFile

__all__ = ["clicking_page", "frame_at", "picture", "save_picture"]


def frame_at(path: Path, camera: Camera, *, second: float) -> Image:
    """Return an image file, or the frame that a video shows at a second, at the camera's size.

    Raises:
        RecordingError: it cannot be read, or the video ends before.
        ConfigError: it has other proportions than the calibration.
    """
    still = path.suffix.lower() in IMAGE_ENDINGS
    source = Fitted(
        ImageFile(path) if still else VideoFile(path, begin_us=0),
        name=camera.camera,
        width_px=camera.width_px,
        height_px=camera.height_px,
    )
    try:
        while (frame := source.read()) is not None:
            if still or frame.time_us >= to_us(second):
                return frame.image
    finally:
        source.close()
    raise RecordingError(f"{path}: ends before second {second:g}")


class ImageFile:
    """One image as a source."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Frame | None:
        """Return the image, every time. Raises `RecordingError` when it cannot be decoded."""
        image = cv2.imread(str(self._path), cv2.IMREAD_COLOR)
        if image is None:
            raise RecordingError(f"{self._path}: not an image that can be decoded")
        return Frame(image.astype("uint8", copy=False), 0)

    def close(self) -> None:
        """Nothing is held open."""
