"""Cost against size, both on logarithmic axes, where a power is a straight line."""

import math
from collections.abc import Sequence

from benchmarks.plain_plots import captions, log_span, log_ticks, say_log, standalone
from benchmarks.scaling.words import Series
from store_engine.svg import Plot

WIDTH, HEIGHT = 680.0, 440.0


def cost_plot(series: Sequence[Series], *, title: str, axis: str) -> str:
    """Return a stand-alone SVG with every series, its exponent, and what linear would be."""
    points = [point for one in series for point in one.points]
    x = log_span([point.size for point in points])
    y = log_span([cost for point in points for cost in (point.cpu_s, *point.runs_s)])
    plot = Plot(width=WIDTH, height=HEIGHT, x=x, y=y, top=34.0)
    plot.x_axis(log_ticks(x), say_log, axis)
    plot.y_axis(log_ticks(y), say_log)
    _linear(plot, series[0])
    for number, one in enumerate(series):
        _draw(plot, one, f"c{number}")
    notes = ["CPU seconds per minute of store time; dashed: exactly linear", *map(legend, series)]
    captions(plot, title, notes)
    for number in range(len(series)):
        swatch = 18.0 + 17.0 * (number + 1)
        plot.text(x[0], y[1], "●", css=f"c{number}", dx=-2.0, dy=swatch)
    return standalone(plot.render(title))


def legend(series: Series) -> str:
    """Return a series in one line: what it is, and how it grows."""
    slopes = f"exponent {_said(series.exponent)}"
    if series.empty_s:
        slopes += f", of what {series.unit} add {_said(series.added_exponent)}"
    return f"{series.title}: {slopes}"


def _draw(plot: Plot, series: Series, css: str) -> None:
    plot.line([_logs(point.size, point.cpu_s) for point in series.points], f"line {css}")
    for point in series.points:
        for run in point.runs_s:
            plot.dot(*_logs(point.size, run), css, radius=2.0)
        hint = f"{point.asked}: {point.cpu_s:.2f} s"
        plot.dot(*_logs(point.size, point.cpu_s), css, hint=hint)


def _linear(plot: Plot, series: Series) -> None:
    """Draw a line of slope 1 up to the last point, from the left or the lower edge."""
    x, y = _logs(series.points[-1].size, series.points[-1].cpu_s)
    back = min(x - plot.x[0], y - plot.y[0])
    plot.line([(x - back, y - back), (x, y)], "linear")


def _logs(size: float, cost: float) -> tuple[float, float]:
    return math.log10(size), math.log10(cost)


def _said(exponent: float | None) -> str:
    return "unknown" if exponent is None else f"{exponent:.2f}"
