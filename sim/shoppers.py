"""What a shopper does, from the gate and back: written as a script that yields while it waits."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.bodies import Person
from sim.doing import do
from sim.doors import CLEAR_M, GONE_M, INSIDE_M, OUTSIDE_M, SCAN_M, Door
from sim.entries import Act, Carried, Done, Entry, Trouble
from sim.errands import Chooser, Errand, Situation, scripted
from sim.hands import Hands, Stance
from sim.scenarios import Script
from sim.scene import FloatArray, Scan
from sim.walking import GAP_M, STEP_S, Walker
from store_engine.errors import ConfigError, InvariantError
from store_engine.units import Gtin

if TYPE_CHECKING:
    from sim.world import World

HEIGHT_M = (1.70, 0.09)  # mean and standard deviation of adults (guess)
HEIGHT_LIMITS_M = (1.50, 1.95)
APPROACH_S = (
    1.0  # to come up to the gate once it is free: nobody stands where one just vanished (guess)
)
SCAN_S = (0.3, 0.8)  # from the scan to the first step in (guess)
PATIENCE_S = 15.0  # longer on the way than this, and a shopper changes their mind (guess)
PERSISTENCE = 12  # failures (the spot is taken, ...) before a shopper gives up and leaves (guess)
STROLLS = 12  # points looked at for a place in the aisle
ASIDE_M = 1.2  # from the line of a gate, where people step aside to (guess)
LOOK_ROUND_S = (0.3, 1.0)  # (guess)
TRIES, TRIES_WHEN_CROWDED = 3, 20  # of a step of a script
AGAIN_S = 2.0  # between them
GIFT_S = 60.0  # a script in which somebody waits longer for a hand-over is a mistake
WITH_CARRIED = ("return", "misplace", "swap", "drop", "hand_over")
NEAR_M = 0.6  # this near to a place at the gate, people queue (guess)


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
        self.idle = False  # stands somewhere with nothing to do for now
        self.to_do = script.steps if script else ()  # what is left of it
        self.carried: list[Carried] = []
        self.trouble: Trouble | None = None  # why the last thing could not be done
        height = float(np.clip(rng.normal(*HEIGHT_M), *HEIGHT_LIMITS_M))
        if script is not None and script.height_m is not None:
            height = script.height_m
        self.small = height < HEIGHT_LIMITS_M[0]
        self.hands = Hands(person, height, shelf=world.map, log=world.log, rng=rng)
        self.world, self._script, self.rng = world, script, rng
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
            samples=self.here.samples,
            reaches=self.hands.reaches,
            carries=self.hands.carries,
            held=self.hands.held,
        )

    # ---- from the gate and back --------------------------------------------------------------

    def _live(self) -> Iterator[Done]:
        doors = self.world.doors
        door = doors[int(self.rng.integers(len(doors)))]
        yield from self._enter(door)
        if self._script is None:
            yield from self._shop()
        else:
            yield from self._follow(self._script)
        yield from self._leave(door)

    def _enter(self, door: Door) -> Iterator[Done]:
        yield lambda _: self.world.admit(self.entry) and door.ask(self.person)
        yield self.until(self.now_s + APPROACH_S)
        self.spawned_s = self.now_s
        aside = self.draw((-1.0, 1.0)) * door.room_m
        heading = float(np.arctan2(*door.inward[::-1]))
        walker = Walker(
            at=door.point(-OUTSIDE_M, aside), heading=heading, pace_m_s=self._pace, rng=self.rng
        )
        walker.door, self.walker = True, walker
        if self.entry.credential is not None:
            yield from self.walk(door.point(-SCAN_M, aside), face=door.point(INSIDE_M, aside))
            scan = Scan(door.gate.gate, self.now_s, self.entry.credential)
            self.world.log.scans.append(scan)
            yield self.until(self.now_s + self.draw(SCAN_S))
        walker.walk_to(door.point(INSIDE_M, aside), face=None, now_s=self.now_s)
        yield lambda _: bool(door.depth(walker.position) > CLEAR_M)
        door.release(self.person)
        yield lambda _: walker.there or self.world.floor.standable(walker.position)
        walker.door = False

    def _leave(self, door: Door) -> Iterator[Done]:
        walker, self.at_shelf = self.here, False
        while not (yield from self._wait_at(door)):
            yield self.until(self.now_s + 0.5)
        self.world.spots.pop(self.person)
        walker.door = True
        out = door.point(-OUTSIDE_M, self.draw((-1.0, 1.0)) * door.room_m)
        walker.walk_to(out, face=None, now_s=self.now_s)
        yield lambda _: bool(door.depth(walker.position) < -GONE_M)
        door.release(self.person)
        self.world.depart(self)

    def _wait_at(self, door: Door) -> Act:
        """Go near the gate and queue from there; return whether it is their turn."""
        jitter = self.rng.uniform(-0.12, 0.12, 2)
        spots = [spot + jitter for spot in door.waiting_points()]
        spot = self.world.free_spot(spots, self, apart_m=2 * GAP_M)
        if spot is None:
            return False
        self.stand_for(spot)
        self.here.walk_to(spot, face=door.point(0.0), now_s=self.now_s)
        deadline = self.now_s + PATIENCE_S
        yield lambda now: now > deadline or self._near(spot)
        if not self._near(spot):
            return False
        yield lambda _: door.ask(self.person)
        return True

    def _near(self, spot: FloatArray) -> bool:
        return bool(np.hypot(*(self.here.position - spot)) < NEAR_M)

    def _shop(self) -> Iterator[Done]:
        done = failed = 0
        while done < self._chooser.count and failed < PERSISTENCE:
            yield from self._oblige()
            errand = self._chooser.choose(self._situation())
            if errand is not None and (yield from do(self, errand, linger=True)):
                done += 1
            else:
                failed += 1
                yield from self._stroll()
        yield from self._oblige()

    def _stroll(self) -> Iterator[Done]:
        """Step back into the aisle and look around, out of the way of the gates."""
        points = [self.world.floor.somewhere(self.rng) for _ in range(STROLLS)]
        points = [p for p in points if all(d.depth(p) > ASIDE_M for d in self.world.doors)]
        points.sort(key=lambda p: float(np.hypot(*(p - self.here.position))))
        spot = self.world.free_spot(points, self, apart_m=2 * GAP_M)
        if spot is not None:
            self.stand_for(spot)
            yield from self.walk(spot, face=self.here.position)
        yield self.until(self.now_s + self.draw(LOOK_ROUND_S))

    def _follow(self, script: Script) -> Iterator[Done]:
        who = f"scenario {self.world.scenario.name}: {script.name}"
        for i, (step, errand) in enumerate(scripted(script.steps, self.world.stock, who=who)):
            if step.at_s is not None:
                yield self.until(step.at_s)
            yield from self._oblige()
            if step.do in WITH_CARRIED and self.find(errand.gtin) is None:
                yield from self._await_gifts()
            if not (yield from self._insist(errand)):
                thing = f"cannot {step.do} {step.gtin or step.plate}"
                why = self.trouble.why if self.trouble else "it never came off"
                raise ConfigError(f"{who}, step {i}: {thing}: {why}")
            self.to_do = self.to_do[1:]
        yield from self._oblige()
        yield from self._await_gifts()

    def _insist(self, errand: Errand) -> Act:
        """Do what a script says, if need be later: a spot may be taken for a while."""
        for attempt in range(TRIES_WHEN_CROWDED):
            self.trouble = None
            if (yield from do(self, errand, linger=False)):
                return True
            if attempt + 1 >= TRIES:
                if not (self.trouble and self.trouble.passes):
                    return False
                yield from self._stroll()  # perhaps others wait for this very spot
            yield self.until(self.now_s + AGAIN_S)
        return False

    def _oblige(self) -> Iterator[Done]:
        """Wait while somebody is on the way to hand something over."""
        self.obliging = self.partner is not None
        yield lambda _: self.partner is None
        self.obliging = False

    def _await_gifts(self) -> Iterator[Done]:
        """Stay while a script still has something to hand to them."""
        deadline = self.now_s + GIFT_S
        yield from self.stay(lambda: not self.world.gift_for(self.person), deadline)

    def stay(self, over: Callable[[], bool], deadline_s: float) -> Iterator[Done]:
        """Stand about until it is `over` or late, and take what is handed to them."""
        while not over() and self.now_s <= deadline_s:
            self.idle = True
            yield lambda now: now > deadline_s or self.partner is not None or over()
            self.idle = False
            yield from self._oblige()

    # ---- what errands need -------------------------------------------------------------------

    def walk(self, goal: FloatArray, *, face: FloatArray) -> Act:
        """Walk to `goal` and turn to `face`; return whether they got there in time."""
        walker, deadline = self.here, self.now_s + PATIENCE_S
        walker.walk_to(goal, face=face, now_s=self.now_s)
        yield lambda now: walker.there or now > deadline
        arrived = walker.there
        walker.halt()
        return arrived

    def stand_for(self, spot: FloatArray) -> None:
        """Claim a spot and set out for it."""
        self.world.spots[self.person] = spot
        self.at_shelf = False

    # ---- small facts -------------------------------------------------------------------------

    @property
    def now_s(self) -> float:
        """What the clock of the world says."""
        return self.world.now_s

    @property
    def here(self) -> Walker:
        """Their body on the floor."""
        if self.walker is None:
            raise InvariantError(f"{self.person} has not come yet")
        return self.walker

    @property
    def stance(self) -> Stance:
        """Where they stand, and which way."""
        x, y = self.here.position.tolist()
        return Stance(x, y, self.here.heading)

    def _situation(self) -> Situation:
        return Situation(
            at=self.here.position,
            carried=[carried.unit.gtin for carried in self.carried if carried.own],
            shelf_people=self.world.at_shelves(besides=self),
        )

    def find(self, gtin: Gtin | None) -> Carried | None:
        """Return one unit of a product they carry."""
        return next((c for c in self.carried if c.unit.gtin == gtin), None)

    def until(self, time_s: float) -> Done:
        """Return the wait until the tick nearest to `time_s`."""
        return lambda now: now >= time_s - STEP_S / 2

    def draw(self, span: tuple[float, float]) -> float:
        """Return a number from a range."""
        return float(self.rng.uniform(*span))
