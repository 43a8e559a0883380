"""One piece of the day as the edge hears it, continued from the piece before."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.endurance.day import OPENING_US, Piece, next_start_us, scenario_of
from benchmarks.metering import credentials, people
from benchmarks.scaling.stores import NANOSTORE
from sim.sensors import play
from sim.session import sensor_plan
from sim.truth import owed_by
from sim.world import build_scene
from store_engine.adapters.recordings import McapRecorder
from store_engine.intake import FrontDoor, Refusal
from store_engine.messages import Heard, ShelfWeights
from store_engine.ports import RawArrival
from store_engine.store import Store
from store_engine.store_files import load_store

ACCOUNTS = 40
EDGES = 60  # samples of each plate at both ends of a piece that say its level: one second

Grams = NDArray[np.float64]
Levels = Mapping[str, tuple[float, ...]]  # of each controller's cells, grams


class Before(NamedTuple):
    """Where the piece before ended."""

    last_us: int
    levels: Levels


class Simulated(NamedTuple):
    """A piece that lies ready."""

    path: Path
    ended: Before
    people: int
    owed: Mapping[str, Mapping[str, int]]  # what accounts truly owe, over the whole piece


def simulate_piece(piece: Piece, before: Before | None, *, seed: int, folder: Path) -> Simulated:
    """Write a piece as a recording. Sensors keep their character over the day: one seed."""
    store, accounts = load_store(NANOSTORE), people(ACCOUNTS)
    start_us = OPENING_US if before is None else next_start_us(before.last_us)
    scenario = scenario_of(piece, start_us=start_us)
    scene = build_scene(
        scenario, store, seed=seed + piece.number, credentials=credentials(accounts)
    )
    arrivals = play(scene, store, sensors=sensor_plan(scenario), seed=seed)
    heard = list(_decoded(arrivals, store))
    shifts = {} if before is None else shifts_between(before.levels, levels_of(heard, last=False))
    path = folder / f"piece-{piece.number}.mcap"
    with McapRecorder(path, store=str(store.map.store)) as recorder:
        for raw in continued(heard, shifts, boot=piece.number):
            recorder.write(raw)
    ended = Before(heard[-1][0].received_us, _moved(levels_of(heard, last=True), shifts))
    return Simulated(path, ended, len(scene.people), owed_by(scene.truth))


def _decoded(arrivals: Iterable[RawArrival], store: Store) -> Iterator[tuple[RawArrival, Heard]]:
    door = FrontDoor(store)
    for raw in arrivals:
        accepted = door.accept(raw)
        if isinstance(accepted, Refusal):
            raise TypeError(f"the simulator says what no engine hears: {accepted.reason}")
        yield raw, accepted.message


def continued(
    heard: Iterable[tuple[RawArrival, Heard]], shifts: Mapping[str, Grams], *, boot: int
) -> Iterator[RawArrival]:
    """Yield messages of a new life of every device, plates on from their old levels."""
    encode = msgspec.json.Encoder().encode
    for raw, message in heard:
        changes: dict[str, Any] = {"boot": boot}
        if isinstance(message, ShelfWeights) and message.device in shifts:
            changes["samples"] = shifted(message.samples, shifts[message.device])
        payload = encode(msgspec.structs.replace(message, **changes))
        yield RawArrival(raw.received_us, raw.topic, payload)


def shifted(
    samples: tuple[tuple[float | None, ...], ...], by: Grams
) -> tuple[tuple[float | None, ...], ...]:
    """Return readings (n, cells) moved by one shift per cell, to a tenth of a gram."""
    moved = np.round(np.array(samples, dtype=np.float64) + by, 1).tolist()
    return tuple(tuple(None if cell != cell else cell for cell in row) for row in moved)


def levels_of(heard: Iterable[tuple[RawArrival, Heard]], *, last: bool) -> dict[str, Grams]:
    """Return each controller's mean levels (cells,) at one end of a piece."""
    ends: dict[str, list[tuple[float | None, ...]]] = defaultdict(list)
    for _, message in heard:
        if isinstance(message, ShelfWeights):
            rows = ends[message.device]
            if last:
                rows += message.samples
                del rows[:-EDGES]
            elif len(rows) < EDGES:
                rows += message.samples
    return {
        device: np.nanmean(np.array(rows, dtype=np.float64), axis=0)
        for device, rows in ends.items()
    }


def shifts_between(
    before: Mapping[str, Sequence[float] | Grams], after: Mapping[str, Grams]
) -> dict[str, Grams]:
    """Return what moves each controller's cells from the levels `after` to those `before`."""
    return {device: np.array(before[device]) - level for device, level in after.items()}


def _moved(
    levels: Mapping[str, Grams], shifts: Mapping[str, Grams]
) -> dict[str, tuple[float, ...]]:
    return {
        device: tuple((level + shifts.get(device, np.zeros_like(level))).tolist())
        for device, level in levels.items()
    }
