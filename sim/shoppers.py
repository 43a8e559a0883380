"""What a shopper does, from the gate and back: written as a script that yields while it waits."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.bodies import Carry, Held, Person, Span
from sim.doors import CLEAR_M, GONE_M, INSIDE_M, OUTSIDE_M, SCAN_M, Door
from sim.errands import TOGETHER_SHARE, Chooser, Errand, Situation, scripted
from sim.hands import Hands, Stance
from sim.scenarios import Script
from sim.scene import Action, FloatArray, Scan
from sim.stock import Column, Place, Unit
from sim.walking import GAP_M, STEP_S, Walker
from store_engine.errors import ConfigError
from store_engine.units import Gtin

if TYPE_CHECKING:
    from sim.world import World

HEIGHT_M = (1.70, 0.09)  # mean and standard deviation of adults (guess)
HEIGHT_LIMITS_M = (1.50, 1.95)
STAND_M = (0.32, 0.46)  # from the hips to the edge of the shelf (guess)
ASIDE_M = 0.25  # people stand this far beside what they reach for, at most (guess)
SAME_SPOT_M = 0.35  # what is this near to one side is taken without a step
BUMP_SHARE = 0.04  # of stops at which a bag knocks against a shelf (guess)
SCAN_S = (0.3, 0.8)  # from the scan to the first step in (guess)
PATIENCE_S = 15.0  # longer on the way than this, and a shopper changes their mind (guess)
HAND_OVER_WAIT_S = 12.0  # a random hand-over that takes longer to meet is dropped (guess)
SCRIPT_WAIT_S = 60.0  # a scripted one is a mistake then
BETWEEN_S = 0.3  # at least, between two units taken one after the other (guess)

Done = Callable[[float], bool]  # what a shopper waits for; asked at every tick


@dataclass(eq=False)
class Entry:
    """One entry of one account: who came in on it, and what it owes."""

    credential: str | None  # None: a tailgater's
    account: str
    people: list[str] = field(default_factory=list)
    owed: Counter[Gtin] = field(default_factory=Counter)
    inside: int = 0  # people who have not left yet


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One unit somebody carries, and the entry that pays for it."""

    unit: Unit
    payer: Entry
    own: bool  # False: it was handed over


