"""The order of it all: each event is decided once, when it is over, and never looked at again."""

from collections import Counter

import numpy as np

from benchmarks.contestants.sequential.customers import distances_m, seen_in_hands
from benchmarks.contestants.sequential.planogram import DynamicPlanogram
from benchmarks.contestants.sequential.put_backs import best_put_back
from benchmarks.contestants.sequential.scoring import Guess, best_product
from benchmarks.contestants.sequential.splitting import (
    Change,
    split_by_plateaus,
    split_by_plates,
)
from benchmarks.contestants.sequential.trigger import DeviceTrigger, WeightEvent
from benchmarks.contestants.shop_floor import ShopFloor
from store_engine.messages import Arrival
from store_engine.store import Store
from store_engine.store_map import Plate
from store_engine.units import to_us

WAIT_US = to_us(1.5)  # people are heard this long past a change before it is decided
LEAST_WEIGHT_SCORE = 0.05  # a change that weighs like nothing is a hand: 39 g off (guess)
PART_WEIGHT_SCORE = 0.3  # a part of a split must weigh like a product: 21 g off (guess)


class SequentialBaseline:
    """Contestant: same arrivals in, baskets per account out."""

    name = "sequential"

    def __init__(self, store: Store) -> None:
        self._map, self._catalog = store.map, store.catalog
        self._floor = ShopFloor(store)
        self._planogram = DynamicPlanogram(store.map)
        shelf_of = {plate.plate: plate.shelf for plate in store.map.plates.values()}
        self._triggers = {
            str(device): DeviceTrigger(cells, shelf_of) for device, cells in store.map.cells.items()
        }
        self._waiting: list[Change] = []

    @property
    def baskets(self) -> dict[str, Counter[str]]:
        """Account -> GTIN -> quantity."""
        return self._floor.baskets

    def handle(self, arrival: Arrival) -> list[object]:
        """Take one arrival; return events that want an answer."""
        for weights, time_us in self._floor.hear(arrival):
            rows = np.array(weights.samples, dtype=float)
            trigger = self._triggers[weights.device]
            for event in trigger.weigh(rows, time_us, rate_hz=weights.rate_hz):
                self._waiting += self._split(event)
        self._settle()
        return self._floor.take_asked()

    def _split(self, event: WeightEvent) -> list[Change]:
        """Return the changes of an event; plateaus count only where every part is a product."""
        changes = []
        for change in split_by_plates(event):
            parts = split_by_plateaus(event, change)
            fits = len(parts) > 1 and all(map(self._weighs_like_a_product, parts))
            changes += parts if fits else [change]
        return changes

    def _weighs_like_a_product(self, part: Change) -> bool:
        guess = self._best(part)
        return guess is not None and guess.weight >= PART_WEIGHT_SCORE

    def _settle(self) -> None:
        """Decide, in order of time, what people were heard long enough past."""
        due = [c for c in self._waiting if c.moment_us + WAIT_US < self._floor.people_us]
        for change in sorted(due, key=lambda change: change.moment_us):
            self._waiting.remove(change)
            self._decide(change)

    def _decide(self, change: Change) -> None:
        near_m = distances_m(
            self._floor.seen, self._place(change), change.moment_us, self._floor.account_of
        )
        if change.total_g > 0:
            self._put_back(change, near_m)
        elif near_m:
            self._take(change, next(iter(near_m)))

    def _take(self, change: Change, account: str) -> None:
        guess = self._best(change)
        if guess is None or guess.weight < LEAST_WEIGHT_SCORE:
            return
        self.baskets[account][guess.gtin] += guess.quantity
        self._planogram.pick_up(guess.gtin, change.plates, guess.quantity)

    def _put_back(self, change: Change, near_m: dict[str, float]) -> None:
        found = best_put_back(
            change,
            self.baskets,
            near_m,
            catalog=self._catalog,
            stands_on=self._planogram.stands_on,
        )
        if found is not None and found.weight >= LEAST_WEIGHT_SCORE:
            self.baskets[found.account][found.gtin] -= found.quantity
            self._planogram.put_down(found.gtin, change.plates, found.quantity)

    def _best(self, change: Change) -> Guess | None:
        return best_product(
            change,
            self._planogram.products_on(change.plates),
            catalog=self._catalog,
            stands_on=self._planogram.stands_on,
            seen=seen_in_hands(self._floor.seen, self._place(change), change.moment_us),
        )

    def _place(self, change: Change) -> Plate:
        """Return the plate that changed most."""
        largest = max(zip(change.change_g, change.plates, strict=True), key=lambda p: abs(p[0]))
        return self._map.plates[largest[1]]
