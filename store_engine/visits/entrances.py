"""Crossings into the store: each waits until it is clear who it was and what admitted them.

A track may be confirmed a second or so after its person passed the gate, and an answer from a
slow back end may come after they did. So a crossing is judged when it is clear, and at the latest
when its waiting is over; crossings that wait together are judged together.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from store_engine.store_map import Gate
from store_engine.units import to_us
from store_engine.visits.book import Book, VisitWord
from store_engine.visits.doorkeeper import Doorkeeper, Tap
from store_engine.visits.matching import LIMIT_M, Match, match, mismatch_m
from store_engine.visits.walkers import Crossing, Walker

TRACK_WAIT_S = 2.0  # a track is confirmed within 1.5 s of its person's entry, and to spare (guess)
ANSWER_WAIT_S = 10.0  # once heard, a crossing waits this long for the answer to a scan (guess)
LOOK_S = 0.5  # judge no earlier: direction needs a few places behind the gate (guess)
CLEAR_COST_M = 1.0  # a walker this close, walking in, is the one ... (guess)
CLEAR_MARGIN_M = 1.0  # ... if every other explanation is this much worse (guess)


class Entering(Crossing, frozen=True, kw_only=True):
    """A crossing into the store, and what admitted them."""

    heard_us: int  # after `time_us` when the gate's word was late: so is the scan's answer
    tap: Tap | None = None


class Entrances:
    """Judges crossings into the store."""

    def __init__(self, gates: Mapping[str, Gate], doorkeeper: Doorkeeper, book: Book) -> None:
        self._gates = gates
        self._doorkeeper = doorkeeper
        self._book = book
        self._waiting: list[Entering] = []

    def cross(self, crossing: Crossing, *, heard_us: int) -> None:
        """Take a crossing in, heard when it was `heard_us` (event time) already."""
        self._waiting.append(Entering(**msgspec.structs.asdict(crossing), heard_us=heard_us))
        self._waiting.sort(key=lambda waiting: waiting.time_us)
        self.claim()

    def claim(self) -> None:
        """Give admissions to those who lack one, in the order in which they crossed."""
        self._waiting = [
            entering
            if entering.tap
            else msgspec.structs.replace(
                entering, tap=self._doorkeeper.claim(entering.gate, entering.time_us)
            )
            for entering in self._waiting
        ]

    def review(self, now_us: int) -> list[VisitWord]:
        """Judge every crossing that is clear or has waited long enough."""
        self.claim()
        words: list[VisitWord] = []
        while self._waiting:
            walkers = self._newcomers()
            matches = match([self._costs(entering, walkers) for entering in self._waiting])
            for entering, found in zip(self._waiting, matches, strict=True):
                if self._is_ready(entering, found, now_us):
                    walker = None if found.column is None else walkers[found.column]
                    words += self._let_in(entering, walker)
                    break  # one newcomer fewer: judge the others anew
            else:
                break
        return words

    def wants(self, walker: Walker) -> bool:
        """Whether a crossing still waits that this walker may explain."""
        return any(self._cost(entering, walker) <= LIMIT_M for entering in self._waiting)

    def admitted(self) -> frozenset[str]:
        """Return the accounts of whoever came in and has not been judged."""
        return frozenset(entering.tap.account for entering in self._waiting if entering.tap)

    def waits(self, gate: str, before_us: int) -> bool:
        """Whether somebody who came in through `gate` before then has not been judged."""
        return any(
            entering.gate == gate and entering.time_us <= before_us for entering in self._waiting
        )

    def _is_ready(self, entering: Entering, found: Match, now_us: int) -> bool:
        if now_us - entering.heard_us >= to_us(ANSWER_WAIT_S):
            return True
        if entering.tap is None and self._doorkeeper.awaits_answer(entering.gate, entering.time_us):
            return False
        waited_us = now_us - entering.time_us
        if waited_us >= to_us(TRACK_WAIT_S):
            return True
        clear = found.cost <= CLEAR_COST_M and found.margin >= CLEAR_MARGIN_M
        return clear and entering.tap is not None and waited_us >= to_us(LOOK_S)

    def _let_in(self, entering: Entering, walker: Walker | None) -> list[VisitWord]:
        self._waiting.remove(entering)
        x, y = entering.position or self._gates[entering.gate].centre
        seen = (entering.time_us, x, y)
        if entering.tap is None:
            return self._book.tailgate(entering.crossing, seen, gate=entering.gate, walker=walker)
        return self._book.admit(
            entering.tap, entering.crossing, seen, gate=entering.gate, walker=walker
        )

    def _newcomers(self) -> list[Walker]:
        owned = self._book.owned()
        return [walker for walker in self._book.pages.walkers.values() if walker.track not in owned]

    def _costs(self, entering: Entering, walkers: list[Walker]) -> list[float]:
        return [self._cost(entering, walker) for walker in walkers]

    def _cost(self, entering: Entering, walker: Walker) -> float:
        return mismatch_m(walker, entering, self._gates[entering.gate], "in")

    def snapshot(self) -> list[Any]:
        """Return all waiting crossings as plain values."""
        return list(msgspec.to_builtins(self._waiting))

    def restore(self, snapshot: list[Any]) -> None:
        """Hold exactly the crossings that `snapshot` held."""
        self._waiting = msgspec.convert(snapshot, list[Entering])
