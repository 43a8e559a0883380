"""The one clock of the simulated world: from a scenario and a seed to everything that happens."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from sim.bodies import Person
from sim.doors import Door
from sim.entries import Entry
from sim.errands import gondola_of
from sim.floor import Floor
from sim.hands import Log
from sim.rendezvous import Rendezvous
from sim.scenarios import Scenario, Script
from sim.scene import FloatArray, Footstep, Pass, Scene, TrueVisit, Truth
from sim.shoppers import Shopper
from sim.stock import Stock
from sim.walking import STEP_S, step
from store_engine.errors import ConfigError, InvariantError
from store_engine.store import Store
from store_engine.store_map import StoreMap

PASS_STEP_S = 0.02  # a crossing is looked for at this step, then interpolated
_STOCK, _ARRIVALS, _PEOPLE = 0, 1, 2  # streams of randomness: one cause never moves another


class Arrival(NamedTuple):
    """Somebody comes to the gate."""

    time_s: float
    person: str
    entry: Entry
    script: Script | None


class World:
    """Everything that is the case now."""

    def __init__(
        self,
        scenario: Scenario,
        store: Store,
        *,
        seed: int,
        credentials: Sequence[tuple[str, str]],
        floor: Floor | None = None,
    ) -> None:
        if not credentials:
            raise ConfigError(f"scenario {scenario.name}: no credentials to come in with")
        if not store.map.gates:
            raise ConfigError(f"store {store.map.store}: no gate to come in by")
        self.scenario, self.map, self.log = scenario, store.map, Log()
        self.floor = floor or Floor(store.map)
        self.stock = Stock(
            store.map, store.catalog, full=scenario.stock, rng=np.random.default_rng([seed, _STOCK])
        )
        _check_aisle(scenario, store.map)
        self.rendezvous = Rendezvous(scenario)
        self.doors = [Door(gate) for gate in store.map.gates.values()]
        self.spots: dict[str, FloatArray] = {}  # where people stand or are about to
        self.now_s = 0.0
        self.entries: list[Entry] = []
        self._seed = seed
        self._credentials = list(credentials)  # least recently used first
        self._coming = arrivals(scenario, np.random.default_rng([seed, _ARRIVALS]))
        self._present: list[Shopper] = []
        self.everybody: list[Shopper] = []

    def run(self) -> None:
        """Let time pass until everybody has left."""
        tick = 0
        while self._coming or self._present:
            self.now_s = tick * STEP_S
            if self.now_s > self.scenario.limit_s:
                names = ", ".join(shopper.person for shopper in self._present)
                limit = f"{self.scenario.limit_s:g} s"
                raise ConfigError(f"scenario {self.scenario.name}: not over after {limit}: {names}")
            self._receive()
            for shopper in tuple(self._present):
                shopper.advance(self.now_s)
            self._present = [shopper for shopper in self._present if not shopper.gone]
            walkers = [s.walker for s in self._present if s.walker is not None]
            step(walkers, self.floor, self.now_s)
            tick += 1

    def scene(self) -> Scene:
        """Return what happened, once everybody has left."""
        bodies = tuple(shopper.body() for shopper in self.everybody)
        passes = [p for body in bodies for p in _passes(body, self.doors)]
        passes.sort(key=lambda p: (p.time_s, p.person))
        log = self.log
        return Scene(
            start_us=self.scenario.start_us,
            duration_s=self.now_s + self.scenario.tail_s,
            people=bodies,
            loads=tuple(sorted(log.loads, key=lambda load: (load.start_s, load.plate))),
            contacts=tuple(sorted(log.contacts, key=lambda c: (c.start_s, c.plate))),
            scans=tuple(log.scans),
            passes=tuple(passes),
            footsteps=_footsteps(bodies),
            initial_g=self.stock.initial_g,
            truth=self._truth(passes),
        )

    def _truth(self, passes: Sequence[Pass]) -> Truth:
        actions = sorted(self.log.actions, key=lambda a: (a.time_s, a.person))
        return Truth(
            store=self.map.store,
            scenario=self.scenario.name,
            seed=self._seed,
            start_us=self.scenario.start_us,
            visits=tuple(_visits(self.entries, passes)),
            actions=tuple(actions),
        )

    def _receive(self) -> None:
        while self._coming and self._coming[0].time_s <= self.now_s:
            _, person, entry, script = self._coming.pop(0)
            rng = np.random.default_rng([self._seed, _PEOPLE, len(self.everybody)])
            shopper = Shopper(person, self, entry=entry, script=script, rng=rng)
            entry.people.append(person)
            entry.inside += 1
            self._present.append(shopper)
            self.everybody.append(shopper)

    # ---- what shoppers ask ---------------------------------------------------------------------

    def admit(self, entry: Entry) -> bool:
        """Give an entry the credential of an account that is not inside; false if there is none."""
        if entry.credential is None or entry.account:
            if entry not in self.entries:
                self.entries.append(entry)
            return True
        inside = {e.account for e in self.entries if e.inside}
        for i, (credential, account) in enumerate(self._credentials):
            if account not in inside:
                self._credentials.append(self._credentials.pop(i))
                entry.credential, entry.account = credential, account
                self.entries.append(entry)
                return True
        return False

    def depart(self, shopper: Shopper) -> None:
        """Somebody has left."""
        shopper.entry.inside -= 1

    def free_spot(
        self, spots: Sequence[FloatArray], shopper: Shopper, *, apart_m: float
    ) -> FloatArray | None:
        """Return the first of `spots` where nobody stands or is about to."""
        taken = [spot for person, spot in self.spots.items() if person != shopper.person]
        for spot in spots:
            if self.floor.standable(spot) and all(
                np.hypot(*(spot - other)) >= apart_m for other in taken
            ):
                return spot
        return None

    def at_shelves(self, *, besides: Shopper) -> list[tuple[str, FloatArray]]:
        """Return who stands at a shelf and has no appointment, and where."""
        return [
            (other.person, other.walker.position)
            for other in self._present
            if other is not besides and other.at_shelf and other.walker and not other.partner
        ]

    def ready(self, person: str | None) -> Shopper | None:
        """Return `person` if they could be handed something now."""
        for other in self._present:
            there = other.at_shelf or other.idle
            if other.person == person and there and not other.partner:
                return other
        return None

    def gift_for(self, person: str) -> bool:
        """Return whether a script still has something to hand to `person`."""
        coming = (arrival.script.steps for arrival in self._coming if arrival.script)
        present = (other.to_do for other in self._present)
        return any(step.to == person for steps in (*coming, *present) for step in steps)


def _check_aisle(scenario: Scenario, store_map: StoreMap) -> None:
    gondolas = sorted({gondola_of(shelf) for shelf in store_map.shelves})
    for i, name in enumerate(scenario.aisle):
        if name not in gondolas:
            have = ", ".join(gondolas)
            raise ConfigError(
                f"scenario {scenario.name}: aisle.{i}: no gondola {name}, only {have}"
            )


def arrivals(scenario: Scenario, rng: np.random.Generator) -> list[Arrival]:
    """Return who comes when: scripted shoppers, and a Poisson process of entries."""
    coming = [*_scripted_arrivals(scenario), *_random_arrivals(scenario, rng)]
    return sorted(coming, key=lambda arrival: arrival.time_s)  # stable: groups stay in order


def _scripted_arrivals(scenario: Scenario) -> Iterator[Arrival]:
    entries: dict[str, Entry] = {}
    for script in scenario.scripted:
        entry = entries.get(script.with_ or "") or Entry(credential="" if script.scan else None)
        entries[script.name] = entry
        yield Arrival(scenario.lead_s + script.at_s, script.name, entry, script)


def _random_arrivals(scenario: Scenario, rng: np.random.Generator) -> Iterator[Arrival]:
    if scenario.shoppers is None and scenario.arrivals_for_s is None:
        return
    weights = np.array(scenario.group_sizes) / sum(scenario.group_sizes)
    time_s, count = scenario.lead_s, 0
    while scenario.shoppers is None or count < scenario.shoppers:
        if scenario.arrivals_for_s and time_s > scenario.lead_s + scenario.arrivals_for_s:
            return
        size = 1 + int(rng.choice(len(weights), p=weights))
        if scenario.shoppers is not None:
            size = min(size, scenario.shoppers - count)
        entry = Entry(credential="")
        for _ in range(size):
            count += 1
            yield Arrival(time_s, f"shopper-{count}", entry, None)
        time_s += float(rng.exponential(60.0 / scenario.arrivals_per_minute))


def build_scene(
    scenario: Scenario, store: Store, *, seed: int, credentials: Sequence[tuple[str, str]]
) -> Scene:
    """Return everything that happens in one session; the same seed gives the same scene.

    credentials: (credential, account) of those who may come, enough for all who are inside at
    once: an account is inside once at a time.
    """
    world = World(scenario, store, seed=seed, credentials=credentials)
    world.run()
    return world.scene()


def _footsteps(bodies: Sequence[Person]) -> tuple[Footstep, ...]:
    steps = [footstep for body in bodies for footstep in body.footsteps()]
    return tuple(sorted(steps, key=lambda footstep: footstep.time_s))


def _passes(body: Person, doors: Sequence[Door]) -> list[Pass]:
    """Return when and where a body crossed the line of a gate: once in, once out."""
    count = round((body.left_s - body.entered_s) / PASS_STEP_S)
    times = np.linspace(body.entered_s, body.left_s, count + 1)
    floor = body.floor_at(times)
    passes = []
    for door in doors:
        depth = door.depth(floor)
        for i in np.flatnonzero((depth[:-1] < 0) != (depth[1:] < 0)):
            share = depth[i] / (depth[i] - depth[i + 1])
            x, y = (floor[i] + share * (floor[i + 1] - floor[i])).tolist()
            time_s = float(times[i] + share * (times[i + 1] - times[i]))
            way: Literal["in", "out"] = "in" if depth[i] < 0 else "out"
            passes.append(Pass(door.gate.gate, time_s, way, body.person, (x, y)))
    return passes


def _visits(entries: Sequence[Entry], passes: Sequence[Pass]) -> Iterator[TrueVisit]:
    """Yield what each entry owes; a tailgater's is nobody's."""
    came = {p.person: p.time_s for p in passes if p.direction == "in"}
    left = {p.person: p.time_s for p in passes if p.direction == "out"}
    for entry in entries:
        if any(n < 0 for n in entry.owed.values()):
            raise InvariantError(f"{entry.account}: more returned than taken: {entry.owed}")
        if entry.credential is not None:
            yield TrueVisit(
                credential=entry.credential,
                account=entry.account,
                people=tuple(entry.people),
                entered_s=min(came[person] for person in entry.people),
                left_s=max(left[person] for person in entry.people),
                items={gtin: n for gtin, n in sorted(entry.owed.items()) if n > 0},
            )
