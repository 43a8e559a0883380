"""People inside whom nobody follows: joined up with a new track, or given up in the end."""

import math
from collections.abc import Collection
from typing import Literal

from store_engine.store_map import Gate
from store_engine.units import seconds_between, to_us
from store_engine.visits.book import Book, Person, VisitWord
from store_engine.visits.entrances import Entrances
from store_engine.visits.matching import HEADING_MPS, WALK_MPS, match
from store_engine.visits.walkers import Walker, depth_m, gate_distance_m, inward_mps, place_at

REJOIN_S = 10.0  # a broken track comes back within this (guess: the longest blind spots)
TWIN_S = 5.0  # two tracks may follow one body for this long before the older one ends (guess)
REACH_SLACK_M = 0.7  # position error of both ends on top of what they may have walked (guess)
REJOIN_MARGIN_M = 0.7  # unambiguous: every other pair is this much farther apart (guess)
AT_GATE_M = 1.5  # lost this near to a gate may mean walked out (guess)
NEAR_GATE_M = 3.0  # beyond this, the side of a gate's line means nothing (guess)
OUTSIDE_M = -0.3  # a place with less depth is outside (guess: position error)
EXIT_UNSEEN_S = 8.0  # lost at a gate and not back: they left, the gate did not tell (guess)
UNTRACKED_S = 6.0  # came in without a track, and none appeared (guess: 2 s wait and 4 s more)
LOST_S = 60.0  # lost inside: a person should look (guess)
GIVE_UP_S = 600.0  # lost inside: settle what is known (guess)


class LostAndFound:
    """Follows up on people whose track ended."""

    def __init__(self, gates: Collection[Gate], entrances: Entrances, book: Book) -> None:
        self._gates = gates
        self._entrances = entrances
        self._book = book

    def is_exit(self, walker: Walker) -> bool:
        """Whether a track that ends here may have walked out: at a gate, and not heading in."""
        time_us, x, y = walker.last
        near = [gate for gate in self._gates if gate_distance_m(gate, x, y) <= AT_GATE_M]
        return any((inward_mps(walker, gate, time_us) or 0.0) <= HEADING_MPS for gate in near)

    def review(self, now_us: int) -> list[VisitWord]:
        """Join broken tracks up, then follow up on those who stay lost."""
        if not self._book.lost():
            return []
        words = self._rejoin()
        for person in self._book.lost():
            words += self._follow_up(person, seconds_between(person.seen[0], now_us), now_us)
        return words

    # ---- found -------------------------------------------------------------------------------

    def _rejoin(self) -> list[VisitWord]:
        """Bind new tracks that can only be the rest of one broken track."""
        lost, found = self._book.lost(), self._unknown_walkers()
        if not found:
            return []
        costs = [[_step_m(person, walker) for walker in found] for person in lost]
        names = [person.visit for person in lost]
        limit = WALK_MPS * REJOIN_S + REACH_SLACK_M
        words: list[VisitWord] = []
        for person, pair in zip(lost, match(costs, limit=limit, rows=names), strict=True):
            if pair.column is not None and pair.margin >= REJOIN_MARGIN_M:
                walker = found[pair.column]
                causes = self._causes(person)
                words.append(self._book.bind(person, walker, walker.first[0], causes))
        return words

    def _unknown_walkers(self) -> list[Walker]:
        owned = self._book.owned()
        return [
            walker
            for walker in self._book.pages.walkers.values()
            if walker.track not in owned
            and walker.left_us is None
            and self._began_inside(walker)
            and not self._entrances.wants(walker)
        ]

    def _began_inside(self, walker: Walker) -> bool:
        x, y = walker.first[1:]
        near = [gate for gate in self._gates if gate_distance_m(gate, x, y) <= NEAR_GATE_M]
        return all(depth_m(gate, x, y) >= OUTSIDE_M for gate in near)

    # ---- not found ---------------------------------------------------------------------------

    def _follow_up(self, person: Person, lost_s: float, now_us: int) -> list[VisitWord]:
        if not person.visit:
            return self._forget_tailgater(person, lost_s, now_us)
        if person.at_gate and lost_s >= EXIT_UNSEEN_S:
            text = "walked out unseen: lost at a gate, and not seen again"
            return self._part("exit_unseen", text, person, now_us)
        if lost_s >= GIVE_UP_S:
            return self._part("visitor_given_up", "never found again", person, now_us)
        if person.alerted or lost_s < (UNTRACKED_S if person.untracked else LOST_S):
            return []
        person.alerted = True
        if person.untracked:
            return [self._alert("visitor_untracked", "came in, but was not seen", person, now_us)]
        return [self._alert("visitor_lost", "not followed for a minute", person, now_us)]

    def _forget_tailgater(self, person: Person, lost_s: float, now_us: int) -> list[VisitWord]:
        return [*self._book.leave(person, now_us, ())] if lost_s > REJOIN_S else []

    def _part(
        self,
        kind: Literal["exit_unseen", "visitor_given_up"],
        text: str,
        person: Person,
        now_us: int,
    ) -> list[VisitWord]:
        alert = self._alert(kind, text, person, now_us)
        return [alert, *self._book.leave(person, now_us, ())]

    def _alert(self, kind: str, text: str, person: Person, now_us: int) -> VisitWord:
        visit = person.visit
        text = f"visit {visit}: {text}"
        causes = self._causes(person)
        return self._book.alert(kind, text, about=visit, time_us=now_us, causes=causes)

    def _causes(self, person: Person) -> tuple[str, ...]:
        visit = self._book.pages.visits.get(person.visit)
        return visit.causes if visit else ()


def _step_m(person: Person, walker: Walker) -> float:
    """Return how far apart a loss and a find are in metres, infinite when out of reach.

    A find that began before the loss followed the same body twice for a while: it must be where
    the other track ended, at that time.
    """
    late_us = walker.first[0] - person.seen[0]
    forgotten = late_us < 0 and walker.path[0][0] > person.seen[0]
    if forgotten or not -to_us(TWIN_S) <= late_us <= to_us(REJOIN_S):
        return math.inf
    found = walker.first[1:] if late_us >= 0 else place_at(walker, person.seen[0])
    step_m = math.dist(person.seen[1:], found)
    reach_m = WALK_MPS * seconds_between(0, max(0, late_us)) + REACH_SLACK_M
    return step_m if step_m <= reach_m else math.inf
