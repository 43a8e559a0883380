"""What `store-engine bench endurance` does, once its options are read."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.endurance.day import plan
from benchmarks.endurance.growth import Reading, trends
from benchmarks.endurance.measure import Day, simulated
from benchmarks.endurance.table import memory_plot, tables
from benchmarks.kept import keep
from benchmarks.machine import machine

READ_EVERY_MIN = 30.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of the command."""

    hours: float
    piece_minutes: float
    seed: int
    save: bool
    command: str


def run_endurance(options: Options, console: Console) -> list[Reading]:
    """Live through the day, show what was noted, and keep it."""
    pieces = plan(hours=options.hours, piece_minutes=options.piece_minutes)
    every = max(1, round(READ_EVERY_MIN / options.piece_minutes))
    day, readings = Day(), []
    with tempfile.TemporaryDirectory() as folder:
        lived = simulated(pieces, seed=options.seed, folder=Path(folder))
        for count, piece in enumerate(lived, start=1):
            day.live_through(piece)
            if count % every == 0 or count == len(pieces):
                readings.append(day.reading())
                console.print(_line(readings[-1]), highlight=False)
    found = trends(readings)
    console.print(tables(readings, found))
    if options.save:
        keep(
            "endurance",
            header={"command": options.command, "seed": str(options.seed), **machine()},
            figures={"readings": readings, "trends": found},
            shown=tables(readings, found),
            plots={"endurance": memory_plot(readings)},
        )
    return readings


def _line(one: Reading) -> str:
    return f"{one.hour:.2f} h: {one.rss_mb:.1f} MB, snapshot {one.total_kb:.0f} KB"
