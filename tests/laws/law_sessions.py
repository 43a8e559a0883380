"""Small simulated sessions through the whole engine, for laws that hold whatever happens in them.

Sessions are made once and kept: a law replays one many times, each time a little different.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import Phase, settings

from benchmarks.suite import Difficulty, trial
from sim.faults import parse_faults
from sim.reality import real_store
from sim.scene import Scene
from sim.sensors import play
from sim.session import sensor_plan
from sim.world import build_scene
from store_engine.accounts import AccountDirectory
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.effects import LocalResponder
from store_engine.engine import Engine
from store_engine.events import Event, ReceiptIssued, VisitStarted
from store_engine.intake import FrontDoor
from store_engine.messages import Arrival, Receipt
from store_engine.store import Store
from store_engine.store_files import load_accounts, load_store

FOLDER = Path(__file__).parents[2] / "configs" / "nanostore"


def few(examples: int) -> settings:
    """A handful of examples, each a whole session; shrinking one would take minutes."""
    return settings(max_examples=examples, phases=(Phase.explicit, Phase.generate))


class Trial(NamedTuple):
    """Names one session: a class of trouble of the benchmark's suite, small enough to repeat."""

    name: str
    difficulty: Difficulty
    seed: int
    noise: float = 1.0
    cameras: int = 0  # that see people, instead of the tracker


class Session(NamedTuple):
    """What the edge heard, and what truly happened."""

    store: Store
    scene: Scene
    arrivals: tuple[Arrival, ...]


class Outcome(NamedTuple):
    """What the engine made of a session."""

    receipts: tuple[Receipt, ...]  # by visit
    explained: tuple[
        dict[str, Any], ...
    ]  # clusters of all visits, each once, as seen last, in event order


@cache
def nanostore() -> Store:
    return load_store(FOLDER)


@cache
def accounts() -> AccountDirectory:
    return load_accounts(FOLDER)


def with_cameras(store: Store, count: int) -> Store:
    """Return the store with its first few cameras only."""
    kept = dict(list(store.map.cameras.items())[:count])
    return store._replace(map=replace(store.map, cameras=kept))


@cache
def session(wanted: Trial) -> Session:
    """Play a session out. The same trial gives the same one."""
    store = with_cameras(nanostore(), wanted.cameras)
    scenario = trial(wanted.name, wanted.difficulty, seed=wanted.seed, store=store)
    people_from = "cameras" if wanted.cameras else "tracker"
    noise = scenario.noise * wanted.noise
    scenario = scenario.model_copy(update={"people_from": people_from, "noise": noise})
    cards = [(one.credentials[0], str(one.account)) for one in accounts().accounts if one.payment]
    real = real_store(store, scenario.reality, scenario=scenario.name)
    scene = build_scene(scenario, real, seed=wanted.seed, credentials=cards)
    faults = parse_faults(scenario.faults)
    heard = play(scene, real, sensors=sensor_plan(scenario), faults=faults, seed=wanted.seed)
    accepted = map(FrontDoor(store).accept, heard)
    return Session(store, scene, tuple(one for one in accepted if isinstance(one, Arrival)))


def events_of(engine: Engine, arrivals: Iterable[Arrival]) -> Iterator[Event]:
    """Yield what an engine decides, its questions answered at once."""
    responder = LocalResponder(accounts=accounts(), payments=InMemoryPayments(accounts().payments))
    for arrival in arrivals:
        waiting = [arrival]
        for one in waiting:
            for event in engine.handle(one):
                yield event
                waiting += responder.answer(event, received_us=one.received_us)


def outcome(store: Store, arrivals: Iterable[Arrival]) -> Outcome:
    """Run a session through a new engine."""
    engine = Engine(store)
    events = list(events_of(engine, arrivals))
    receipts = [event.receipt for event in events if isinstance(event, ReceiptIssued)]
    settled = [receipt.visit for receipt in receipts]
    started = [event.visit for event in events if isinstance(event, VisitStarted)]
    visits = [*settled, *(visit for visit in started if visit not in settled)]
    return Outcome(
        receipts=tuple(sorted(receipts, key=lambda receipt: receipt.visit)),
        explained=latest(told for visit in visits for told in engine.explain(visit)),
    )


def latest(explained: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return each cluster once, as it was seen last.

    A visit keeps what was known when it was settled; steps that were heard since may have changed
    what happened beside it, as a later visit tells.
    """
    views = list(explained)
    last = {key: view for view in views for key in _steps(view)}
    fresh = [view for view in views if all(last[key] is view for key in _steps(view))]
    return tuple(sorted(fresh, key=lambda view: (view["moment_us"], view["plates"])))


def _steps(told: dict[str, Any]) -> list[tuple[int, str]]:
    steps = [(step["moment_us"], step["plate"]) for step in told["steps"]]
    return steps or [(told["moment_us"], "")]  # hands that met moved no plate


@cache
def undisturbed(wanted: Trial) -> Outcome:
    """What the engine makes of a session as it was heard."""
    return outcome(session(wanted).store, session(wanted).arrivals)
