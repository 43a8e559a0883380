"""Ways to hear a story, and what must hold however it was heard."""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

import msgspec
from attribution_shop import Signal, Story, hear, heard_us, new_room

from store_engine.attribution import Attribution
from store_engine.signals import CartBelief
from store_engine.units import to_us

OVER_US = to_us(90.0)  # after every story


def hear_all(room: Attribution, signals: Iterable[Signal]) -> list[CartBelief]:
    """Hear signals in this order; both lanes are complete up to each."""
    found = []
    for signal in signals:
        time_us = heard_us(signal) - 1
        found += room.pass_time(people_us=time_us, shelves_us=time_us)
        found += hear(room, signal)
    return found


def hear_in_turns(room: Attribution, story: Story, turns: list[bool]) -> list[CartBelief]:
    """Hear the two lanes in any interleaving; each lane keeps its own order."""
    lanes = dict(zip((True, False), story.ordered(), strict=True))
    heard = {True: 0, False: 0}
    found: list[CartBelief] = []

    def hear_next(lane: bool) -> None:
        signal = lanes[lane].pop(0)
        heard[lane] = heard_us(signal) - 1
        found.extend(room.pass_time(people_us=heard[True], shelves_us=heard[False]))
        found.extend(hear(room, signal))

    for turn in turns:
        for _ in range(9 if turn else 1):
            if lanes[turn]:
                hear_next(turn)
    for lane in (True, False):
        while lanes[lane]:
            hear_next(lane)
    return found + room.pass_time(people_us=OVER_US, shelves_us=OVER_US)


def assert_resumes(
    signals: Sequence[Signal], cut: float, room: Callable[[], Attribution] = new_room
) -> None:
    """A room restored after a share `cut` of the signals goes on as the one it was saved from."""
    at = round(cut * len(signals))
    original, resumed = room(), room()
    hear_all(original, signals[:at])
    resumed.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(original.snapshot())))
    assert resumed.snapshot() == original.snapshot()
    assert hear_all(resumed, signals[at:]) == hear_all(original, signals[at:])
    assert resumed.snapshot() == original.snapshot()


def assert_returns_only_what_is_held(room: Attribution) -> None:
    """In no account does anybody put back, or give, more than they took before."""
    for group in room._book.groups(room._book.everybody, lambda _: True):
        for account in group.accounts:
            moves = [move for told in account.path for move in told]
            for held in {(move.holder, move.gtin) for move in moves}:
                counts = [m.quantity for m in moves if (m.holder, m.gtin) == held]
                assert min(accumulate(counts)) >= 0
