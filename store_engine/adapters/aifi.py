"""Turns the AutoCheckout competition's export into a recording of ours.

What is in the export becomes `ShelfWeights` per gondola and `TrackedPeople`. What is not in it is
derived, and said in the session's notes:

- *Gate messages*: see `aifi_gates`.
- *The time of the first sample.* A batch of 12 samples at 60 Hz spans 183 ms from the first to
  the last, yet it is issued as little as 94 ms after its `t_origin` (least of 344 batches,
  measured on BENCHMARK-1; the median is 98 ms). So `t_origin` cannot be the first sample. Two
  readings remain: it is the last sample, and every batch waits 94 ms before it leaves; or it is
  the middle of the batch, whose last sample follows 91.7 ms later and leaves after 2 ms. We take
  the middle, the reading that needs no unexplained wait; if it is wrong, weights are 92 ms late.
- *Arrival.* Messages arrive at their `t_issue`. For people that is the capture time: the export's
  database saw them 2.3 s later, and a live engine would not wait for so slow a tracker.
- *Ticks*, as the engine's own edge would have made them.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from store_engine.adapters.aifi_export import (
    PLATE_DATA,
    TARGETS,
    ExportedJoint,
    ExportedTarget,
    PlateBatch,
    TargetsFrame,
    read_plate_batches,
    read_target_frames,
)
from store_engine.adapters.aifi_gates import gate_messages, gate_notes, presences_of
from store_engine.errors import RecordingError
from store_engine.messages import (
    Arrival,
    Joint,
    ShelfWeights,
    Tick,
    TrackedPeople,
    TrackedPerson,
)
from store_engine.ports import RawArrival
from store_engine.store_map import StoreMap
from store_engine.topics import heard_topic
from store_engine.units import US_PER_S, DeviceId, GateId, PlateId

TICK_US = 100_000  # as the edge does, about ten times a second
QUIET_US = 8 * US_PER_S  # ticks go on this long, so that every receipt can be settled (guess)

# True of every converted session; `load_aifi` adds what is true of one.
AIFI_NOTES = (
    "gate messages are not in the export: a target's state, first and last position give them",
    "the first sample of a batch is taken half a batch before t_origin (at most 0.1 s off)",
    "people arrive at their capture time; ticks are added; payment results are not in here",
)


class AifiSession(NamedTuple):
    """A converted session, in received order, and what a reader of it should know."""

    arrivals: tuple[RawArrival, ...]
    notes: tuple[str, ...]


def read_aifi(folder: Path, store_map: StoreMap) -> Iterator[RawArrival]:
    """Return the session in `folder` as our messages, in received order.

    Raises:
        RecordingError: a file is missing or wrong; names file and line.
    """
    return iter(load_aifi(folder, store_map).arrivals)


def load_aifi(folder: Path, store_map: StoreMap) -> AifiSession:
    """Return the session in `folder` with its notes. Raises `RecordingError`."""
    batches, frames = read_plate_batches(folder), read_target_frames(folder)
    if not batches and not frames:
        raise RecordingError(f"{folder}: no weights in {PLATE_DATA}, no people in {TARGETS}")
    presences = presences_of(frames)
    heard = [
        *gate_messages(presences, _the_gate(store_map)),
        *_weights(batches, store_map),
        *_people(frames, _the_tracker(store_map)),
    ]
    first_us = min(arrival.received_us for arrival in heard)
    last_us = max(arrival.received_us for arrival in heard)
    # Stable: at the same microsecond a gate speaks first and the tick, saying "no more", last.
    ordered = sorted([*heard, *_ticks(first_us, last_us + QUIET_US)], key=lambda a: a.received_us)
    return AifiSession(
        arrivals=tuple(_raw(arrival, store_map) for arrival in ordered),
        notes=(
            *AIFI_NOTES,
            f"{len(batches)} weight batches, {len(frames)} frames of people",
            *gate_notes(presences),
            *_column_notes(batches, store_map),
        ),
    )


def _raw(arrival: Arrival, store_map: StoreMap) -> RawArrival:
    return RawArrival(
        received_us=arrival.received_us,
        topic=heard_topic(store_map.store, arrival.message),
        payload=msgspec.json.encode(arrival.message),
    )


def _the_gate(store_map: StoreMap) -> GateId:
    if not store_map.gates:
        raise RecordingError(f"store {store_map.store}: no gate that people could have come in by")
    return next(iter(store_map.gates))


def _the_tracker(store_map: StoreMap) -> DeviceId:
    if not store_map.trackers:
        raise RecordingError(f"store {store_map.store}: no upstream tracker to speak for people")
    return store_map.trackers[0]


# ---- weights ---------------------------------------------------------------------------------


def _weights(batches: Iterable[PlateBatch], store_map: StoreMap) -> Iterator[Arrival]:
    devices = _device_of_gondola(store_map)
    sequences: Counter[DeviceId] = Counter()
    for batch in batches:
        device = devices.get(batch.gondola)
        if device is None:
            raise RecordingError(
                f"{PLATE_DATA} line {batch.line}: gondola {batch.gondola} is not in store"
                f" {store_map.store}, which has {', '.join(devices)}"
            )
        weights = ShelfWeights(
            device=device,
            sequence=sequences[device],
            time_us=_first_sample_us(batch),
            rate_hz=batch.rate_hz,
            samples=_cell_samples(batch, store_map.cells[device]),
        )
        sequences[device] += 1
        yield Arrival(weights, batch.issued_us)


def _first_sample_us(batch: PlateBatch) -> int:
    """`t_origin` is the middle of the batch: see the head of this file."""
    half_span_s = (len(batch.grams) - 1) / 2 / batch.rate_hz
    return batch.origin_us - round(half_span_s * US_PER_S)


def _cell_samples(
    batch: PlateBatch, cells: Sequence[PlateId | None]
) -> tuple[tuple[float | None, ...], ...]:
    """Return (samples, cells) in grams, in the order of the store map; None: no reading."""
    _, shelves, plates = batch.grams.shape
    columns = np.full((len(batch.grams), len(cells)), np.nan)
    for index, cell in enumerate(cells):
        if cell is not None:
            shelf, plate = _plate_numbers(cell)
            if shelf < shelves and plate < plates:
                columns[:, index] = batch.grams[:, shelf, plate]
    # float32 holds about 7 digits: a thousandth of a gram is the last that means something.
    rows = np.round(columns, 3).tolist()
    return tuple(tuple(gram if math.isfinite(gram) else None for gram in row) for row in rows)


def _plate_numbers(plate: PlateId) -> tuple[int, int]:
    """Return (shelf, plate) of "1-5-11"."""
    _, shelf, number = plate.split("-")
    return int(shelf), int(number)


def _device_of_gondola(store_map: StoreMap) -> dict[str, DeviceId]:
    return {
        plate.split("-")[0]: device
        for device, cells in store_map.cells.items()
        for plate in cells
        if plate is not None
    }


# ---- people ----------------------------------------------------------------------------------


def _people(frames: Iterable[TargetsFrame], tracker: DeviceId) -> Iterator[Arrival]:
    for sequence, frame in enumerate(frames):
        people = TrackedPeople(
            device=tracker,
            sequence=sequence,
            time_us=frame.time_us,
            people=tuple(map(_person, frame.targets)),
        )
        yield Arrival(people, frame.time_us)


def _person(target: ExportedTarget) -> TrackedPerson:
    return TrackedPerson(
        track=target.target,
        head=_joint(target.head),
        neck=_joint(target.neck),
        left_wrist=_joint(target.left_wrist),
        right_wrist=_joint(target.right_wrist),
    )


def _joint(joint: ExportedJoint | None) -> Joint | None:
    return None if joint is None else Joint(at=joint.at, score=joint.score)


# ---- quiet time ------------------------------------------------------------------------------


def _ticks(first_us: int, last_us: int) -> Iterator[Arrival]:
    for sequence, time_us in enumerate(range(first_us, last_us + 1, TICK_US)):
        yield Arrival(Tick(device="clock", sequence=sequence, time_us=time_us), time_us)


# ---- notes -----------------------------------------------------------------------------------


def _column_notes(batches: Sequence[PlateBatch], store_map: StoreMap) -> list[str]:
    """Say which columns have no plate, and which plates have no column."""
    notes: list[str] = []
    first = {batch.gondola: batch for batch in reversed(batches)}
    for gondola, device in _device_of_gondola(store_map).items():
        if gondola not in first:
            notes.append(f"gondola {gondola}: no weights")
            continue
        configured = {_plate_numbers(cell) for cell in store_map.cells[device] if cell}
        readings = ~np.isnan(first[gondola].grams).all(axis=0)
        found = {(int(shelf), int(plate)) for shelf, plate in np.argwhere(readings)}
        if beyond := found - configured:
            notes.append(f"gondola {gondola}: {len(beyond)} columns beyond its plates left out")
        if absent := configured - found:
            notes.append(f"gondola {gondola}: {len(absent)} of {len(configured)} plates absent")
    return notes
