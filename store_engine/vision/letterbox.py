"""An image of one shape inside a network's input of another, and the way back.

Coordinates are continuous: pixel i covers i to i + 1, as boxes in messages do.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from store_engine.vision.ports import Image

FloatArray = NDArray[np.float64]


class Letterbox(NamedTuple):
    """Where the scaled image lies in the input, in whole pixels of the input."""

    image_width: int
    image_height: int
    input_width: int
    input_height: int
    left: int
    top: int
    width: int
    height: int

    @classmethod
    def between(cls, image: tuple[int, int], network: tuple[int, int]) -> "Letterbox":
        """Return the largest centred placement that keeps the proportions to a pixel.

        Args:
            image: width and height, pixels.
            network: width and height of its input, pixels.
        """
        scale = min(network[0] / image[0], network[1] / image[1])
        width, height = (max(1, round(side * scale)) for side in image)
        left, top = (network[0] - width) // 2, (network[1] - height) // 2
        return cls(*image, *network, left, top, width, height)

    def put(self, image: Image, *, padding: int) -> Image:
        """Return the network's input (input_height, input_width, 3), `padding` around the image."""
        scaled = cv2.resize(image, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        whole = np.full((self.input_height, self.input_width, 3), padding, dtype=np.uint8)
        whole[self.top : self.top + self.height, self.left : self.left + self.width] = scaled
        return whole

    def back(self, points: FloatArray) -> FloatArray:
        """Return (..., 2) pixels of the image from (..., 2) pixels of the input.

        Width and height were rounded each on its own, so each axis has its own exact scale.
        """
        scale = np.array([self.image_width / self.width, self.image_height / self.height])
        image: FloatArray = (points - np.array([self.left, self.top])) * scale
        return image
