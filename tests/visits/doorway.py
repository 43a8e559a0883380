"""A door and people who walk through it, written as a script and run in event time.

The gate's line runs along y from -1 to 1 at x = 0; the store lies at x > 0.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from store_engine.events import AlertRaised
from store_engine.messages import EntryDecision, GateCrossing, GateScan
from store_engine.signals import TrackEnded, TrackMoved, VisitLeaving, VisitorBound
from store_engine.store import Policy
from store_engine.store_map import Gate, StoreMap
from store_engine.units import GateId, MessageRef, StoreId, TrackId, to_us
from store_engine.visits import Visits, VisitWord

START_US = 1_700_000_000_000_000
STEP_S = 0.1


def door_map() -> StoreMap:
    """A store that is nothing but a door."""
    gate = Gate(gate=GateId("door"), ends=((0.0, -1.0), (0.0, 1.0)), inward=(1.0, 0.0))
    return StoreMap(
        store=StoreId("tiny"),
        floor=((-5.0, -5.0), (20.0, -5.0), (20.0, 5.0), (-5.0, 5.0)),
        gates={gate.gate: gate},
        cameras={},
        trackers=(),
        plates={},
        cells={},
        facings=(),
        obstacles=(),
    )


class Doorway:
    """Collects what should happen, then lets it happen in order of time."""

    def __init__(self, *, answer_s: float = 0.2) -> None:
        self.answer_s = answer_s
        self.accounts = {"ann": "Ann", "bob": "Bob", "cat": "Cat"}
        self.visits = Visits(door_map(), Policy())
        self.words: list[VisitWord] = []
        self._script: list[tuple[float, int, Callable[[int], list[VisitWord]]]] = []
        self._sent = 0
        self._ticked_s = 0.0

    def scan(self, at_s: float, credential: str, *, late_s: float = 0.0, people: int = 1) -> str:
        """A credential is presented, told so much later, and answered a moment after that."""
        scan = GateScan(device="door", sequence=self._next(), time_us=0, credential=credential)
        account = self.accounts.get(credential, "")
        decision = EntryDecision(
            device="accounts",
            sequence=self._next(),
            time_us=0,
            scan=scan.ref,
            accepted=bool(account),
            account=account,
            reason="" if account else "unknown credential",
            people=people,
        )
        self._at(at_s + late_s, lambda us: self.visits.scan(scan, us - to_us(late_s)))
        self._at(at_s + late_s + self.answer_s, lambda us: self.visits.decide(decision, us))
        return scan.ref.replace("/", ".")

    def cross(
        self, at_s: float, direction: Any, y: float | None = 0.0, *, late_s: float = 0.0
    ) -> None:
        """The gate says, so much later, that somebody passed."""
        crossing = GateCrossing(
            device="door",
            sequence=self._next(),
            time_us=0,
            direction=direction,
            position=None if y is None else (0.0, y),
        )
        self._at(at_s + late_s, lambda us: self.visits.cross(crossing, us - to_us(late_s)))

    def walk(self, track: str, *places: tuple[float, float, float], ends: bool = True) -> None:
        """Somebody is followed along (time, x, y) places, and lost a second after the last."""
        for (t0, x0, y0), (t1, x1, y1) in pairwise(places):
            steps = round((t1 - t0) / STEP_S)
            for i in range(steps):
                share = i / steps
                self._see(track, t0 + i * STEP_S, x0 + share * (x1 - x0), y0 + share * (y1 - y0))
        self._see(track, *places[-1])
        if ends:
            t, x, y = places[-1]
            ended = TrackEnded(track=TrackId(track), time_us=START_US + to_us(t), x=x, y=y)
            self._at(t + 1.0, lambda _: self.visits.follow(ended))

    def enter(self, track: str, at_s: float, *, y: float = 0.0, until: float = 60.0) -> None:
        """Somebody walks in through the gate at `at_s` and stays by the shelves."""
        self.cross(at_s, "in", y)
        self.walk(track, (at_s - 1, -1.2, y), (at_s + 4, 4.8, y), (until, 5.0, y), ends=False)

    def leave(self, track: str, at_s: float, *, y: float = 0.0) -> None:
        """Somebody walks out through the gate at `at_s`."""
        self.cross(at_s, "out", y)
        self.walk(track, (at_s - 4, 4.8, y), (at_s + 1, -1.2, y))

    def run(self, until_s: float) -> list[VisitWord]:
        """Let everything until then happen, with ten ticks a second; return all that was said."""
        while self._ticked_s <= until_s:
            self._at(self._ticked_s, self.visits.pass_time)
            self._ticked_s += STEP_S
        due = sorted((step for step in self._script if step[0] <= until_s), key=lambda s: s[:2])
        self._script = [step for step in self._script if step[0] > until_s]
        for at_s, _, act in due:
            self.words += act(START_US + to_us(at_s))
        return self.words

    def said(self, kind: type) -> list[Any]:
        """Return what was said of one kind."""
        return [word for word in self.words if isinstance(word, kind)]

    def alerts(self) -> list[str]:
        """Return the kinds of alerts raised."""
        return [word.alert.kind for word in self.said(AlertRaised)]

    def bindings(self) -> list[tuple[str, str | None]]:
        """Return (track, visit) in the order they were bound."""
        return [(word.track, word.visit) for word in self.said(VisitorBound)]

    def left(self) -> list[str]:
        """Return the visits that ended, in order."""
        return [word.visit for word in self.said(VisitLeaving)]

    def _see(self, track: str, at_s: float, x: float, y: float) -> None:
        moved = TrackMoved(
            track=TrackId(track),
            time_us=START_US + to_us(at_s),
            x=x,
            y=y,
            var_xx=0.01,
            var_xy=0.0,
            var_yy=0.01,
            head=None,
            hands=(),
            in_hand=(),
            cause=MessageRef(f"tracker/0/{self._next()}"),
        )
        self._at(at_s, lambda _: self.visits.follow(moved))

    def _at(self, at_s: float, act: Callable[[int], list[VisitWord]]) -> None:
        self._script.append((at_s, len(self._script), act))

    def _next(self) -> int:
        self._sent += 1
        return self._sent
