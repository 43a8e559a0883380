"""A crowd through an engine with a clock on it, and its receipts against the truth."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from benchmarks.accuracy.scores import Judged, judge
from benchmarks.accuracy.sessions import Session, Trial
from benchmarks.accuracy.told import Told, from_events
from benchmarks.confusion.crowd import confusing_share
from benchmarks.confusion.words import Worst
from benchmarks.metering import (
    MeteredEngine,
    cost_s,
    credentials,
    people,
    worst_handle_ms,
    worst_lag_s,
)
from sim.scenarios import Scenario
from sim.session import simulate
from store_engine.store import Store

ACCOUNTS = 24

Make = Callable[[int], Scenario]  # from a seed


class Crowd(NamedTuple):
    """One kind of trouble."""

    name: str
    store: Store
    make: Make


class _Played(NamedTuple):
    metered: MeteredEngine
    judged: Judged
    would_ask: int
    confusing: float


def worst_of(crowd: Crowd, seeds: Sequence[int]) -> Worst:
    """Play every seed and return the worst of it."""
    played = [_play(_session(crowd, seed)) for seed in seeds]
    handles_ms = [[call.handle_ns / 1e6 for call in one.metered.calls] for one in played]
    scores = [one.judged.score for one in played]
    right, extra = sum(s.right for s in scores), sum(s.extra for s in scores)
    missing = sum(s.missing for s in scores)
    trips = [trip for one in played for trip in one.judged.trips]
    rooms = [one.metered.rooms["attribution"] for one in played]
    return Worst(
        name=crowd.name,
        seeds=tuple(seeds),
        trips=len(trips),
        confusing=float(np.mean([one.confusing for one in played])),
        steps=sum(room.calls("step") for room in rooms),
        handle_ms=max(worst_handle_ms(one.metered.calls) for one in played),
        handle_p999_ms=float(np.quantile(np.concatenate(handles_ms), 0.999)),
        step_ms=max(room.worst_ms("step") for room in rooms),
        settle_ms=max(room.worst_ms("pass_time") for room in rooms),
        lag_s=max(worst_lag_s(one.metered.calls) for one in played),
        cpu_s=60.0
        * sum(cost_s(one.metered.calls) for one in played)
        / sum(one.judged.store_s for one in played),
        precision=right / max(1, right + extra),
        recall=right / max(1, right + missing),
        extra=extra,
        asked=sum(trip.reviewed for trip in trips),
        would_ask=sum(one.would_ask for one in played),
        passed_wrong=sum(not trip.exact and not trip.reviewed for trip in trips),
    )


def _session(crowd: Crowd, seed: int) -> Session:
    accounts = people(ACCOUNTS)
    scenario = crowd.make(seed)
    heard, truth = simulate(scenario, crowd.store, seed=seed, credentials=credentials(accounts))
    return Session(
        trial=Trial(crowd.name, "hard", seed),
        store=crowd.store,
        accounts=accounts,
        heard=tuple(heard),
        truth=truth,
    )


def _play(session: Session) -> _Played:
    metered, judged = _heard(session, session.store)
    unlimited = replace(session.store.policy, review_budget=1.0)
    _, asked = _heard(session, session.store._replace(policy=unlimited))
    would_ask = sum(trip.reviewed for trip in asked.trips)
    return _Played(metered, judged, would_ask, confusing_share(session.truth))


def _heard(session: Session, store: Store) -> tuple[MeteredEngine, Judged]:
    metered = MeteredEngine(store, session.accounts, by_room=True)
    gc.collect()
    gc.freeze()  # the simulator's leavings are not the engine's to look through
    events = [(raw.received_us, event) for raw in session.heard for event in metered.feed(raw)]
    gc.unfreeze()
    return metered, judge(session, "ours", Told(receipts=from_events(events)))
