"""What was noted through the day, and whether it grows."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median

import msgspec

WARM_UP_H = 1.0  # caches and histories fill first: trends are looked for after this (guess)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The engine after some hours of its day, the shop just empty."""

    hour: float  # of store time since opening
    people: int  # who came since the last reading
    messages: int  # since the last reading
    rss_mb: float  # this process: engine, front door, and reading the recording
    snapshot_kb: Mapping[str, float]  # encoded as MessagePack, by room
    cpu_s: float  # per minute of store time since the last reading
    worst_handle_ms: float  # since the last reading
    worst_lag_s: float  # ... a live engine would have fallen behind
    f1: float  # of items, since the last reading

    @property
    def total_kb(self) -> float:
        """The whole snapshot."""
        return sum(self.snapshot_kb.values())


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """How one series changes over the day."""

    name: str
    first: float
    last: float
    most: float
    per_hour: float | None  # after the warm-up; None: too few readings


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the median of the slopes between all pairs, None below three points.

    Theil (1950) and Sen (1968): a few busy half hours do not tilt it.
    """
    if len(points) < 3:
        return None
    return median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2))


def trends(readings: Sequence[Reading]) -> list[Trend]:
    """Return the trend of memory, of the snapshot and of each room's part in it."""
    rooms = list(readings[0].snapshot_kb)
    series: dict[str, list[float]] = {
        "memory, MB": [reading.rss_mb for reading in readings],
        "snapshot, KB": [reading.total_kb for reading in readings],
        **{f"  {room}, KB": [one.snapshot_kb[room] for one in readings] for room in rooms},
        "CPU, s/min": [reading.cpu_s for reading in readings],
    }
    hours = [reading.hour for reading in readings]
    return [_trend(name, hours, values) for name, values in series.items()]


def _trend(name: str, hours: Sequence[float], values: Sequence[float]) -> Trend:
    warm = [(h, v) for h, v in zip(hours, values, strict=True) if h >= WARM_UP_H]
    return Trend(
        name=name, first=values[0], last=values[-1], most=max(values), per_hour=slope(warm)
    )
