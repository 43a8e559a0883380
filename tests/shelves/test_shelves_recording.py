"""A real session: plates swing by up to 230 g, one product leaves. Nothing was fitted to it."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from plate_signals import BATCH, Floats, batch, hear, seconds, store_map

from store_engine.messages import ShelfWeights
from store_engine.shelves import Shelves
from store_engine.signals import WeightStep


def recorded(path: Path) -> dict[str, Floats]:
    """Return gondola -> (samples, shelves, plates) grams, as the plates' controllers sent them."""
    batches: dict[str, list[Floats]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)["document"]["plate_data"]
        gondola = str(data["plate_id"]["shelf_id"]["gondola_id"]["id"])
        grams = np.frombuffer(base64.b64decode(data["values"]["data"]), "<f4")
        shape = data["values"]["shape"]
        batches.setdefault(gondola, []).append(grams.reshape(shape).astype(float))
    return {gondola: np.concatenate(batches[gondola]) for gondola in sorted(batches)}


@pytest.fixture(scope="module")
def real_steps(shared_data: Path) -> list[WeightStep]:
    cells: dict[str, list[str | None]] = {}
    batches: list[ShelfWeights] = []
    for gondola, grams in recorded(shared_data / "aifi-benchmark-1" / "plate_data.json").items():
        wired = np.argwhere(~np.isnan(grams).all(axis=0))
        cells[gondola] = [f"{gondola}-{shelf}-{plate}" for shelf, plate in wired]
        columns = np.column_stack([grams[:, shelf, plate] for shelf, plate in wired])
        batches += [
            batch(columns[i * BATCH : (i + 1) * BATCH], sequence=i, device=gondola)
            for i in range(len(columns) // BATCH)
        ]
    signals = hear(Shelves(store_map(cells)), batches)
    return [signal for signal in signals if isinstance(signal, WeightStep)]


def test_exactly_one_change_of_more_than_20_g_is_found(real_steps: list[WeightStep]) -> None:
    (step,) = [step for step in real_steps if abs(step.change_g) > 20.0]
    assert step.plate == "1-5-11"
    assert step.change_g == pytest.approx(-622.0, abs=5.0)
    assert seconds(step.moment_us) == pytest.approx(12.6, abs=0.1)
    assert step.settled_us - step.ended_us < 600_000


def test_what_else_is_found_leaked_to_the_plates_beside_it(real_steps: list[WeightStep]) -> None:
    small = [step for step in real_steps if abs(step.change_g) <= 20.0]
    assert {step.plate for step in small} <= {"1-5-9", "1-5-10"}
    assert all(-12.0 < step.change_g < -4.0 for step in small)
