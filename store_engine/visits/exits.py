"""Crossings out of the store: who walked out, at once where it is clear.

A receipt waits for this, so an exit is judged within `WAIT_S`, which the wait for late shelf
evidence hides. Nobody is charged for a guess: an exit that fits two visits equally closes none.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from store_engine.store_map import Gate
from store_engine.units import seconds_between, to_us
from store_engine.visits.book import Book, Person, VisitWord
from store_engine.visits.entrances import Entrances
from store_engine.visits.lost import TWIN_S
from store_engine.visits.matching import WALK_MPS, Match, match, mismatch_m
from store_engine.visits.walkers import Crossing, Walker, gate_distance_m

WAIT_S = 0.4  # no longer than `exit_grace_ms` waits for shelves anyway (guess)
CLEAR_COST_M = 1.0  # a walker this close, walking out, is the one ... (guess)
CLEAR_MARGIN_M = 0.7  # ... if every other visit explains it this much worse (guess)
STRANGER_COST_M = 0.5  # somebody on a visit leaves rather than a walker on none (guess)
LOST_SLACK_M = 1.0  # on top of what a lost person may have walked (guess)
LOST_MARGIN_M = 2.0  # between two lost visits: who was lost this much nearer the gate (guess)


class Exits:
    """Judges crossings out of the store."""

    def __init__(self, gates: Mapping[str, Gate], entrances: Entrances, book: Book) -> None:
        self._gates = gates
        self._entrances = entrances
        self._book = book
        self._waiting: list[Crossing] = []

    def cross(self, leaving: Crossing) -> None:
        """Take a crossing in."""
        self._waiting.append(leaving)
        self._waiting.sort(key=lambda waiting: waiting.time_us)

    def review(self, now_us: int) -> list[VisitWord]:
        """Judge every crossing that is clear or has waited long enough."""
        words: list[VisitWord] = []
        while self._waiting:
            walkers = [w for w in self._book.pages.walkers.values() if w.left_us is None]
            owners = [self._book.owner(walker.track) for walker in walkers]
            names = [
                person.visit if person and person.visit else walker.track
                for walker, person in zip(walkers, owners, strict=True)
            ]
            costs = [self._costs(leaving, walkers, owners) for leaving in self._waiting]
            matches = match(costs, columns=names)
            for leaving, found in zip(self._waiting, matches, strict=True):
                walker = None if found.column is None else walkers[found.column]
                if self._is_ready(leaving, found, walker, now_us):
                    words += self._let_out(leaving, walker)
                    break  # one person fewer: judge the others anew
            else:
                break
        return words

    def _costs(
        self, leaving: Crossing, walkers: list[Walker], owners: list[Person | None]
    ) -> list[float]:
        gate = self._gates[leaving.gate]
        return [
            mismatch_m(walker, leaving, gate, "out") + (0.0 if person else STRANGER_COST_M)
            for walker, person in zip(walkers, owners, strict=True)
        ]

    def _is_ready(
        self, leaving: Crossing, found: Match, walker: Walker | None, now_us: int
    ) -> bool:
        stranger = walker is None or self._book.owner(walker.track) is None
        if stranger and self._entrances.waits(leaving.gate, leaving.time_us):
            return False  # they may have come in a moment ago
        clear = found.cost <= CLEAR_COST_M and found.margin >= CLEAR_MARGIN_M
        return clear or now_us - leaving.time_us >= to_us(WAIT_S)

    def _let_out(self, leaving: Crossing, walker: Walker | None) -> list[VisitWord]:
        self._waiting.remove(leaving)
        person = self._book.owner(walker.track) if walker else None
        person = person or self._lost_one(leaving, walker)
        if walker:
            walker.left_us = leaving.time_us
        if person:
            return self._part(leaving, person)
        return self._unmatched(leaving, walker)

    def _part(self, leaving: Crossing, person: Person) -> list[VisitWord]:
        words: list[VisitWord] = list(
            self._book.leave(person, leaving.time_us, (leaving.crossing,))
        )
        if not person.visit:
            text = f"a tailgater left through {leaving.gate}"
            words.append(self._alert("tailgater_left", text, leaving))
        return words

    def _unmatched(self, leaving: Crossing, walker: Walker | None) -> list[VisitWord]:
        """A stranger is nobody's business, unless they may be one of those we lost."""
        doubtful = self._book.lost() if walker else self._book.pages.visits
        if not doubtful:
            return []
        who = f"track {walker.track}" if walker else "nobody who was seen"
        text = f"{who} left through {leaving.gate}; no visit could be told from it"
        return [self._alert("exit_unmatched", text, leaving)]

    def _alert(self, kind: str, text: str, leaving: Crossing) -> VisitWord:
        return self._book.alert(
            kind, text, about=leaving.gate, time_us=leaving.time_us, causes=(leaving.crossing,)
        )

    def _lost_one(self, leaving: Crossing, walker: Walker | None) -> Person | None:
        """Return the only lost person it can have been, None when there are two of them.

        walker: who was seen leaving, a stranger: perhaps the lost one under a new track.
        """
        gate = self._gates[leaving.gate]
        near = sorted(
            (
                (gate_distance_m(gate, *person.seen[1:]), person)
                for person in self._book.lost()
                if _may_have_reached(leaving, gate, person, walker)
            ),
            key=lambda candidate: candidate[0],
        )
        if not near:
            return None
        nearest_m, nearest = near[0]
        others = [away_m for away_m, person in near if person.visit != nearest.visit]
        clear = not others or others[0] - nearest_m >= LOST_MARGIN_M
        return nearest if clear else None

    def snapshot(self) -> list[Any]:
        """Return all waiting crossings as plain values."""
        return list(msgspec.to_builtins(self._waiting))

    def restore(self, snapshot: list[Any]) -> None:
        """Hold exactly the crossings that `snapshot` held."""
        self._waiting = msgspec.convert(snapshot, list[Crossing])


def _may_have_reached(leaving: Crossing, gate: Gate, person: Person, walker: Walker | None) -> bool:
    """Whether a lost person can be who left; one seen afterwards only if they got lost outside."""
    gone_s = seconds_between(person.seen[0], leaving.time_us)
    near = gate_distance_m(gate, *person.seen[1:]) <= WALK_MPS * abs(gone_s) + LOST_SLACK_M
    same = walker is None or walker.first[0] >= person.seen[0] - to_us(TWIN_S)
    return (gone_s >= 0 or person.at_gate) and near and same
