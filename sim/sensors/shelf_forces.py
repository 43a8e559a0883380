"""Forces on plates: goods lifted and put down, hands that rest, and what leaks to neighbours."""

from collections.abc import Sequence

import numpy as np

from sim.scene import Contact, Load
from sim.sensors.noise import FloatArray, smoothstep, stream, wander
from sim.sensors.plan import WeightsPlan
from store_engine.units import PlateId

RING_S = 1.2  # ringing is computed this long; it has decayed to under 1 % by then
LIFT_PRESS_S = 0.15  # goods are pressed this long before they rise; measured 0.1 .. 0.2
TREMOR_TAU_S = 0.06  # correlation time of a hand's tremor: about 3 .. 10 Hz; guess
TREMOR_FACTOR = {
    "touch": 2.0, "bump": 2.0, "lift": 1.5, "rest": 1.0, "press": 1.0,
    "held": 0.4, "clear": 0.0, "bag": 0.0,
}  # guess; held: 6 % of the force, as steady muscles do  # fmt: skip
DEAD_WEIGHTS = ("clear", "bag")  # come and go as goods do


class PlateForces:
    """The forces on the plates of one controller, sampled at `times_s`."""

    def __init__(self, times_s: FloatArray, columns: dict[PlateId, int], plan: WeightsPlan) -> None:
        self._times_s = times_s
        self._columns = columns
        self._plan = plan
        self.lasting_g = np.zeros((len(times_s), len(columns)))  # what lies there
        self.passing_g = np.zeros((len(times_s), len(columns)))  # hands, ringing

    def add_loads(self, loads: Sequence[Load], seed: int) -> None:
        """Add lasting changes, with the press before a lift and the ringing after a landing."""
        for number, load in enumerate(loads):
            column = self._columns.get(load.plate)
            if column is None:
                continue
            rng = stream(seed, "load", number)
            first = self._index(load.start_s)
            duration_s = max(load.end_s - load.start_s, 1.0 / self._plan.rate_hz)
            progress = smoothstep((self._times_s[first:] - load.start_s) / duration_s)
            self.lasting_g[first:, column] += load.change_g * progress
            if load.change_g < 0.0:
                self._press_before(load, column, rng)
            self._ring_after(load, column, rng)

    def add_contacts(self, contacts: Sequence[Contact], seed: int) -> None:
        """Add forces that go away again, trembling while they last."""
        for number, contact in enumerate(contacts):
            column = self._columns.get(contact.plate)
            if column is None:
                continue
            first = self._index(contact.start_s)
            last = self._index(contact.end_s + contact.onset_s)
            envelope = self._envelope(self._times_s[first:last], contact)
            sd = self._plan.tremor * TREMOR_FACTOR[contact.kind]
            tremor = wander(
                stream(seed, "contact", number),
                (last - first,),
                rate_hz=self._plan.rate_hz,
                tau_s=TREMOR_TAU_S,
            )
            self.passing_g[first:last, column] += contact.force_g * envelope * (1.0 + sd * tremor)
            if contact.kind in DEAD_WEIGHTS:
                self._come_and_go(contact, column, stream(seed, "weight", number))

    def _index(self, time_s: float) -> int:
        return int(np.searchsorted(self._times_s, time_s))

    @staticmethod
    def _envelope(times_s: FloatArray, contact: Contact) -> FloatArray:
        onset_s = min(contact.onset_s, max((contact.end_s - contact.start_s) / 2.0, 1e-3))
        rise = smoothstep((times_s - contact.start_s) / onset_s)
        return rise * (1.0 - smoothstep((times_s - contact.end_s) / onset_s))

    def _come_and_go(self, contact: Contact, column: int, rng: np.random.Generator) -> None:
        """Add the presses and the ringing of a weight that is set down (or up) and taken back."""
        plate, onset_s = contact.plate, contact.onset_s
        there = Load(plate, contact.start_s, contact.start_s + onset_s, contact.force_g)
        back = Load(plate, contact.end_s, contact.end_s + onset_s, -contact.force_g)
        for change in (there, back):
            if change.change_g < 0.0:
                self._press_before(change, column, rng)
            self._ring_after(change, column, rng)

    def _press_before(self, load: Load, column: int, rng: np.random.Generator) -> None:
        first, last = self._index(load.start_s - LIFT_PRESS_S), self._index(load.start_s)
        phase = (self._times_s[first:last] - load.start_s) / LIFT_PRESS_S  # -1 .. 0
        share = rng.uniform(*self._plan.lift_press)
        self.passing_g[first:last, column] -= load.change_g * share * smoothstep(1.0 + phase)

    def _ring_after(self, load: Load, column: int, rng: np.random.Generator) -> None:
        plan = self._plan
        first, last = self._index(load.end_s), self._index(load.end_s + RING_S)
        since_s = self._times_s[first:last] - load.end_s
        overshoot = rng.uniform(*plan.put_overshoot)
        if load.change_g < 0.0:
            overshoot *= 0.1  # a lightened plate hardly rings; measured about 1 % of 622 g
        frequency_hz, decay_s = rng.uniform(*plan.put_ring_hz), rng.uniform(*plan.put_decay_s)
        swing = np.sin(2.0 * np.pi * frequency_hz * since_s) * np.exp(-since_s / decay_s)
        self.passing_g[first:last, column] += load.change_g * overshoot * swing


def leaked_g(
    force_g: FloatArray,
    shelf: Sequence[PlateId],
    columns: dict[PlateId, int],
    plan: WeightsPlan,
    seed: int,
) -> FloatArray:
    """Return (n, len(shelf)) what leaks over the shelf board onto neighbouring plates.

    force_g: (n, plates) by `columns`; shelf: plate ids in order along it. The share of a pair is
    a property of the shelf: goods that come back take back what they leaked.
    """
    leaked = np.zeros((force_g.shape[0], len(shelf)))
    for position in range(len(shelf) - 1):
        for source, target in ((position, position + 1), (position + 1, position)):
            share = stream(seed, "leak", shelf[source], shelf[target]).uniform(*plan.crosstalk)
            leaked[:, target] += share * force_g[:, columns[shelf[source]]]
    return leaked