class Shopper:
    """One person's intentions; the world moves their walker."""

    def __init__(
        self,
        person: str,
        world: "World",
        *,
        entry: Entry,
        script: Script | None,
        rng: np.random.Generator,
    ) -> None:
        self.person, self.entry = person, entry
        self.walker: Walker | None = None
        self.spawned_s = 0.0
        self.at_shelf = False
        self.partner: str | None = None  # with whom a hand-over is arranged
        self.obliging = False  # stands and waits for the partner
        self.carried: list[Carried] = []
        height = float(np.clip(rng.normal(*HEIGHT_M), *HEIGHT_LIMITS_M))
        self.hands = Hands(person, height, shelf=world.map, log=world.log, rng=rng)
        self._world, self._script, self._rng = world, script, rng
        self._pace = float(rng.uniform(*world.scenario.speed_m_s))
        self._chooser = Chooser(world.scenario, world.stock, rng)
        self._life = self._live()
        self._waiting: Done | None = lambda _: True

    @property
    def gone(self) -> bool:
        """Whether they have left."""
        return self._waiting is None

    def advance(self, now_s: float) -> None:
        """Go on as far as `now_s` allows."""
        while self._waiting is not None and self._waiting(now_s):
            self._waiting = next(self._life, None)

    def body(self) -> Person:
        """Return their movement, once they have left."""
        return Person(
            person=self.person,
            height_m=self.hands.skeleton.height_m,
            start_s=self.spawned_s,
            samples=self._here.samples,
            reaches=self.hands.reaches,
            carries=self.hands.carries,
            held=self.hands.held,
        )

    # ---- from the gate and back --------------------------------------------------------------

    def _live(self) -> Iterator[Done]:
        doors = self._world.doors
        door = doors[int(self._rng.integers(len(doors)))]
        yield from self._enter(door)
        if self._script is None:
            yield from self._shop()
        else:
            yield from self._follow(self._script)
        yield from self._leave(door)

    def _enter(self, door: Door) -> Iterator[Done]:
        yield lambda _: door.ask(self.person) and self._world.admit(self.entry)
        self.spawned_s = self._now
        inward = door.point(1.0) - door.point(0.0)
        heading = float(np.arctan2(inward[1], inward[0]))
        walker = Walker(
            at=door.point(-OUTSIDE_M), heading=heading, pace_m_s=self._pace, rng=self._rng
        )
        walker.door, self.walker = True, walker
        if self.entry.credential is not None:
            yield from self._walk(door.point(-SCAN_M), face=door.point(INSIDE_M))
            scan = Scan(door.gate.gate, self._now, self.entry.credential)
            self._world.log.scans.append(scan)
            yield self._until(self._now + self._draw(SCAN_S))
        walker.walk_to(door.point(INSIDE_M), face=None, now_s=self._now)
        yield lambda _: bool(door.depth(walker.position) > CLEAR_M)
        door.release(self.person)
        yield lambda _: walker.there or self._world.floor.standable(walker.position)
        walker.door = False

    def _leave(self, door: Door) -> Iterator[Done]:
        walker = self._here
        while True:
            spot = self._world.free_spot(door.waiting_points(), self, apart_m=2 * GAP_M)
            if spot is None:
                yield self._until(self._now + 0.5)
                continue
            self._stand_for(spot)
            if (yield from self._walk(spot, face=door.point(0.0))):
                break
        yield lambda _: door.ask(self.person)
        self._world.spots.pop(self.person)
        walker.door = True
        walker.walk_to(door.point(-OUTSIDE_M), face=None, now_s=self._now)
        yield lambda _: bool(door.depth(walker.position) < -GONE_M)
        door.release(self.person)
        self._world.depart(self)

    def _shop(self) -> Iterator[Done]:
        done = tries = 0
        while done < self._chooser.count and tries < 3 * self._chooser.count + 3:
            tries += 1
            yield from self._oblige()
            errand = self._chooser.choose(self._situation())
            if errand is not None and (yield from self._do(errand, linger=True)):
                done += 1
        yield from self._oblige()

    def _follow(self, script: Script) -> Iterator[Done]:
        who = f"scenario {self._world.scenario.name}: {script.name}"
        for i, (step, errand) in enumerate(scripted(script.steps, self._world.stock, who=who)):
            if step.at_s is not None:
                yield self._until(step.at_s)
            yield from self._oblige()
            for _ in range(3):  # a spot may be taken for a while
                if (yield from self._do(errand, linger=False)):
                    break
                yield self._until(self._now + 2.0)
            else:
                raise ConfigError(f"{who}, step {i}: cannot {step.do} {step.gtin or step.plate}")
        yield from self._oblige()

    # ---- one errand --------------------------------------------------------------------------

    def _do(self, errand: Errand, *, linger: bool) -> Iterator[Done]:
        """Do one thing; return whether it could be done."""
        if errand.kind == "hand_over":
            return (yield from self._hand_over(errand, patient=not linger))
        if errand.place is None:
            yield self._until(self._now + errand.seconds)
            return errand.kind == "browse"
        column = self._column(errand, errand.place)
        if column is None or not (yield from self._go(errand.place, column)):
            return False
        if linger:
            yield self._until(self._now + self._draw(self._world.scenario.linger_s))
        if self._rng.random() < BUMP_SHARE:
            self.hands.bump(errand.place.plates[0].plate, self._now)
        return (yield from self._handle(errand, errand.place, column))

    def _handle(self, errand: Errand, place: Place, column: Column) -> Iterator[Done]:
        if errand.kind == "browse":
            yield self._until(self._now + errand.seconds)
            return True
        if errand.kind in ("take", "take_several"):
            return (yield from self._take(errand, place))
        if errand.kind in ("return", "misplace"):
            return (yield from self._put(errand, place, column))
        if not column.units:
            return False
        unit = column.units[-1]
        if errand.kind == "hold":
            back_s = self.hands.hold(unit, self._stance, self._now, seconds=errand.seconds)
        else:
            back_s = self.hands.touch(unit, self._stance, self._now)
        yield self._until(back_s)
        return True

    def _take(self, errand: Errand, place: Place) -> Iterator[Done]:
        """Take one unit after the other, or all in one grip; true when any was left to take."""
        left = errand.quantity
        while left > 0:
            units: list[Unit] = []
            while left > 0 and (errand.together or not units):
                columns = self._in_reach(place, place.column_on(errand.plate, place.takeable()))
                if not columns:
                    break
                column = columns[int(self._rng.integers(len(columns)))]
                units.append(self._world.stock.take(place, column))
                left -= 1
            if not units:
                break
            for unit in units:
                self.carried.append(Carried(unit=unit, payer=self.entry, own=True))
                self.entry.owed[unit.gtin] += 1
            back_s = self.hands.take(units, self._stance, self._now, quantity=len(units))
            yield self._until(back_s + BETWEEN_S * float(self._rng.random()))
        return left < errand.quantity

    def _put(self, errand: Errand, place: Place, column: Column) -> Iterator[Done]:
        carried = self._find(errand.gtin)
        if carried is None:
            return False
        self.carried.remove(carried)
        unit = self._world.stock.put(carried.unit, place, column)
        carried.payer.owed[unit.gtin] -= 1
        home = unit.gtin == place.product
        yield self._until(self.hands.put(unit, self._stance, self._now, home=home))
        return True

    # ---- giving something to somebody --------------------------------------------------------

    def _hand_over(self, errand: Errand, *, patient: bool) -> Iterator[Done]:
        """Meet somebody at a shelf and give them something; the picker still pays."""
        carried, deadline = self._find(errand.gtin), self._now + HAND_OVER_WAIT_S
        if patient:
            deadline = self._now + SCRIPT_WAIT_S
            yield lambda now: now > deadline or self._world.ready(errand.to) is not None
        other = self._world.ready(errand.to)
        if carried is None or other is None:
            return False
        self.partner, other.partner = other.person, self.person
        met = yield from self._meet(other, deadline)
        if met:
            yield from self._give(carried, other)
        self.partner = other.partner = None
        return met

    def _meet(self, other: "Shopper", deadline: float) -> Iterator[Done]:
        there = other._here.position
        angles = self._rng.permutation(np.linspace(-np.pi, np.pi, 16, endpoint=False))
        ring = [there + 0.62 * np.array([np.cos(a), np.sin(a)]) for a in angles]
        spot = self._world.free_spot(ring, self, apart_m=GAP_M + 0.1)
        if spot is None:
            return False
        self._stand_for(spot)
        if not (yield from self._walk(spot, face=there)):
            return False
        yield lambda now: other.obliging or now > deadline
        if not other.obliging:
            return False
        other._here.face = self._here.position
        yield lambda now: (self._here.there and other._here.there) or now > deadline
        return self._here.there and other._here.there

    def _give(self, carried: Carried, other: "Shopper") -> Iterator[Done]:
        mine, theirs = self._here.position, other._here.position
        x, y = ((mine + theirs) / 2).tolist()
        height = 0.33 * (self.hands.skeleton.height_m + other.hands.skeleton.height_m)
        start_s, meet_s = self._now + 0.5, self._now + 0.5 + 1.2
        side = self.hands.pass_on((x, y, height), self._stance, start_s)
        other_side = other.hands.pass_on((x, y, height), other._stance, start_s)
        gtin = carried.unit.gtin
        self.hands.carries.append(
            Carry(side=side, span=Span(self._now, start_s, start_s + 0.5, meet_s))
        )
        self.hands.held.append(Held(gtin, self._now + 0.3, meet_s))
        other.hands.carries.append(
            Carry(side=other_side, span=Span(meet_s, meet_s + 0.8, meet_s + 2.0, meet_s + 2.5))
        )
        other.hands.held.append(Held(gtin, meet_s, meet_s + 2.3))
        self._world.log.actions.append(
            Action(
                time_s=meet_s, person=self.person, action="hand_over", gtin=gtin, quantity=1,
                to_person=other.person,
            )
        )  # fmt: skip
        self.carried.remove(carried)
        other.carried.append(Carried(unit=carried.unit, payer=carried.payer, own=False))
        yield self._until(meet_s + 1.0)

    def _oblige(self) -> Iterator[Done]:
        """Wait while somebody is on the way to hand something over."""
        self.obliging = self.partner is not None
        yield lambda _: self.partner is None
        self.obliging = False

    # ---- getting about -----------------------------------------------------------------------

    def _go(self, place: Place, column: Column) -> Iterator[Done]:
        """Walk to where `column` is in reach; return whether they got there."""
        at = column.units[-1].at if column.units else None
        target = place.front + place.along * (column.along_m - _length(place) / 2)
        target = target if at is None else np.array(at[:2])
        edge = target + place.outward * float((place.front - target) @ place.outward)
        spot = self._spot(edge, place)
        if spot is None:
            return False
        self._stand_for(spot)
        straight = spot - place.outward  # people face the shelf, not the item
        self.at_shelf = yield from self._walk(spot, face=straight)
        return self.at_shelf

    def _spot(self, edge: FloatArray, place: Place) -> FloatArray | None:
        """Return where to stand to reach over `edge` (2,): here if possible."""
        here = self._here.position - edge
        out, aside = float(here @ place.outward), abs(float(here @ place.along))
        if self.at_shelf and STAND_M[0] - 0.1 <= out <= STAND_M[1] + 0.1 and aside < SAME_SPOT_M:
            return self._here.position
        asides = self._rng.uniform(-ASIDE_M, ASIDE_M, 6)
        outs = self._rng.uniform(*STAND_M, 6)
        spots = edge + asides[:, None] * place.along + outs[:, None] * place.outward
        return self._world.free_spot(list(spots), self, apart_m=self._world.scenario.closeness_m)

    def _walk(self, goal: FloatArray, *, face: FloatArray) -> Iterator[Done]:
        """Walk to `goal` and turn to `face`; return whether they got there in time."""
        walker, deadline = self._here, self._now + PATIENCE_S
        walker.walk_to(goal, face=face, now_s=self._now)
        yield lambda now: walker.there or now > deadline
        arrived = walker.there
        walker.halt()
        return arrived

    def _stand_for(self, spot: FloatArray) -> None:
        """Claim a spot and set out for it."""
        self._world.spots[self.person] = spot
        self.at_shelf = False

    # ---- small facts -------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return self._world.now_s

    @property
    def _here(self) -> Walker:
        if self.walker is None:
            raise AttributeError(f"{self.person} has not come yet")
        return self.walker

    @property
    def _stance(self) -> Stance:
        x, y = self._here.position.tolist()
        return Stance(x, y, self._here.heading)

    def _situation(self) -> Situation:
        return Situation(
            at=self._here.position,
            carried=[carried.unit.gtin for carried in self.carried if carried.own],
            shelf_people=self._world.at_shelves(besides=self),
        )

    def _find(self, gtin: Gtin | None) -> Carried | None:
        return next((c for c in self.carried if c.unit.gtin == gtin), None)

    def _column(self, errand: Errand, place: Place) -> Column | None:
        putting = errand.kind in ("return", "misplace")
        columns = list(place.columns) if putting else place.takeable()
        columns = place.column_on(errand.plate, columns)
        if putting:  # where there is room in front, else on top
            room = [c for c in columns if not c.units or c.units[-1].row > 0]
            columns = room or columns
        return columns[int(self._rng.integers(len(columns)))] if columns else None

    def _in_reach(self, place: Place, columns: list[Column]) -> list[Column]:
        here = self._here.position
        return [
            c for c in columns
            if abs(float((np.array(c.units[-1].at[:2]) - here) @ place.along)) < SAME_SPOT_M
        ]  # fmt: skip

    def _until(self, time_s: float) -> Done:
        return lambda now: now >= time_s - STEP_S / 2

    def _draw(self, span: tuple[float, float]) -> float:
        return float(self._rng.uniform(*span))


def _length(place: Place) -> float:
    return sum(plate.width_m for plate in place.plates)
