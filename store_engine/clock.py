"""The edge's clock, which demonstrations may hurry.

At speed 1 it is the wall clock. At speed s it runs s times faster from a fixed moment on, so that
an engine and a simulator that were told the same speed agree without talking.
"""

import time
from collections.abc import Callable

FROM_NS = 1_767_225_600 * 1_000_000_000  # 2026-01-01 00:00 UTC: any fixed moment would do


def clock_ns(speed: float = 1.0) -> Callable[[], int]:
    """Return a clock in nanoseconds since the epoch that runs `speed` times real time."""
    if speed == 1.0:
        return time.time_ns
    return lambda: FROM_NS + round((time.time_ns() - FROM_NS) * speed)
