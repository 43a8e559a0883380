"""The steps heard so far, each with who may have caused it; completed as moves come in."""

from typing import Any

import msgspec

from store_engine.attribution.clusters import Evidence
from store_engine.attribution.history import Moves
from store_engine.attribution.reach import Reach, reaches, window
from store_engine.signals import WeightStep
from store_engine.store_map import StoreMap

STEPS_MAX = 4_096  # kept at once; the oldest go first, in the shopper's favour (guess)

Order = tuple[int, str, int]


class Steps:
    """All steps that may still matter, by event time."""

    def __init__(self, store_map: StoreMap, moves: Moves) -> None:
        self._plates = store_map.plates
        self._moves = moves
        self._known: dict[Order, Evidence] = {}
        self._open: dict[Order, int] = {}  # steps whose window is not heard to its end -> that end

    def add(self, step: WeightStep, heard_until_us: int) -> bool:
        """Keep a step; False when it is a repeat or of no plate of this store."""
        fresh = Evidence(step, (), 0)
        if step.plate not in self._plates or fresh.order in self._known:
            return False
        end_us = window(step)[1]
        self._open[fresh.order] = end_us  # even if heard: judged in full by `complete` only
        self._known[fresh.order] = self.as_of(fresh, min(heard_until_us, end_us - 1))
        if len(self._known) > STEPS_MAX:
            self.drop([min(self._known)])
        return True

    def waits_for(self, heard_until_us: int) -> bool:
        """Whether the window of any step ends by then and was not judged in full."""
        return bool(self._open) and min(self._open.values()) <= heard_until_us

    def complete(self, heard_until_us: int) -> list[Order]:
        """Judge in full the steps whose window is now heard to its end; return which."""
        ready = sorted(order for order, end_us in self._open.items() if end_us <= heard_until_us)
        for order in ready:
            self._known[order] = self.as_of(self._known[order], self._open.pop(order))
        return ready

    def as_of(self, evidence: Evidence, heard_until_us: int) -> Evidence:
        """Return the evidence for a step by moves up to `heard_until_us`."""
        step = evidence.step
        until_us = min(heard_until_us, window(step)[1])
        if evidence.heard_until_us == until_us:
            return evidence
        reach = reaches(step, self._plates[step.plate], self._moves, until_us)
        return Evidence(step, tuple(reach), until_us)

    def all(self) -> list[Evidence]:
        """Return everything known, in event order."""
        return [self._known[order] for order in sorted(self._known)]

    def drop(self, orders: list[Order]) -> None:
        """Forget steps."""
        for order in orders:
            del self._known[order]
            self._open.pop(order, None)

    def snapshot(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "known": [
                [msgspec.to_builtins(one.step), [list(r) for r in one.reach], one.heard_until_us]
                for one in self._known.values()
            ],
            "open": [[list(order), end_us] for order, end_us in self._open.items()],
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the record that took `snapshot`."""
        known = [
            Evidence(msgspec.convert(step, WeightStep), tuple(Reach(*r) for r in reach), until_us)
            for step, reach, until_us in snapshot["known"]
        ]
        self._known = {one.order: one for one in known}
        self._open = {(order[0], order[1], order[2]): end_us for order, end_us in snapshot["open"]}
