"""The plot of one cluster: what its plates weighed, and how far everybody's hands were."""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from store_engine.explanations import Cluster, Step
from store_engine.store_map import FloatArray
from store_engine.svg import Plot, Point, Span, round_ticks
from store_engine.traces import NEARBY_M, PersonTrace, PlateTrace, Trace
from store_engine.units import US_PER_S

WIDTH, HEIGHT = 860.0, 480.0  # pixels of the SVG's own view box
MIDDLE = 232.0  # where the panel of the plates ends
LEFT, RIGHT = 64.0, 128.0
COLOURS = 7  # the page's style has classes c0 .. c6
PLATE_STROKES = 3  # ... and g0 .. g2
LABEL_HEIGHT = 30.0  # pixels of a plate's two lines of text
GAP_S = 0.5  # a person unseen for longer leaves a gap in the line (guess)
SKIN_M = 0.04  # below 0, so that the line of a hand inside the space is seen whole
ROOM = 1.6  # the steps' own range is shown with this much of it on either side (guess)
ROOM_MIN_G = 4.0  # ... and at least this, so that noise looks like noise (guess)


def colours_of(people: Sequence[PersonTrace], visit: str) -> list[str]:
    """Return everybody's CSS class: the first is for the visit in question, on every plot."""
    others = itertools.cycle(f"c{at}" for at in range(1, COLOURS))
    return ["c0" if person.visit == visit else next(others) for person in people]


def cluster_plot(
    cluster: Cluster, trace: Trace, *, names: Sequence[str], colours: Sequence[str]
) -> str:
    """Return the plot as an SVG element.

    Args:
        cluster: whose steps are marked.
        trace: what was recorded around it.
        names: of the trace's people, in their order.
        colours: ... and their CSS classes.
    """
    zero_us = cluster.moment_us
    x = (_seconds(trace.span.since_us, zero_us), _seconds(trace.span.until_us, zero_us))
    upper = Plot(
        width=WIDTH, height=HEIGHT, x=x, y=_grams_range(cluster, trace), left=LEFT, right=RIGHT,
        top=30.0, bottom=HEIGHT - MIDDLE,
    )  # fmt: skip
    lower = Plot(
        width=WIDTH, height=HEIGHT, x=x, y=(-SKIN_M, NEARBY_M), left=LEFT, right=RIGHT,
        top=MIDDLE + 36.0, parts=upper.parts,
    )  # fmt: skip
    _axes(upper, lower)
    for plot in (upper, lower):
        _mark_steps(plot, cluster.steps, zero_us)
    for at, plate in enumerate(trace.plates):
        steps = [step for step in cluster.steps if step.plate == plate.plate]
        _plate(upper, plate, steps, zero_us, f"g{at % PLATE_STROKES}")
    _name_levels(upper, cluster)
    for person, css in reversed(list(zip(trace.people, colours, strict=True))):  # nearest on top
        _person(lower, person, zero_us, css)
    _closest(lower, cluster, trace, names, colours)
    plates = ", ".join(cluster.plates)
    return lower.render(f"Weight of plate {plates} and distances of people over time")


def relative_g(trace: PlateTrace, steps: Sequence[Step]) -> FloatArray:
    """Return the weights (n,) relative to the level before the first step, in grams."""
    zero_g = trace.before_g(steps[0])
    if math.isnan(zero_g):
        zero_g = trace.after_g(steps[0]) - steps[0].change_g
    return trace.grams - zero_g


def _seconds(time_us: float, zero_us: int) -> float:
    return (time_us - zero_us) / US_PER_S


def _grams_range(cluster: Cluster, trace: Trace) -> Span:
    """Return a range that shows the levels well; a hand that presses may leave it."""
    levels = [0.0]
    for plate in trace.plates:
        level = 0.0
        for step in cluster.steps:
            if step.plate == plate.plate:
                level += step.change_g
                levels.append(level)
    low, high = min(levels), max(levels)
    room = max(ROOM * (high - low), ROOM_MIN_G)
    heard = [
        relative_g(plate, [step for step in cluster.steps if step.plate == plate.plate])
        for plate in trace.plates
    ]
    grams = np.concatenate(heard)
    grams = grams[~np.isnan(grams)]
    if not grams.size:
        return low - room, high + room
    least = max(low - room, min(low, float(grams.min())))
    most = min(high + room, max(high, float(grams.max())))
    margin = 0.12 * (most - least)
    return least - margin, most + margin


