import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from store_engine.vision.letterbox import Letterbox

sides = st.integers(16, 2_000)
sizes = st.tuples(sides, sides)


@given(image=sizes, network=sizes)
def test_the_corners_of_the_placed_image_are_the_corners_of_the_image(image, network):
    placed = Letterbox.between(image, network)
    corners = np.array(
        [[placed.left, placed.top], [placed.left + placed.width, placed.top + placed.height]]
    )
    assert np.allclose(placed.back(corners), [[0, 0], image])


@given(image=sizes, network=sizes)
def test_the_image_fits_into_the_input_and_fills_one_side(image, network):
    placed = Letterbox.between(image, network)
    assert placed.left >= 0 <= placed.top
    assert placed.left + placed.width <= network[0]
    assert placed.top + placed.height <= network[1]
    assert placed.width == network[0] or placed.height == network[1]


def test_a_square_in_the_image_is_found_where_the_way_back_says():
    image = np.zeros((360, 640, 3), np.uint8)
    image[120:200, 400:480] = 255
    placed = Letterbox.between((640, 360), (448, 256))
    shown = placed.put(image, padding=0)[..., 0] > 127
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    edges = np.array([[columns[0], rows[0]], [columns[-1] + 1, rows[-1] + 1]], dtype=float)
    # The input has 0.7 of the image's resolution: an edge is known to half a pixel of it.
    assert np.abs(placed.back(edges) - [[400, 120], [480, 200]]).max() < 0.72


def test_what_the_image_does_not_cover_is_padding():
    placed = Letterbox.between((640, 360), (640, 640))
    shown = placed.put(np.zeros((360, 640, 3), np.uint8), padding=114)
    assert (placed.top, placed.height) == (140, 360)
    assert (shown[:140] == 114).all()
    assert (shown[140:500] == 0).all()
    assert (shown[500:] == 114).all()
