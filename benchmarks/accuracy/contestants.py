"""Who is compared: ours, baselines, and ours with something taken away.

A new one is one entry in the table: a function from a session to what is told about it.
"""

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.accuracy.blindfold import without_wrists
from benchmarks.accuracy.sessions import Session
from benchmarks.accuracy.told import Told, from_baskets, from_events
from benchmarks.contestants import Contestant as Baseline
from benchmarks.contestants.plain import PlainBaseline
from benchmarks.contestants.sequential import SequentialBaseline
from store_engine.adapters.simulated_payments import InMemoryPayments
from store_engine.effects import LocalResponder
from store_engine.errors import ConfigError
from store_engine.intake import FrontDoor
from store_engine.messages import Arrival
from store_engine.ports import RawArrival
from store_engine.replay import Replay
from store_engine.store import Policy, Store

Blindfold = Callable[[Iterable[RawArrival]], list[RawArrival]]


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """One row of the table."""

    name: str
    title: str
    play: Callable[[Session], Told]
    ablation: str = ""  # the engine switch it needs, "" when none


def play_ours(
    session: Session, *, ablate: frozenset[str] = frozenset(), blindfold: Blindfold = list
) -> Told:
    """Return what our engine tells. The blindfold is put on before the clock starts."""
    heard = blindfold(session.heard)
    replay = Replay(_ablated(session.store, ablate), _responder(session))
    started_s = time.process_time()
    events = [(raw.received_us, event) for raw in heard for event in replay.feed(raw)]
    return Told(receipts=from_events(events), cpu_s=time.process_time() - started_s)


def play_baseline(session: Session, *, build: Callable[[Store], Baseline]) -> Told:
    """Return what a baseline tells, with what it asks for answered as for ours."""
    door, responder = FrontDoor(session.store), _responder(session)
    baseline = build(session.store)
    started_s = time.process_time()
    for raw in session.heard:
        waiting = [door.accept(raw)]
        for accepted in waiting:
            if isinstance(accepted, Arrival):
                for event in baseline.handle(accepted):
                    waiting += responder.answer(event, received_us=raw.received_us)
    cpu_s = time.process_time() - started_s
    return Told(receipts=from_baskets(baseline.baskets), cpu_s=cpu_s)


def _responder(session: Session) -> LocalResponder:
    payments = InMemoryPayments(session.accounts.payments)
    return LocalResponder(accounts=session.accounts, payments=payments)


def _ablated(store: Store, ablate: frozenset[str]) -> Store:
    if not ablate:
        return store
    switched: Any = dataclasses.replace  # the switch may not exist yet: see `available`
    return store._replace(policy=switched(store.policy, ablate=ablate))


def _without(switch: str, title: str) -> Contestant:
    play = partial(play_ours, ablate=frozenset({switch}))
    name = switch if switch == "greedy" else f"no-{switch}"
    return Contestant(name=name, title=title, play=play, ablation=switch)


_ALL = (
    Contestant(name="ours", title="this engine", play=play_ours),
    Contestant(
        name="sequential",
        title="published sequential method: one event, one product, one person at a time",
        play=partial(play_baseline, build=SequentialBaseline),
    ),
    Contestant(
        name="plain",
        title="plain: largest plate change, planogram product, nearest head",
        play=partial(play_baseline, build=PlainBaseline),
    ),
    _without("greedy", "ours, deciding each step at once and for good"),
    Contestant(
        name="no-wrists",
        title="ours, without wrists and forearms",
        play=partial(play_ours, blindfold=without_wrists),
    ),
    _without("masses", "ours, without the masses of products"),
    _without("learning", "ours, without learning shelves and masses"),
)
CONTESTANTS: Mapping[str, Contestant] = {contestant.name: contestant for contestant in _ALL}


def available(contestant: Contestant) -> bool:
    """Whether this engine has the switch that an ablation turns."""
    return not contestant.ablation or "ablate" in Policy.__dataclass_fields__


def chosen(names: Sequence[str]) -> list[str]:
    """Return contestants by name, or all that are available. Raises `ConfigError`."""
    if list(names) == ["all"]:
        return [name for name, contestant in CONTESTANTS.items() if available(contestant)]
    for name in names:
        if name not in CONTESTANTS:
            raise ConfigError(f"contestant {name!r}: there are {', '.join(CONTESTANTS)}")
        if not available(CONTESTANTS[name]):
            raise ConfigError(f"contestant {name!r}: this engine has no such switch")
    return list(names)
