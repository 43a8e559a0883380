"""The sessions that are measured: a number of people inside at once for about a minute."""

from collections.abc import Iterable
from typing import NamedTuple

from benchmarks.metering import credentials, people
from sim.scenarios import ActionMix, Scenario
from sim.scene import Truth
from sim.session import simulate
from store_engine.ports import RawArrival
from store_engine.store import Store
from store_engine.units import to_us

WINDOW_S = 60.0  # of store time is measured
EMPTY_S = 75.0  # how long a session without anybody is
SPARE = 4  # accounts more than people
# As `configs/scenarios/busy.toml`, but more is put back: it goes on for longer than a visit does,
# and shelves and carts should stay as full as they are on an ordinary visit.
MIX = {
    "take": 6.0, "take_several": 2.0, "return": 4.0, "misplace": 0.3,
    "touch": 1.5, "hold": 0.8, "browse": 1.0,
}  # fmt: skip
STAY_ACTIONS = 14  # take more than a minute (measured)
QUEUE_ACTIONS = 0.8  # more for each shopper who comes in later: a gate lets in one per 4 s

Stay = tuple[float, float]  # from and until when somebody is inside, seconds


class Window(NamedTuple):
    """The stretch with the most people inside."""

    start_s: float
    inside: float  # people, on average


class Load(NamedTuple):
    """One session to be measured."""

    store: Store
    heard: list[RawArrival]
    truth: Truth
    since_us: int  # what arrives from here on counts
    until_us: int
    inside: float  # people, on average, in between


def crowd(shoppers: int) -> Scenario:
    """Return a scenario in which this many people are inside together for about a minute."""
    actions = STAY_ACTIONS + round(QUEUE_ACTIONS * shoppers)
    return Scenario(
        name=f"{shoppers}-at-once",
        shoppers=shoppers,
        arrivals_per_minute=120.0,
        actions_each=(actions, actions),
        closeness_m=0.5,
        beside=0.4,
        mix=ActionMix.model_validate(MIX),
        people_from="tracker",
        tail_s=5.0 if shoppers else EMPTY_S,
    )


def load(scenario: Scenario, store: Store, *, seed: int) -> Load:
    """Return a session, played out. Raises `ConfigError` when the floor does not hold them."""
    accounts = people((scenario.shoppers or 0) + SPARE)
    arrivals, truth = simulate(scenario, store, seed=seed, credentials=credentials(accounts))
    window = fullest_window(stays(truth), length_s=WINDOW_S)
    since_us = truth.start_us + to_us(window.start_s)
    until_us = since_us + to_us(WINDOW_S)
    heard = [raw for raw in arrivals if raw.received_us < until_us]
    return Load(store, heard, truth, since_us, until_us, window.inside)


def stays(truth: Truth) -> list[Stay]:
    """Return from when until when each person of a session was inside, seconds."""
    return [(visit.entered_s, visit.left_s) for visit in truth.visits for _ in visit.people]


def fullest_window(stays: Iterable[Stay], *, length_s: float) -> Window:
    """Return the window of this length with the most people inside, the first of equals.

    The number inside, summed over a window, changes its slope only where an end of the window
    meets somebody's coming or going, so one of those places is the best.
    """
    known = list(stays)
    starts = sorted(
        {max(0.0, t - back) for stay in known for t in stay for back in (0.0, length_s)}
    )
    return max(
        (Window(start, _inside(known, start, length_s)) for start in starts or [0.0]),
        key=lambda window: window.inside,
    )


def _inside(stays: Iterable[Stay], start_s: float, length_s: float) -> float:
    end_s = start_s + length_s
    return sum(max(0.0, min(left, end_s) - max(came, start_s)) for came, left in stays) / length_s