def _axes(upper: Plot, lower: Plot) -> None:
    seconds = round_ticks(upper.x, 8)
    for tick in seconds:
        upper.line([(tick, upper.y[0]), (tick, upper.y[1])], "grid")
    upper.y_axis(round_ticks(upper.y, 5), lambda grams: f"{grams:+.0f} g" if grams else "0 g")
    lower.x_axis(seconds, lambda s: f"{s:+.0f} s" if s else "0", "time from the step")
    lower.y_axis(round_ticks((0.0, NEARBY_M), 4), lambda metres: f"{metres:.1f} m")
    for plot, title in ((upper, "weight, against the level before"), (lower, "distance")):
        plot.text(plot.x[0], plot.y[1], title, css="panel", dx=-LEFT + 4.0, dy=-12.0)


def _mark_steps(plot: Plot, steps: Sequence[Step], zero_us: int) -> None:
    """Shade the contacts and mark the steps' moments, over the whole height of a panel."""
    low, high = plot.y
    for step in steps:
        began = max(plot.x[0], _seconds(step.began_us, zero_us))
        ended = min(plot.x[1], _seconds(step.ended_us, zero_us))
        plot.band([(began, high), (ended, high)], [(began, low), (ended, low)], "contact")
    for step in steps:
        moment = _seconds(step.moment_us, zero_us)
        plot.line([(moment, low), (moment, high)], "moment")


def _plate(plot: Plot, trace: PlateTrace, steps: Sequence[Step], zero_us: int, css: str) -> None:
    grams = relative_g(trace, steps)
    times = (trace.times_us - zero_us) / US_PER_S
    plot.curve(zip(times.tolist(), grams.tolist(), strict=True), f"sample {css}")
    began = plot.x[0]
    level = 0.0
    for step in steps:
        plot.curve([(began, level), (_seconds(step.began_us, zero_us), level)], f"level {css}")
        began, level = _seconds(step.ended_us, zero_us), level + step.change_g
    plot.curve([(began, level), (plot.x[1], level)], f"level {css}")
    if grams.size and np.nanmax(grams) > plot.y[1]:
        top = int(np.nanargmax(grams))
        plot.text(times[top], plot.y[1], f"up to {grams[top]:+.0f} g", css=f"value {css}",
            dx=-6.0, dy=-5.0, anchor="end")  # fmt: skip


def _name_levels(plot: Plot, cluster: Cluster) -> None:
    """Write every plate's change and name at its last level, below one another if need be."""
    levels = [
        (sum(step.change_g for step in cluster.steps if step.plate == plate), plate, at)
        for at, plate in enumerate(cluster.plates)
    ]
    free = -math.inf
    for change_g, plate, at in sorted(levels, reverse=True):
        y = plot.at(plot.x[1], change_g)[1]
        down = max(0.0, free - y)
        css = f"value g{at % PLATE_STROKES}"
        plot.text(plot.x[1], change_g, f"{change_g:+.1f} g", css=css, dx=8.0, dy=down - 1.0)
        plot.text(plot.x[1], change_g, f"plate {plate}", css="tick", dx=8.0, dy=down + 13.0)
        free = y + down + LABEL_HEIGHT


def _person(plot: Plot, person: PersonTrace, zero_us: int, css: str) -> None:
    unseen = np.isnan(person.hand_m)
    hand = _timed(person, person.hand_m, zero_us)
    plot.curve(hand, f"stroke {css}")
    beside = unseen.copy()  # the dashes reach to where the hands are seen again
    beside[1:] |= unseen[:-1]
    beside[:-1] |= unseen[1:]
    body = np.where(unseen, person.body_m, np.where(beside, person.hand_m, math.nan))
    plot.curve(_timed(person, body, zero_us), f"stroke dashed {css}")


def _timed(person: PersonTrace, metres: FloatArray, zero_us: int) -> Iterator[Point]:
    """Yield a person's distances over time in seconds, with a NaN in every gap."""
    last = math.nan
    for time, distance in zip((person.times_us - zero_us) / US_PER_S, metres, strict=True):
        if time - last > GAP_S:
            yield math.nan, math.nan
        last = float(time)
        yield last, float(distance)


def _closest(
    plot: Plot, cluster: Cluster, trace: Trace, names: Sequence[str], colours: Sequence[str]
) -> None:
    """Mark, on everybody's line, the frame that the inference judged by first of all."""
    frames = {reach.track: reach for reach in cluster.nearest if reach.time_us in trace.span}
    for person, name, css in zip(trace.people, names, colours, strict=True):
        reach = frames.get(person.track)
        if reach is None or (shown_m := person.shown_m(reach.time_us)) > plot.y[1]:
            continue
        hint = f"{name}: {reach.by} {reach.distance_m:.2f} m, message {reach.cause}"
        plot.dot(_seconds(reach.time_us, cluster.moment_us), shown_m, f"ring {css}", hint=hint)
