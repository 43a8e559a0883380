"""The results as a terminal shows them."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from benchmarks.scaling.plots import legend
from benchmarks.scaling.words import Point, Series

ROOMS = ("front door", "ordering", "tracking", "shelves", "visits", "attribution")
HEADINGS = ("shelves", "inside", "steps", "CPU s/min", "(runs)", "worst call")


def tables(series: Sequence[Series]) -> RenderableType:
    """Return a table for each series, its slopes below it."""
    return Group(*(part for one in series for part in _series(one)))


def _series(series: Series) -> list[RenderableType]:
    table = Table(title=series.title, box=SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    for heading in (*HEADINGS, *ROOMS, "other"):
        table.add_column(heading, justify="right")
    for point in series.points:
        table.add_row(*_row(point))
    local = ", ".join(f"{slope:.2f}" for slope in series.local)
    notes = [legend(series), f"slopes from point to point: {local}"]
    if series.empty_s:
        notes.append(f"nobody inside: {series.empty_s:.2f} CPU s/min")
    if series.refused:
        notes.append(f"not measured: {series.refused}")
    return [table, *(Text(f"  {note}") for note in notes), Text("")]


def _row(point: Point) -> list[str]:
    named = [point.rooms_s.get(room, 0.0) for room in ROOMS]
    other = sum(point.rooms_s.values()) - sum(named)
    return [
        str(point.shelves),
        f"{point.inside:.1f}",
        str(point.steps),
        f"{point.cpu_s:.2f}",
        f"{min(point.runs_s):.2f}-{max(point.runs_s):.2f}",
        f"{point.worst_handle_ms:.0f} ms",
        *(f"{cost:.2f}" for cost in (*named, other)),
    ]
