"""Load cells: forces become readings, readings become batches."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.faults import DeadCells, DriftingShelf
from sim.scene import Scene
from sim.sensors.noise import FloatArray, log_uniform, stream
from sim.sensors.outgoing import Outgoing, Stamp, latencies_us
from sim.sensors.plan import WeightsPlan
from sim.sensors.shelf_forces import PlateForces, leaked_g
from sim.sensors.vibration import footstep_kicks, swing_of_shelf
from store_engine.messages import ShelfWeights
from store_engine.store_map import StoreMap
from store_engine.units import US_PER_S, DeviceId, PlateId, to_us

Tenths = NDArray[np.int32]
MISSING = np.iinfo(np.int32).min  # an absent cell among tenths of a gram
SHELF_DRIFT_SPREAD = 0.3  # plates of a drifting shelf drift this much unequally; guess

ShelfFault = DriftingShelf | DeadCells


def shelf_weights(
    scene: Scene,
    store_map: StoreMap,
    plan: WeightsPlan,
    faults: Sequence[ShelfFault],
    *,
    until_s: float,
    seed: int,
) -> Iterator[Outgoing]:
    """Yield every batch of every weight controller until `until_s`."""
    for device in store_map.cells:
        rng = stream(seed, "controller", device)
        batches = int(until_s * plan.rate_hz / plan.batch)
        phase_s = float(rng.uniform(0.0, plan.batch / plan.rate_hz))
        times_s = phase_s + np.arange(batches * plan.batch) / plan.rate_hz
        tenths = _Controller(scene, store_map, plan, device, seed).readings(times_s, faults)
        delays_us = latencies_us(rng, batches, plan.latency_ms)
        for batch, delay_us in enumerate(delays_us):
            first = batch * plan.batch
            time_us = scene.start_us + to_us(phase_s + first / plan.rate_hz)
            sent_us = time_us + round(plan.batch / plan.rate_hz * US_PER_S)
            block = tenths[first : first + plan.batch]
            build = partial(_message, device, plan.rate_hz, block)
            yield Outgoing(device, time_us, sent_us, sent_us + delay_us, build)


def _message(device: str, rate_hz: float, block: Tenths, stamp: Stamp) -> ShelfWeights:
    rows: list[list[float | None]] = (block / 10.0).tolist()
    absent = np.nonzero(block == MISSING)
    for row, cell in zip(*absent, strict=True):
        rows[row][cell] = None
    return ShelfWeights(
        device=device,
        sequence=stamp.sequence,
        boot=stamp.boot,
        time_us=stamp.time_us,
        rate_hz=rate_hz,
        samples=tuple(map(tuple, rows)),
    )


class _Controller:
    """One controller: the plates wired to it and what they read."""

    def __init__(
        self, scene: Scene, store_map: StoreMap, plan: WeightsPlan, device: DeviceId, seed: int
    ) -> None:
        self._scene = scene
        self._map = store_map
        self._plan = plan
        self._seed = seed
        self._cells = store_map.cells[device]
        plates = [plate for plate in self._cells if plate is not None]
        self._columns: dict[PlateId, int] = {plate: column for column, plate in enumerate(plates)}
        self._shelves: dict[str, list[PlateId]] = {
            shelf: [plate for plate in on_shelf if plate in self._columns]
            for shelf, on_shelf in store_map.shelves.items()
        }

    def readings(self, times_s: FloatArray, faults: Sequence[ShelfFault]) -> Tenths:
        """Return (n, cells) tenths of a gram, `MISSING` where a cell is absent."""
        forces = PlateForces(times_s, self._columns, self._plan)
        forces.add_loads(self._scene.loads, self._seed)
        forces.add_contacts(self._scene.contacts, self._seed)
        handled_g = forces.lasting_g + forces.passing_g
        true_g = handled_g.copy()
        for shelf, plates in self._shelves.items():
            if plates:
                columns = [self._columns[plate] for plate in plates]
                true_g[:, columns] += self._of_shelf(shelf, plates, times_s, handled_g)
        for plate, column in self._columns.items():
            true_g[:, column] += self._scene.initial_g.get(plate, 0.0)
        np.minimum(true_g, self._plan.rated_g, out=true_g)
        for fault in faults:
            if isinstance(fault, DriftingShelf) and fault.shelf in self._shelves:
                self._drift(true_g, times_s, fault)
        tenths = self._convert(true_g)
        for fault in faults:
            if isinstance(fault, DeadCells) and fault.shelf in self._shelves:
                self._kill(tenths, times_s, fault)
        return self._in_cell_order(tenths)

    def _of_shelf(
        self, shelf: str, plates: Sequence[PlateId], times_s: FloatArray, handled_g: FloatArray
    ) -> FloatArray:
        """Return (n, plates) what a shelf adds to its own plates: leaks, vibration, noise."""
        columns = [self._columns[plate] for plate in plates]
        centre = np.mean([self._map.plates[plate].centre[:2] for plate in plates], axis=0)
        kicks = footstep_kicks(
            self._scene.footsteps, times_s, (centre[0], centre[1]), self._plan, self._seed
        )
        names = (shelf.rsplit("-", 1)[0], shelf)
        swing = swing_of_shelf(
            kicks, handled_g[:, columns], names=names, plan=self._plan, seed=self._seed
        )
        leaked = leaked_g(handled_g, plates, self._columns, self._plan, self._seed)
        return swing + leaked + self._noise(shelf, plates, times_s)

    def _noise(self, shelf: str, plates: Sequence[PlateId], times_s: FloatArray) -> FloatArray:
        """Return (n, plates) white noise, hum and slow drift of one shelf."""
        plan, rng = self._plan, stream(self._seed, "noise", shelf)
        shape = (len(times_s), len(plates))
        shelf_sd = log_uniform(rng, *plan.noise_g)
        spread = np.exp(plan.plate_noise_spread * rng.standard_normal(len(plates)))
        sd = np.clip(shelf_sd * spread, *plan.plate_noise_g)
        hum_sd = sd * np.sqrt(plan.hum_share * rng.uniform(0.0, 1.0, len(plates)))
        phase = rng.uniform(0.0, 2.0 * np.pi, len(plates))
        hum = np.sqrt(2.0) * np.sin(2.0 * np.pi * plan.hum_hz * times_s[:, None] + phase)
        white = np.sqrt(sd**2 - hum_sd**2) * rng.standard_normal(shape)
        per_sample_g = plan.drift_g / np.sqrt(60.0 * plan.rate_hz)
        drift = np.cumsum(per_sample_g * rng.standard_normal(shape), axis=0)
        return np.asarray(white + hum_sd * hum + drift)

    def _drift(self, true_g: FloatArray, times_s: FloatArray, fault: DriftingShelf) -> None:
        elapsed_min = np.clip(times_s - fault.from_s, 0.0, None) / 60.0
        for plate in self._shelves[fault.shelf]:
            rng = stream(self._seed, "drifting", plate)
            factor = 1.0 + SHELF_DRIFT_SPREAD * rng.standard_normal()
            true_g[:, self._columns[plate]] += fault.g_per_min * factor * elapsed_min

    def _convert(self, true_g: FloatArray) -> Tenths:
        """Return readings: arbitrary zero, converter steps, repeated conversions."""
        plan = self._plan
        shifted = np.empty_like(true_g)
        for plate, column in self._columns.items():
            rng = stream(self._seed, "converter", plate)
            shifted[:, column] = true_g[:, column] + rng.uniform(*plan.offset_g)
            repeats = rng.random(len(true_g)) < plan.repeat_rate
            latest = np.maximum.accumulate(np.where(repeats, 0, np.arange(len(true_g))))
            shifted[:, column] = shifted[latest, column]
        quantised = np.round(shifted / plan.quantum_g) * plan.quantum_g
        return np.asarray(np.round(quantised * 10.0), dtype=np.int32)

    def _kill(self, tenths: Tenths, times_s: FloatArray, fault: DeadCells) -> None:
        dead = times_s >= fault.from_s
        if fault.until_s is not None:
            dead &= times_s < fault.until_s
        for plate in self._shelves[fault.shelf]:
            tenths[dead, self._columns[plate]] = MISSING

    def _in_cell_order(self, tenths: Tenths) -> Tenths:
        wired = np.full((len(tenths), len(self._cells)), MISSING, dtype=np.int32)
        for cell, plate in enumerate(self._cells):
            if plate is not None:
                wired[:, cell] = tenths[:, self._columns[plate]]
        return wired
