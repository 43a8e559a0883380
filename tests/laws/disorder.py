"""A network that delays, repeats and swaps messages, but never beyond the watermark."""

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from store_engine.messages import (
    Arrival,
    CameraFrame,
    DeviceStatus,
    GateCrossing,
    GateScan,
    ShelfWeights,
    Tick,
    TrackedPeople,
)
from store_engine.store import Policy
from store_engine.units import MessageRef

WATERMARK_US = Policy().watermark_ms * 1_000
REPEATED_WITHIN_US = 2_000_000  # a broker repeats what was not acknowledged, also much later
# A delay that all messages of a device share cannot be told from a clock that is off. So one swift
# message of each device comes in its first seconds; `device_line` remembers it for a minute.
SWIFT_WITHIN_US = 10_000_000

FROM_DEVICES = (ShelfWeights, TrackedPeople, CameraFrame, DeviceStatus, GateScan, GateCrossing)


class Disorder(NamedTuple):
    """What a network does to each message, by chance."""

    seed: int
    delayed: float  # share of messages that come later: anywhere up to the watermark
    repeated: float  # share of messages that come twice
    kinds: tuple[type, ...] = FROM_DEVICES  # of message; the others come as they came


def disturbed(arrivals: Iterable[Arrival], disorder: Disorder) -> list[Arrival]:
    """Return a session as it would have come over such a network, by time of arrival.

    Every message still arrives within the watermark of its own time, so a tick stays true: all
    that happened a watermark before it was handed over. The first message of a device comes
    undelayed, because it tells where the device's sequence begins, and so does its swiftest.
    """
    dice = random.Random(disorder.seed)
    heard = list(arrivals)
    undelayed = _firsts(heard) | _swiftest(heard)
    found: list[Arrival] = []
    for arrival in heard:
        if isinstance(arrival.message, disorder.kinds):
            share = 0.0 if arrival.message.ref in undelayed else disorder.delayed
            found += _on_its_way(arrival, dice, delayed=share, repeated=disorder.repeated)
        else:
            found.append(arrival)
    return sorted(found, key=_order)


def slowed(arrivals: Iterable[Arrival], kind: type, by_us: int) -> list[Arrival]:
    """Return a session in which every message of one kind comes this much later."""
    late = (
        Arrival(one.message, one.received_us + by_us * isinstance(one.message, kind))
        for one in arrivals
    )
    return sorted(late, key=_order)


def _on_its_way(
    arrival: Arrival, dice: random.Random, *, delayed: float, repeated: float
) -> Iterator[Arrival]:
    message, received_us = arrival.message, arrival.received_us
    if dice.random() < delayed:
        latest_us = message.time_us + WATERMARK_US
        received_us = dice.randint(received_us, max(received_us, latest_us))
    yield Arrival(message, received_us)
    if dice.random() < repeated:
        yield Arrival(message, received_us + dice.randint(1, REPEATED_WITHIN_US))


def _firsts(arrivals: Sequence[Arrival]) -> set[MessageRef]:
    """Return the first message of each device that is numbered in its line."""
    first: dict[str, MessageRef] = {}
    for arrival in arrivals:
        if not isinstance(arrival.message, DeviceStatus):
            first.setdefault(arrival.message.device, arrival.message.ref)
    return set(first.values())


def _swiftest(arrivals: Sequence[Arrival]) -> set[MessageRef]:
    """Return the least delayed message of each device in the first seconds of the session."""
    swift: dict[str, tuple[int, MessageRef]] = {}
    until_us = arrivals[0].received_us + SWIFT_WITHIN_US
    for message, received_us in ((one.message, one.received_us) for one in arrivals):
        if received_us <= until_us and not isinstance(message, DeviceStatus):
            mine = (received_us - message.time_us, message.ref)
            swift[message.device] = min(mine, swift.get(message.device, mine))
    return {ref for _, ref in swift.values()}


def _order(arrival: Arrival) -> tuple[int, bool, str, int, int]:
    """A tick comes after all that arrived at its instant: it says that the inbox is empty."""
    message = arrival.message
    is_tick = isinstance(message, Tick)
    return arrival.received_us, is_tick, message.device, message.boot, message.sequence
