"""One session through an engine with a clock on it."""

import gc
import statistics

from benchmarks.metering import (
    MeteredEngine,
    cost_s,
    people,
    worst_handle_ms,
)
from benchmarks.scaling.sessions import SPARE, WINDOW_S, Load, crowd, load
from benchmarks.scaling.words import Point
from store_engine.store import Store

PER_MINUTE = 60.0 / WINDOW_S


def point(store: Store, shoppers: int, *, seed: int, runs: int, by: str) -> Point:
    """Simulate, measure, and return what a minute costs.

    by: what the point's size counts, "shoppers" or "shelves".
    """
    played = load(crowd(shoppers), store, seed=seed)
    measured = [_run(played, shoppers, by_room=False) for _ in range(runs)]
    costs = [PER_MINUTE * cost_s(metered.calls) for metered in measured]
    split = _run(played, shoppers, by_room=True)
    shelves = len(store.map.shelves)
    return Point(
        asked=shelves if by == "shelves" else shoppers,
        size=float(shelves) if by == "shelves" else played.inside,
        shelves=shelves,
        inside=played.inside,
        cpu_s=statistics.median(costs),
        runs_s=tuple(costs),
        rooms_s=_rooms_s(split),
        steps=split.rooms["attribution"].calls("step"),
        worst_handle_ms=statistics.median(worst_handle_ms(one.calls) for one in measured),
        messages=len(measured[0].calls),
    )


def _run(played: Load, shoppers: int, *, by_room: bool) -> MeteredEngine:
    """Return an engine that heard everything and counted only the window."""
    metered = MeteredEngine(played.store, people(shoppers + SPARE), by_room=by_room)
    gc.collect()
    gc.freeze()  # the simulator's leavings are not the engine's to look through
    counting = False
    for raw in played.heard:
        if not counting and raw.received_us >= played.since_us:
            metered.start_counting()
            counting = True
        metered.feed(raw)
    gc.unfreeze()
    return metered


def _rooms_s(metered: MeteredEngine) -> dict[str, float]:
    """Return what each room cost per minute, and what is between them."""
    rooms = {name: room.total_ns for name, room in metered.rooms.items()}
    door = sum(call.door_ns for call in metered.calls)
    between = sum(call.handle_ns for call in metered.calls) - sum(rooms.values())
    parts = {"front door": door, **rooms, "between rooms": between}
    return {name: PER_MINUTE * cost / 1e9 for name, cost in parts.items()}
