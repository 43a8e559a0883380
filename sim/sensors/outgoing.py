"""What a device is about to say: everything but its sequence number and its clock."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from store_engine.messages import Message

FIRST_SEQUENCE = 1  # 0 is the last will's, which is written before a device says anything


class Stamp(NamedTuple):
    """What a device adds to a message when it speaks."""

    sequence: int
    boot: int
    time_us: int  # device clock


class Outgoing(NamedTuple):
    """One message of one device, on the world's clock, not yet stamped.

    `build` is called when the message is encoded, perhaps twice, so that a long session never
    lies in memory as Python objects; it must draw nothing from a shared generator.
    """

    device: str
    time_us: int  # what the message is about: capture, first sample
    sent_us: int
    received_us: int
    build: Callable[[Stamp], Message]


def latencies_us(rng: np.random.Generator, n: int, limits_ms: tuple[float, float]) -> list[int]:
    """Return `n` transport delays, most of them near the lower limit.

    low + (high - low) * Beta(2, 5): a bounded stand-in for the long right tail of networks.
    """
    low, high = limits_ms
    delays_ms = low + (high - low) * rng.beta(2.0, 5.0, n)
    return [int(delay) for delay in np.round(delays_ms * 1_000)]
