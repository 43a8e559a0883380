"""The steps heard so far, each with who may have caused it; completed as moves come in."""

from bisect import bisect_left, insort
from typing import Any

import msgspec

from store_engine.attribution.clusters import Evidence, Order, order_of
from store_engine.attribution.history import Moves
from store_engine.attribution.naming import as_rows, end_of_names, from_rows, names_around
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
        self._unnamed: dict[Order, int] = {}  # as `_open`, of the window of names in hands
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
        self._unnamed[order] = end_of_names(step)
        reach = judge.reaches(self._moves, self._heard[order])
        self._known[order] = self._named(step, reach, self._heard[order])
        insort(self._sorted, self._known[order], key=_order)
        if len(self._known) > STEPS_MAX:
            self.drop([min(self._known)])
        return True

    def waits_for(self, heard_until_us: int) -> bool:
        """Whether the window of any step ends by then and was not judged in full."""
        return any(
            bool(ends_us) and min(ends_us.values()) <= heard_until_us
            for ends_us in (self._open, self._unnamed)
        )

    def complete(self, heard_until_us: int) -> list[Order]:
        """Judge in full the steps whose window is now heard to its end; return which."""
        ready = sorted(order for order, end_us in self._open.items() if end_us <= heard_until_us)
        for order in ready:
            known = self._known[order]
            end_us = self._heard[order] = self._open.pop(order)
            judge = self._judges.pop(order, None) or self._judge(known.step)
            reach = judge.reaches(self._moves, end_us)
            self._replace(_unless_same(known, self._named(known.step, reach, end_us)))
        return sorted({*ready, *self._complete_names(heard_until_us)})

    def _complete_names(self, heard_until_us: int) -> list[Order]:
        """Read the names of steps whose window of names is now heard; return where that tells."""
        ready = [o for o, end_us in self._unnamed.items() if end_us <= heard_until_us]
        changed = []
        for order in ready:
            end_us = self._unnamed.pop(order)
            known = self._known[order]
            full = _unless_same(known, self._named(known.step, known.reach, end_us))
            if full is not known:
                self._replace(full)
                changed.append(order)
        return changed

    def as_of(self, evidence: Evidence, heard_until_us: int) -> Evidence:
        """Return the evidence for a known step by moves up to `heard_until_us`."""
        step = evidence.step
        until_us = min(heard_until_us, window(step)[1])
        reach = evidence.reach
        if self._heard[evidence.order] != until_us:
            reach = self._judge(step).reaches(self._moves, until_us)
        elif evidence.order not in self._unnamed and end_of_names(step) <= heard_until_us:
            return evidence
        return _unless_same(evidence, self._named(step, reach, heard_until_us))

    def all(self) -> list[Evidence]:
        """Return everything known, in event order."""
        return list(self._sorted)

    def first_us(self) -> list[int]:
        """Return the moment of the first step known, if there is any."""
        return [one.step.moment_us for one in self._sorted[:1]]

    def _named(self, step: WeightStep, reach: tuple[Reach, ...], until_us: int) -> Evidence:
        """Return the evidence with this reach, and what was named in hands by then."""
        tracks = [one.track for one in reach]
        return Evidence(step, reach, names_around(step, self._moves, tracks, until_us))

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
            self._unnamed.pop(order, None)
            self._judges.pop(order, None)
        self._sorted = sorted(self._known.values(), key=_order)

    def snapshot(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "known": [
                [
                    msgspec.to_builtins(one.step),
                    [list(r) for r in one.reach],
                    as_rows(one.named),
                    self._heard[order],
                ]
                for order, one in self._known.items()
            ],
            "open": [[list(order), end_us] for order, end_us in self._open.items()],
            "unnamed": [[list(order), end_us] for order, end_us in self._unnamed.items()],
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become the record that took `snapshot`."""
        self._known, self._heard, self._judges = {}, {}, {}
        for told, reach, named, until_us in snapshot["known"]:
            step = msgspec.convert(told, WeightStep)
            one = Evidence(step, tuple(Reach(*r) for r in reach), from_rows(named))
            self._known[one.order], self._heard[one.order] = one, until_us
        self._sorted = sorted(self._known.values(), key=_order)
        self._open, self._unnamed = (
            {(order[0], order[1], order[2]): end_us for order, end_us in snapshot[key]}
            for key in ("open", "unnamed")
        )


def _order(one: Evidence) -> Order:
    return one.order


def _unless_same(known: Evidence, judged: Evidence) -> Evidence:
    """Return evidence that was judged again: the known one where nothing changed."""
    same = judged.reach == known.reach and judged.named == known.named
    return known if same else judged
