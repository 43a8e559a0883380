"""The sequential baseline from arrivals to baskets, in a store with two shelves."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.contestants import Contestant
from benchmarks.contestants.plain import PlainBaseline
from benchmarks.contestants.sequential import SequentialBaseline
from store_engine.events import EntryRequested
from store_engine.messages import (
    Arrival,
    EntryDecision,
    GateCrossing,
    GateScan,
    Heard,
    Joint,
    ShelfWeights,
    Tick,
    TrackedPeople,
    TrackedPerson,
)
from store_engine.units import to_us
from tests.tiny_store import COLA, WATER, tiny_store

Path = list[tuple[float, float, float]]  # when, x, y: they walk straight between these
Steps = list[tuple[float, str, float]]  # when, plate, grams that come or go

START_S = 1_000.0
DOOR_S = {"ada": 3.0, "bea": 8.0}  # when they pass the door, at x = 0
AT_SHELF_1, AT_SHELF_2, ASIDE = (1.1, -0.3), (2.1, -0.3), (3.5, -2.5)


def walk(name: str, *stops: tuple[float, tuple[float, float]]) -> Path:
    """Return somebody's way: through the door, then to each stop by its time, in 2 s."""
    door_s = DOOR_S[name]
    way = [(door_s - 1.0, -0.8, -1.5), (door_s, 0.0, -1.5)]
    for by_s, spot in stops:
        way += [(by_s - 2.0, *way[-1][1:]), (by_s, *spot)]
    return way


def people_at(time_s: float, paths: dict[str, Path]) -> tuple[TrackedPerson, ...]:
    shown = []
    for name, path in paths.items():
        if time_s >= path[0][0]:
            when, xs, ys = zip(*path, strict=True)
            x, y = float(np.interp(time_s, when, xs)), float(np.interp(time_s, when, ys))
            shown.append(TrackedPerson(track=name, head=Joint(at=(x, y, 1.7))))
    return tuple(shown)


def batch_at(first_s: float, device: str, steps: Steps) -> tuple[tuple[float | None, ...], ...]:
    gondola = device.removeprefix("shelf-")
    times_s = first_s + np.arange(12) / 60
    noise = np.random.default_rng(round(first_s * 10))
    columns = [
        sum((g * (times_s >= at_s) for at_s, on, g in steps if on == f"{gondola}-1-{i}"), 0.0)
        + noise.normal(5_000.0, 1.0, 12)
        for i in (1, 2)
    ]
    return tuple((float(a), None, float(b)) for a, b in zip(*columns, strict=True))


def session(paths: dict[str, Path], steps: Steps, *, until_s: float) -> Iterator[Heard]:
    """Yield what the devices say, in order of time; seconds count from `START_S`."""
    said: list[tuple[float, Heard]] = []
    for n in range(round(until_s * 15)):
        people = people_at(n / 15, paths)
        said.append((n / 15, TrackedPeople(device="tracker", sequence=n, time_us=0, people=people)))
    for n in range(round(until_s * 5)):
        for device in ("shelf-1", "shelf-2"):
            rows = batch_at(n / 5, device, steps)
            batch = ShelfWeights(device=device, sequence=n, time_us=0, rate_hz=60.0, samples=rows)
            said.append((n / 5, batch))
    for n, name in enumerate(paths):
        scan = GateScan(device="door", sequence=2 * n, time_us=0, credential=name)
        cross = GateCrossing(device="door", sequence=2 * n + 1, time_us=0, direction="in")
        said += [(DOOR_S[name] - 1.0, scan), (DOOR_S[name], cross)]
    said += [
        (n / 10, Tick(device="clock", sequence=n, time_us=0)) for n in range(round(until_s * 10))
    ]
    for at_s, message in sorted(said, key=lambda entry: entry[0]):
        yield type(message)(
            **{f: getattr(message, f) for f in message.__struct_fields__ if f != "time_us"},
            time_us=to_us(START_S + at_s),
        )


def baskets(contestant: Contestant, messages: Iterator[Heard]) -> dict[str, Counter[str]]:
    """Let everybody in who asks; return what they hold at the end."""
    answers = 0
    for message in messages:
        asked = contestant.handle(Arrival(message, message.time_us))
        for event in asked:
            if isinstance(event, EntryRequested):
                answer = EntryDecision(
                    device="accounts",
                    sequence=answers,
                    time_us=message.time_us,
                    scan=event.scan,
                    accepted=True,
                    account=event.credential,
                )
                answers += 1
                contestant.handle(Arrival(answer, message.time_us))
    return {account: +basket for account, basket in contestant.baskets.items()}


@pytest.fixture
def sequential() -> SequentialBaseline:
    return SequentialBaseline(tiny_store())


ADA = walk("ada", (5.0, AT_SHELF_1), (14.0, AT_SHELF_2), (20.0, ASIDE))
BEA = walk("bea", (11.0, ASIDE), (26.0, AT_SHELF_2))


@pytest.mark.parametrize("kind", [PlainBaseline, SequentialBaseline])
def test_a_take_goes_to_the_one_who_stands_there(kind):
    steps = [(7.0, "1-1-1", -621.0)]
    held = baskets(kind(tiny_store()), session({"ada": ADA, "bea": BEA}, steps, until_s=14.0))
    assert held == {"ada": {WATER: 1}, "bea": {}}


def test_a_put_back_leaves_the_basket(sequential):
    steps = [(7.0, "1-1-1", -621.0), (10.0, "1-1-2", 621.0)]
    held = baskets(sequential, session({"ada": ADA}, steps, until_s=16.0))
    assert held == {"ada": {}}


def test_what_one_put_down_elsewhere_another_can_take(sequential):
    steps = [(7.0, "1-1-1", -621.0), (15.0, "2-1-1", 621.0), (28.0, "2-1-1", -621.0)]
    held = baskets(sequential, session({"ada": ADA, "bea": BEA}, steps, until_s=34.0))
    assert held == {"ada": {}, "bea": {WATER: 1}}


def test_two_products_taken_quickly_from_one_plate_are_told_apart(sequential):
    ada = walk("ada", (6.0, AT_SHELF_2), (14.0, AT_SHELF_1))
    misplaced = [(8.0, "2-1-1", -371.0), (16.0, "1-1-1", 371.0)]
    steps = [*misplaced, (20.0, "1-1-1", -621.0), (20.8, "1-1-1", -371.0)]
    held = baskets(sequential, session({"ada": ada}, steps, until_s=26.0))
    assert held == {"ada": {WATER: 1, COLA: 1}}


def test_two_quick_takes_and_one_of_two_pieces(sequential):
    quick = [(7.0, "1-1-1", -621.0), (8.0, "1-1-1", -621.0), (15.0, "2-1-2", -742.0)]
    held = baskets(sequential, session({"ada": ADA}, quick, until_s=20.0))
    assert held == {"ada": {WATER: 2, COLA: 2}}


def test_a_hand_that_presses_for_a_while_changes_nothing(sequential):
    press = [(7.0, "1-1-1", 180.0), (8.2, "1-1-1", -180.0)]
    held = baskets(sequential, session({"ada": ADA}, press, until_s=14.0))
    assert held == {"ada": {}}


def test_a_hand_that_rests_for_long_is_the_known_weakness(sequential):
    rest = [(7.0, "1-1-1", 600.0), (12.0, "1-1-1", -600.0)]
    held = baskets(sequential, session({"ada": ADA}, rest, until_s=17.0))
    assert held == {"ada": {WATER: 1}}
