"""The words of the scaling benchmark."""

from collections.abc import Mapping

import msgspec


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One session, measured. Times are processor seconds per minute of store time."""

    asked: int  # shoppers, or shelves
    size: float  # of the axis: shelves, or people inside
    shelves: int
    inside: float  # people, on average, while it was measured
    cpu_s: float  # median of the runs
    runs_s: tuple[float, ...]
    rooms_s: Mapping[str, float]  # of a run of its own, with clocks on the rooms
    steps: int  # weight steps that were explained in that minute
    worst_handle_ms: float  # one `Engine.handle`, the median of the runs' worst
    messages: int


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Points of growing size."""

    name: str
    title: str
    unit: str  # what size counts
    points: tuple[Point, ...]
    empty_s: float  # what it costs without any shopper (or, of shelves: 0)
    exponent: float | None  # slope of log cost over log size
    added_exponent: float | None  # the same of cost above `empty_s`
    local: tuple[float, ...]  # slopes from point to point
    refused: str = ""  # what the simulator would not do, and why
