"""The real store in configs/nanostore, and the geometry it was taken from."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from biip.gtin import Gtin

from store_engine.store import Store
from store_engine.store_files import load_store

CONFIGS = Path(__file__).parents[2] / "configs"
METRES_PER_INCH = 0.0254


@pytest.fixture(scope="module")
def store() -> Store:
    return load_store(CONFIGS / "nanostore")


def test_the_store_has_all_its_furniture(store):
    assert len(store.map.cells) == 5
    assert len(store.map.shelves) == 30
    assert len(store.map.plates) == 306
    assert len(store.map.cameras) == 12


def test_cells_of_a_gondola_follow_its_shelves_and_plates(store):
    cells = store.map.cells["gondola-2"]
    assert cells[:2] == ("2-1-1", "2-1-2")
    assert cells[9] == "2-2-1"
    assert cells[-1] == "2-6-9"


def test_every_product_has_a_valid_gtin_and_a_place(store):
    placed = {facing.gtin for facing in store.map.facings}
    assert placed == set(store.catalog.products)
    assert all(Gtin.parse(gtin) for gtin in placed)


def test_prices_are_minor_units_and_rates_parts_per_million(store):
    water = store.catalog.products["071142008582"]
    assert (water.price, water.mass_g) == (129, 621.67)
    assert store.catalog.tax_rates["sweet_drink"] == 72_500


def test_the_product_of_the_recorded_receipt_is_where_it_was_taken(store):
    assert store.map.products_on["1-5-11"] == ("071142008582",)


def test_nobody_stands_in_a_gondola(store):
    right = max(x for x, _ in store.map.floor)
    top = max(y for _, y in store.map.floor)
    for obstacle in store.map.obstacles:
        assert all(x >= right or y >= top for x, y in obstacle.corners), obstacle.name


def test_plates_are_where_the_published_geometry_has_them(store, shared_data):
    published = published_plate_centres(shared_data / "nanostore")
    assert published.keys() == store.map.plates.keys()
    for name, centre in published.items():
        assert math.dist(store.map.plates[name].centre, centre) < 1e-3, name


def test_cameras_are_where_the_published_calibration_has_them(store, shared_data):
    text = (shared_data / "nanostore" / "calibration.json").read_text()
    for number, published in json.loads(text)["cameras"].items():
        camera = store.map.cameras.get(f"camera-{number}")
        if camera is not None:
            pose = np.array(published["Tw"])
            scale = np.array([[camera.width_px], [camera.height_px], [1]])
            assert np.allclose(camera.R, pose[:3, :3], atol=1e-6)
            assert np.allclose(camera.t, pose[:3, 3] * METRES_PER_INCH, atol=1e-3)
            assert np.allclose(camera.K, np.array(published["K"]) * scale, atol=1e-2)


def test_masses_are_the_published_ones_except_where_a_note_says_why(store, shared_data):
    published = published_masses(shared_data / "aifi-benchmark-1" / "products.json")
    differing = {
        gtin
        for gtin, product in store.catalog.products.items()
        if gtin in published and abs(published[gtin] - product.mass_g) > 0.01
    }
    assert differing == {"041508922487", "853328005031"}


def test_recorded_shoppers_stand_on_the_floor(store, shared_data):
    lines = (shared_data / "aifi-benchmark-1" / "full_targets.json").read_text().splitlines()
    targets = [
        t for line in lines for t in json.loads(line)["document"]["targets"].get("targets", ())
    ]
    (left, bottom), (right, top) = np.min(store.map.floor, axis=0), np.max(store.map.floor, axis=0)
    necks = [t["neck"]["point"] for t in targets if t["neck"]["point"]]
    assert len(necks) > 250
    assert all(left < p["x"] * METRES_PER_INCH < right for p in necks)
    assert all(bottom < p["y"] * METRES_PER_INCH < top for p in necks)


# ---- the published files, read without our code ------------------------------------------------


def published_plate_centres(folder: Path) -> dict[str, tuple[float, ...]]:
    gondolas = {g["id"]["id"]: g for g in load(folder / "Gondolas.json")["gondolas"]}
    shelves = {shelf_key(s["id"]): s for s in load(folder / "Shelves.json")["shelves"]}
    centres = {}
    for plate in load(folder / "Plates.json")["plates"]:
        key = shelf_key(plate["id"]["shelf_id"])
        size = plate["coordinates"]
        point = np.array([size["dim_x"] / 2, size["dim_y"] / 2, 0.0])
        for frame in (plate, shelves[key], gondolas[key[0]]):
            point = moved(point, frame["coordinates"]["transform"])
        centres[f"{key[0]}-{key[1]}-{plate['id']['plate_index']}"] = tuple(point)
    return centres


def moved(point: Any, transform: dict[str, dict[str, float]]) -> Any:
    turn, shift = transform["rotation"], transform["translation"]
    assert turn["x"] == turn["y"] == 0  # Rodrigues vector: all turns are about the vertical
    c, s = math.cos(turn["z"]), math.sin(turn["z"])
    rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return rotation @ point + np.array([shift["x"], shift["y"], shift["z"]])


def shelf_key(shelf: dict[str, Any]) -> tuple[int, int]:
    return shelf["gondola_id"]["id"], shelf["shelf_index"]


def published_masses(path: Path) -> dict[str, float]:
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return {r["product_id"]["id"]: r["metadata"].get("weight", math.nan) for r in records}


def load(path: Path) -> Any:
    return json.loads(path.read_text())
