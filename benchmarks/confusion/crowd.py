"""Sixteen people in one aisle who do their best to confuse."""

from benchmarks.scaling.stores import store_of
from sim.scenarios import ActionMix, Scenario
from sim.scene import Truth
from store_engine.store import Store

PEOPLE = 16
SHELVES = 48  # eight gondolas in two rows
AISLE = ("1", "2", "3", "4")  # the first row: 4.9 m of shelves
# Meant to confuse: all but the first two. They fail more often than a take does (nothing to give
# back yet, no room to stand), so the weights are above 80 % to bring 80 % about (measured).
MIX = {
    "take": 0.6, "take_several": 0.2, "browse": 0.0,
    "touch": 2.6, "hold": 0.8, "return": 3.0, "misplace": 1.2, "hand_over": 1.4,
}  # fmt: skip
PLAIN = ("take",)  # actions of a truth file that are not meant to confuse


def confusing_store() -> Store:
    """Return a store with an aisle that holds sixteen people."""
    return store_of(SHELVES)


def confusing_crowd(people: int = PEOPLE) -> Scenario:
    """Return the scenario."""
    return Scenario(
        name=f"{people}-in-one-aisle",
        shoppers=people,
        arrivals_per_minute=120.0,
        actions_each=(10, 14),
        aisle=AISLE,
        closeness_m=0.45,
        beside=0.8,
        linger_s=(0.1, 0.6),
        mix=ActionMix.model_validate(MIX),
        people_from="tracker",
    )


def confusing_share(truth: Truth) -> float:
    """Return the share of what was done that was meant to confuse; resting hands do not count."""
    done = [action.action for action in truth.actions]
    return sum(action not in PLAIN for action in done) / max(1, len(done))
