"""A page to click landmarks on: one file, no server, nothing leaves the browser."""

import base64
import html
from importlib import resources
from string import Template

import cv2

from store_engine.store_map import Camera, StoreMap
from store_engine.vision.calibration_landmarks import named_points
from store_engine.vision.ports import Image

SHOWN_PX = 1280  # width of the image on the page: clicks are finer than pixels (guess)
_PAGE = "calibration_page.html"


def clicking_page(camera: Camera, store_map: StoreMap, frame: Image) -> str:
    """Return HTML with the frame in it; clicks become lines of a landmarks file."""
    page = resources.files("store_engine.vision").joinpath(_PAGE).read_text("utf-8")
    names = (name for name in named_points(store_map) if " plate " not in name)
    return Template(page).substitute(
        camera=html.escape(camera.camera),
        image=_embedded(frame),
        width_px=camera.width_px,
        shown_px=SHOWN_PX,
        options="".join(f'<option value="{html.escape(name)}">' for name in names),
    )


def _embedded(frame: Image) -> str:
    _, encoded = cv2.imencode(".png", frame)
    return "data:image/png;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")
