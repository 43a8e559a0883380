"""The plain baseline: largest plate change, planogram product, nearest head.

What a first afternoon's engine would do, and the yardstick beside ours. Gates, visits and tracks
come from the engine's own rooms, so that only the decision who took what is compared.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.contestants.shop_floor import ShopFloor
from store_engine.messages import Arrival, ShelfWeights
from store_engine.store import Store
from store_engine.units import US_PER_S, DeviceId, PlateId

WINDOW = 30  # samples averaged on either side of a change: 0.5 s at 60 Hz
APART = 30  # samples between the two windows, while hands are at work: 0.5 s
CHANGE_AT_LEAST_G = 20.0  # smaller changes are ignored
NEAR_S = 1.0  # a head seen within a second of the change counts


class _Change(NamedTuple):
    """One detected change of one shelf: its largest plate."""

    time_us: int
    plate: PlateId
    change_g: float


class PlainBaseline:
    """Contestant: same arrivals in, baskets per account out."""

    name = "plain"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._floor = ShopFloor(store)
        self._history: dict[str, NDArray[np.float64]] = {}
        self._quiet_until: dict[str, int] = {}
        self._changes: list[_Change] = []

    @property
    def baskets(self) -> dict[str, Counter[str]]:
        """Account -> GTIN -> quantity."""
        return self._floor.baskets

    def handle(self, arrival: Arrival) -> list[object]:
        """Take one arrival; return events that want an answer."""
        for weights, time_us in self._floor.hear(arrival):
            self._weigh(weights, time_us)
        self._settle()
        return self._floor.take_asked()

    def _weigh(self, weights: ShelfWeights, time_us: int) -> None:
        """Compare means half a second before and after, shelf by shelf."""
        rows = np.array(weights.samples, dtype=float)
        past = self._history.get(weights.device, np.empty((0, rows.shape[1])))
        history = np.concatenate([past, rows])[-(2 * WINDOW + APART) :]
        self._history[weights.device] = history
        if len(history) < 2 * WINDOW + APART or time_us < self._quiet_until.get(weights.device, 0):
            return
        change = history[-WINDOW:].mean(axis=0) - history[:WINDOW].mean(axis=0)
        change = np.nan_to_num(change)
        cell = int(np.abs(change).argmax())
        plate = self._store.map.cells[DeviceId(weights.device)][cell]
        if plate is None or abs(change[cell]) < CHANGE_AT_LEAST_G:
            return
        self._changes.append(_Change(time_us - US_PER_S // 2, plate, float(change[cell])))
        self._quiet_until[weights.device] = time_us + round(1.5 * US_PER_S)

    def _settle(self) -> None:
        """Decide each change once people were heard a second past it."""
        while self._changes and self._changes[0].time_us + US_PER_S < self._floor.people_us:
            self._decide(self._changes.pop(0))

    def _decide(self, change: _Change) -> None:
        products = self._store.map.products_on[change.plate]
        who = self._nearest_head(change)
        if not products or who is None:
            return
        gtin = products[0]
        pieces = max(1, round(abs(change.change_g) / self._store.catalog.products[gtin].mass_g))
        basket = self.baskets[who]
        if change.change_g < 0:
            basket[gtin] += pieces
        else:
            basket[gtin] = max(0, basket[gtin] - pieces)

    def _nearest_head(self, change: _Change) -> str | None:
        x, y, _ = self._store.map.plates[change.plate].centre
        near = [
            ((moved.x - x) ** 2 + (moved.y - y) ** 2, account)
            for moved in self._floor.seen
            if abs(moved.time_us - change.time_us) < NEAR_S * US_PER_S
            and (account := self._floor.account_of(moved.track)) is not None
        ]
        return min(near)[1] if near else None
