"""The results as a terminal shows them, and as a plot."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from benchmarks.endurance.growth import Reading, Trend
from benchmarks.plain_plots import captions, standalone, ticks_up_to
from store_engine.svg import Plot

WIDTH, HEIGHT = 680.0, 380.0
HEADROOM = 1.25  # of the axis over the largest value


def tables(readings: Sequence[Reading], found: Sequence[Trend]) -> RenderableType:
    """Return what was noted, and what it comes to."""
    return Group(_readings(readings), _trends(found))


def _readings(readings: Sequence[Reading]) -> Table:
    table = _table("Through the day", [
        "hour", "people", "messages", "memory", "snapshot", "CPU s/min", "worst call",
        "behind live", "item F1",
    ])  # fmt: skip
    for one in readings:
        table.add_row(
            f"{one.hour:.2f}",
            str(one.people),
            str(one.messages),
            f"{one.rss_mb:.1f} MB",
            f"{one.total_kb:.0f} KB",
            f"{one.cpu_s:.2f}",
            f"{one.worst_handle_ms:.0f} ms",
            f"{one.worst_lag_s:.2f} s",
            f"{one.f1:.3f}",
        )
    return table


def _trends(found: Sequence[Trend]) -> Table:
    table = _table("What grows", ["", "first", "last", "most", "per hour, after the first"])
    for one in found:
        slope = "too short" if one.per_hour is None else f"{one.per_hour:+.2f}"
        table.add_row(one.name, f"{one.first:.1f}", f"{one.last:.1f}", f"{one.most:.1f}", slope)
    return table


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="right" if heading else "left")
    return table


def memory_plot(readings: Sequence[Reading]) -> str:
    """Return memory and snapshot against the hour, as a stand-alone SVG."""
    hours = [0.0, *(reading.hour for reading in readings)]
    memory = [(one.hour, one.rss_mb) for one in readings]
    snapshot = [(one.hour, one.total_kb / 10.0) for one in readings]
    top = HEADROOM * max(y for _, y in (*memory, *snapshot))
    plot = Plot(width=WIDTH, height=HEIGHT, x=(0.0, max(hours)), y=(0.0, top), top=34.0)
    plot.x_axis(ticks_up_to(max(hours), about=12), "{:g}".format, "hours since opening")
    plot.y_axis(ticks_up_to(top), "{:g}".format)
    for css, points in (("c0", memory), ("c1", snapshot)):
        plot.line(points, f"line {css}")
        for x, y in points:
            plot.dot(x, y, css, radius=3.0, hint=f"{x:g} h: {y:.1f}")
    captions(plot, "One engine through a day", [])
    for line, (css, words) in enumerate(
        (("c0", "memory of the process, MB"), ("c1", "Engine.snapshot(), units of 10 KB"))
    ):
        plot.text(0.0, top, words, css=css, dx=10.0, dy=18.0 + 17.0 * line)
    return standalone(plot.render("Memory and snapshot size through the day"))
