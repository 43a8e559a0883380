"""What happens to messages between a device and the edge: lost, late, twice, mangled."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from sim.faults import DroppedBatches, Duplicates, Fault, Garbage, Late, Reordering
from sim.sensors.devices import Spoken
from sim.sensors.noise import stream
from store_engine.units import to_us

Mangle = Callable[[bytes], bytes]


class Sent(NamedTuple):
    """One message as it arrives."""

    spoken: Spoken
    received_us: int
    mangle: Mangle | None = None


# How payloads go wrong; each is a payload that an edge has to refuse.
MANGLES: tuple[Mangle, ...] = (
    lambda payload: payload[: len(payload) // 2],  # cut off
    lambda payload: payload[::-1],  # not JSON at all
    lambda payload: re.sub(rb'"time_us":\d+', b'"time_us":NaN', payload, count=1),
    lambda payload: payload.replace(b'"version":1', b'"version":99', 1),
    lambda payload: payload.replace(b'"type":"', b'"type":"not_', 1),
    lambda payload: payload.replace(b'"device":"', b'"device":"stranger-', 1),
)


def disturb(
    spoken: Iterable[Spoken], faults: Sequence[Fault], *, start_us: int, seed: int
) -> list[Sent]:
    """Return what arrives of `spoken`, in no particular order."""
    sent = [Sent(message, message.received_us) for message in spoken]
    for number, fault in enumerate(faults):
        rng = stream(seed, "network", number)
        if isinstance(fault, Late):
            sent = _late(sent, fault, start_us)
        elif isinstance(fault, DroppedBatches):
            sent = _dropped(sent, fault, start_us, rng)
        elif isinstance(fault, Reordering):
            sent = _overtaken(sent, fault, rng)
        elif isinstance(fault, Duplicates):
            sent += _again(sent, fault, rng)
        elif isinstance(fault, Garbage):
            sent = _mangled(sent, fault, rng)
    return sent


def _chosen(
    sent: Sequence[Sent], device: str | None, rate: float, rng: np.random.Generator
) -> list[bool]:
    draws = rng.random(len(sent)) < rate
    return [
        bool(draw) and device in (None, message.spoken.device)
        for draw, message in zip(draws, sent, strict=True)
    ]


def _within(message: Sent, from_s: float, until_s: float | None, start_us: int) -> bool:
    at_us = message.received_us - start_us
    return at_us >= to_us(from_s) and (until_s is None or at_us < to_us(until_s))


def _late(sent: Sequence[Sent], fault: Late, start_us: int) -> list[Sent]:
    """Delay a device; its connection keeps the order, so what follows waits too."""
    delayed: list[Sent] = []
    latest_us = 0
    for message in sent:
        received_us = message.received_us
        if message.spoken.device == fault.device:
            if _within(message, fault.from_s, fault.until_s, start_us):
                received_us += round(fault.delay_ms * 1_000)
            latest_us = received_us = max(received_us, latest_us)
        delayed.append(message._replace(received_us=received_us))
    return delayed


def _dropped(
    sent: Sequence[Sent], fault: DroppedBatches, start_us: int, rng: np.random.Generator
) -> list[Sent]:
    chosen = _chosen(sent, fault.device, fault.rate, rng)
    return [
        message
        for message, gone in zip(sent, chosen, strict=True)
        if not (gone and _within(message, fault.from_s, fault.until_s, start_us))
    ]


def _overtaken(sent: Sequence[Sent], fault: Reordering, rng: np.random.Generator) -> list[Sent]:
    chosen = _chosen(sent, fault.device, fault.rate, rng)
    delays_us = _delays_us(len(sent), fault.max_delay_ms, rng)
    return [
        message._replace(received_us=message.received_us + delay_us) if held else message
        for message, held, delay_us in zip(sent, chosen, delays_us, strict=True)
    ]


def _again(sent: Sequence[Sent], fault: Duplicates, rng: np.random.Generator) -> list[Sent]:
    chosen = _chosen(sent, fault.device, fault.rate, rng)
    delays_us = _delays_us(len(sent), fault.max_delay_ms, rng)
    return [
        message._replace(received_us=message.received_us + delay_us)
        for message, twice, delay_us in zip(sent, chosen, delays_us, strict=True)
        if twice
    ]


def _mangled(sent: Sequence[Sent], fault: Garbage, rng: np.random.Generator) -> list[Sent]:
    chosen = _chosen(sent, fault.device, fault.rate, rng)
    which = rng.integers(len(MANGLES), size=len(sent))
    garbage = [
        message._replace(mangle=MANGLES[kind])
        for message, hit, kind in zip(sent, chosen, which, strict=True)
        if hit
    ]
    if not fault.replace:
        return [*sent, *garbage]
    return [*(m for m, hit in zip(sent, chosen, strict=True) if not hit), *garbage]


def _delays_us(n: int, max_delay_ms: float, rng: np.random.Generator) -> list[int]:
    return [int(delay) for delay in np.round(rng.uniform(1.0, max_delay_ms * 1_000, n))]
