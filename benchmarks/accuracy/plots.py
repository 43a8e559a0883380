"""The plots of the report."""

import math
from collections.abc import Sequence

from benchmarks.accuracy.figures import shown, shown_range
from benchmarks.accuracy.report import Certainty, Report
from benchmarks.accuracy.sessions import CLASSES
from store_engine.svg import Plot

WIDTH = 720.0
ROW = 30.0  # height of one contestant or class, pixels
COLOURS = 7  # the page's style has classes c0 .. c6
COMPARED = 3  # contestants drawn class by class; more would hide one another
LARGEST_DOT = 14.0  # radius, pixels, of a reliability bin that holds every line
THICK = 0.3  # of a bar, either side, in rows
FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def colour(report: Report, contestant: str) -> str:
    """Return the CSS class that gives a contestant its colour on every plot."""
    return f"c{list(report.contestants).index(contestant) % COLOURS}"


def f1_bars(report: Report) -> str:
    """Return one bar each contestant, with its interval."""
    names = [name for name in report.contestants if report.summary(name) is not None]
    plot = Plot(width=WIDTH, height=70.0 + ROW * len(names), x=(0.0, 1.0),
        y=(len(names) - 0.5, -0.5), left=110.0, right=60.0)  # fmt: skip
    plot.x_axis(FIFTHS, _tenths, "item F1: 1 is every item on the right receipt and nothing else")
    for row, name in enumerate(names):
        summary = report.summary(name)
        value, low, high = summary.figures["f1"] if summary else (None, None, None)
        plot.text(0.0, row, name, css="label", dx=-10.0, anchor="end")
        if value is None or low is None or high is None:
            continue
        _bar(plot, 0.0, value, row, f"fill {colour(report, name)}")
        plot.line([(low, row), (high, row)], "whisker")
        plot.text(max(high, value), row, f"{value:.3f}", css="value", dx=8.0)
    return plot.render("Item F1 of every contestant over all sessions")


def classes(report: Report) -> str:
    """Return a row each class: a dot for each of the first contestants, and what is published."""
    names = list(report.contestants)[:COMPARED]
    plot = Plot(width=WIDTH, height=70.0 + 26.0 * len(report.classes), x=(0.0, 1.0),
        y=(len(report.classes) - 0.4, -0.6), left=200.0)  # fmt: skip
    plot.x_axis(FIFTHS, _tenths, "item F1")
    for row, name in enumerate(report.classes):
        plot.text(0.0, row, name, css="label", dx=-10.0, anchor="end")
        peer = CLASSES[name].peer_f1 if name in CLASSES else None
        if peer is not None:
            low, high = peer[0] - 0.006, peer[1] + 0.006  # a single figure is still to be seen
            _bar(plot, low, high, row, "published")
        for contestant in reversed(names):
            _class_dot(plot, report, contestant, name, row)
    return plot.render("Item F1 by class of trial")


def _bar(plot: Plot, start: float, end: float, row: int, css: str) -> None:
    upper = [(start, row - THICK), (end, row - THICK)]
    plot.band(upper, [(start, row + THICK), (end, row + THICK)], css)


def _class_dot(plot: Plot, report: Report, contestant: str, name: str, row: int) -> None:
    summary = report.summary(contestant, name=name)
    value, low, high = summary.figures["f1"] if summary else (None, None, None)
    if summary is None or value is None or low is None or high is None:
        return
    css = colour(report, contestant)
    plot.line([(low, row), (high, row)], f"reach {css}")
    said = f"{contestant}, {name}: {shown('f1', value)} ({shown_range('f1', low, high)})"
    plot.dot(value, row, f"fill {css}", hint=said)


def reliability(report: Report) -> str:
    """Return how often lines were right against how sure the engine said it was."""
    plot = Plot(width=440.0, height=400.0, x=(0.0, 1.0), y=(0.0, 1.0))
    plot.x_axis(FIFTHS, _percent, "the engine says it is this sure of a line")
    plot.y_axis(FIFTHS, _percent)
    plot.line([(0.0, 0.0), (1.0, 1.0)], "ideal")
    for certainty in reversed(report.certainties):
        _reliability_dots(plot, certainty, colour(report, certainty.contestant))
    return plot.render("Share of lines that were right against their stated certainty")


def _reliability_dots(plot: Plot, certainty: Certainty, css: str) -> None:
    bins = certainty.equal_width
    plot.line(zip(bins.said, bins.right, strict=True), f"thin {css}")
    for weight, said, right in zip(bins.weight, bins.said, bins.right, strict=True):
        radius = max(3.0, LARGEST_DOT * math.sqrt(weight / sum(bins.weight)))
        hint = f"{certainty.contestant}: {weight:.0f} lines, {said:.1%} sure, {right:.1%} right"
        plot.dot(said, right, f"fill soft {css}", radius=radius, hint=hint)


def review_curve(report: Report) -> str:
    """Return how many wrong receipts are left when the least sure trips are looked at.

    The first contestant sets the scale; others that are worse run along the upper edge.
    """
    top = _round_up(_highest(report.certainties[0]))
    plot = Plot(width=440.0, height=400.0, x=(0.0, 0.2), y=(0.0, top))
    plot.x_axis((0.0, 0.05, 0.1, 0.15, 0.2), _percent, "trips a person looks at, least sure first")
    plot.y_axis([top * share for share in FIFTHS], lambda value: f"{value:.1%}")
    for certainty in reversed(report.certainties):
        css = colour(report, certainty.contestant)
        if certainty is report.certainties[0]:
            plot.band(_curve(certainty, 2), _curve(certainty, 1), f"area {css}")
        fits = [(rate, min(wrong, top)) for rate, wrong in _curve(certainty, 0)]
        plot.line(fits, f"stroke {css}")
        _policy_point(plot, report, certainty.contestant, css)
    return plot.render("Share of wrong receipts among those nobody looked at, by review rate")


def _curve(certainty: Certainty, part: int) -> list[tuple[float, float]]:
    """Return the value (0), the lower end (1) or the upper end (2) along the review rates."""
    return [
        (rate, estimate[part] or 0.0)
        for rate, estimate in zip(certainty.review_rates, certainty.wrong_after_review, strict=True)
    ]


def _highest(certainty: Certainty) -> float:
    return max(wrong for _, wrong in _curve(certainty, 2))


def _policy_point(plot: Plot, report: Report, contestant: str, css: str) -> None:
    """Mark where the contestant's own policy asks, if that is on the plot."""
    summary = report.summary(contestant)
    if summary is None:
        return
    rate, wrong = (summary.figures[name].value for name in ("review_rate", "wrong_unreviewed"))
    if rate is None or wrong is None or rate > plot.x[1] or wrong > plot.y[1]:
        return
    said = f"{contestant} asks on {shown('review_rate', rate)}; {wrong:.2%} of the rest are wrong"
    plot.dot(rate, wrong, f"ring {css}", radius=7.0, hint=said)


def _round_up(value: float) -> float:
    """Return the next value whose fifths read well: 1, 2 or 5 times a power of ten."""
    value = max(value, 0.01)
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if value <= step * power * 1.0001)


def _tenths(value: float) -> str:
    return f"{value:.1f}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def legend(report: Report, contestants: Sequence[str]) -> str:
    """Return coloured names, for above a plot."""
    items = [f'<li><i class="key {colour(report, name)}"></i>{name}</li>' for name in contestants]
    return f'<ul class="legend">{"".join(items)}</ul>'
