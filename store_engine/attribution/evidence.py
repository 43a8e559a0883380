"""The steps heard so far, each with who may have caused it; completed as moves come in."""

from bisect import bisect_left, insort
from typing import Any

import msgspec

from store_engine.attribution.clusters import Evidence, Order, order_of
from store_engine.attribution.history import Moves
from store_engine.attribution.reach import Judge, Reach, window
from store_engine.signals import WeightStep
from store_engine.store_map import StoreMap

STEPS_MAX = 4_096  # kept at once; the oldest go first, in the shopper's favour (guess)


class Steps:
    """All steps that may still matter, by event time."""

    def __init__(self, store_map: StoreMap, moves: Moves) -> None:
        self._plates = store_map.plates
        self._moves = moves
        self._known: dict[Order, Evidence] = {}
        self._heard: dict[Order, int] = {}  # moves up to then are in a step's reach
        self._open: dict[Order, int] = {}  # steps whose window is not heard to its end -> that end
        self._judges: dict[Order, Judge] = {}  # of open steps
        self._sorted: list[Evidence] = []  # everything known, in event order

    def add(self, step: WeightStep, heard_until_us: int) -> bool:
        """Keep a step; False when it is a repeat or of no plate of this store."""
        order = order_of(step)
        if step.plate not in self._plates or order in self._known:
            return False
        end_us = window(step)[1]
        self._open[order] = end_us  # even if heard: judged in full by `complete` only
        self._heard[order] = min(heard_until_us, end_us - 1)
        judge = self._judges[order] = Judge(step, self._plates[step.plate])
        self._known[order] = Evidence(step, judge.reaches(self._moves, self._heard[order]))
        insort(self._sorted, self._known[order], key=_order)
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
            known = self._known[order]
            end_us = self._heard[order] = self._open.pop(order)
            judge = self._judges.pop(order, None) or self._judge(known.step)
            self._replace(_judged(known, judge.reaches(self._moves, end_us)))
        return ready

    def as_of(self, evidence: Evidence, heard_until_us: int) -> Evidence:
        """Return the evidence for a known step by moves up to `heard_until_us`."""
        step = evidence.step
        until_us = min(heard_until_us, window(step)[1])
        if self._heard[evidence.order] == until_us:
            return evidence
        return _judged(evidence, self._judge(step).reaches(self._moves, until_us))

    def all(self) -> list[Evidence]:
        """Return everything known, in event order."""
        return list(self._sorted)

    def _judge(self, step: WeightStep) -> Judge:
        return Judge(step, self._plates[step.plate])

    def _replace(self, evidence: Evidence) -> None:
        self._known[evidence.order] = evidence
        self._sorted[bisect_left(self._sorted, evidence.order, key=_order)] = evidence

    def drop(self, orders: list[Order]) -> None:
        """Forget steps."""
        for order in orders:
            del self._known[order], self._heard[order]
            self._open.pop(order, None)
            self._judges.pop(order, None)
        self._sorted = sorted(self._known.values(), key=_order)

    def snapshot(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "known": [
                [msgspec.to_builtins(one.step), [list(r) for r in one.reach], self._heard[order]]
                for order, one in self._known.items()
            ],
            "open": [[list(order), end_us] for order, end_us in self._open.items()],
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the record that took `snapshot`."""
        self._known, self._heard, self._judges = {}, {}, {}
        for told, reach, until_us in snapshot["known"]:
            step = msgspec.convert(told, WeightStep)
            one = Evidence(step, tuple(Reach(*r) for r in reach))
            self._known[one.order], self._heard[one.order] = one, until_us
        self._sorted = sorted(self._known.values(), key=_order)
        self._open = {(order[0], order[1], order[2]): end_us for order, end_us in snapshot["open"]}


def _order(one: Evidence) -> Order:
    return one.order


def _judged(evidence: Evidence, reach: tuple[Reach, ...]) -> Evidence:
    """Return the evidence with this reach: itself where nothing changed."""
    return evidence if reach == evidence.reach else Evidence(evidence.step, reach)
