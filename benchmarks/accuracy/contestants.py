"""Who is compared: ours, baselines, and ours with something taken away.

A new one is one entry in the table: a function from a session to what is told about it.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

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
from store_engine.store import Ablation, Store

Blindfold = Callable[[Iterable[RawArrival]], list[RawArrival]]


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """One row of the table."""

    name: str
    title: str
    play: Callable[[Session], Told]


def play_ours(
    session: Session, *, ablate: frozenset[Ablation] = frozenset(), blindfold: Blindfold = list
) -> Told:
    """Return what our engine tells. The blindfold is put on before the clock starts."""
    heard = blindfold(session.heard)
    store = session.store._replace(policy=replace(session.store.policy, ablate=ablate))
    replay = Replay(store, _responder(session))
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
    Contestant(
        name="no-wrists",
        title="ours, without wrists and forearms",
        play=partial(play_ours, blindfold=without_wrists),
    ),
    Contestant(
        name="no-learning",
        title="ours, without learning shelves and masses",
        play=partial(play_ours, ablate=frozenset({"learning"})),
    ),
)
CONTESTANTS: Mapping[str, Contestant] = {contestant.name: contestant for contestant in _ALL}


def chosen(names: Sequence[str]) -> list[str]:
    """Return contestants by name, or all of them. Raises `ConfigError`."""
    if list(names) == ["all"]:
        return list(CONTESTANTS)
    for name in names:
        if name not in CONTESTANTS:
            raise ConfigError(f"contestant {name!r}: there are {', '.join(CONTESTANTS)}")
    return list(names)
