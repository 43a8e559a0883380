"""What one plate weighs around a step: levels, contact, and the windows that judged rest."""

from docs.pictures.sessions import Seen
from docs.pictures.style import standalone
from store_engine.shelves.ladder import LADDER
from store_engine.signals import WeightStep
from store_engine.svg import Plot, round_ticks
from store_engine.units import US_PER_S, seconds_between, to_us

WIDTH, HEIGHT, STRIP = 860.0, 430.0, 118.0
BEFORE_US, AFTER_US = to_us(2.5), to_us(1.2)


def plate_picture(seen: Seen, steps: list[WeightStep], *, title: str, notes: list[str]) -> str:
    """Return the picture of one plate's steps, which follow each other."""
    first, last = steps[0], steps[-1]
    zero_us = last.moment_us
    since_us, until_us = first.began_us - BEFORE_US, last.settled_us + AFTER_US
    samples = seen.signal(first.plate, since_us, until_us)
    quiet = [grams for time_us, grams in samples if time_us < first.began_us]
    zero_g = sorted(quiet)[len(quiet) // 2]
    points = [((t - zero_us) / US_PER_S, g - zero_g) for t, g in samples]
    low, high = min(g for _, g in points), max(g for _, g in points)
    room = 0.12 * (high - low)
    plot = Plot(
        width=WIDTH, height=HEIGHT, x=(points[0][0], points[-1][0]), y=(low - room, high + room),
        top=44.0, left=70.0, right=84.0, bottom=STRIP + 36.0,
    )  # fmt: skip
    plot.text(plot.x[0], plot.y[1], title, css="title", dx=-52.0, dy=-20.0)
    plot.y_axis(round_ticks(plot.y, 6), lambda grams: f"{grams:.0f} g")
    _steps(plot, steps, points, zero_us)
    for line, note in enumerate(notes):
        plot.text(plot.x[0], plot.y[0], note, css="soft", dx=10.0, dy=-14.0 - 17.0 * line)
    _strip(plot, steps, zero_us)
    return standalone(plot, describes=title)


def _steps(plot: Plot, steps: list[WeightStep], points: list[tuple[float, float]], zero_us: int,
) -> None:  # fmt: skip
    low, high = plot.y
    spans = [[(t - zero_us) / US_PER_S for t in (s.began_us, s.moment_us, s.ended_us)]
        for s in steps]  # fmt: skip
    for (began, moment, ended), step in zip(spans, steps, strict=True):
        plot.band([(began, high), (ended, high)], [(began, low), (ended, low)], "contact")
        plot.line([(moment, low), (moment, high)], "moment")
        says = f"{step.change_g:+.1f} g"
        anchor = "end" if step is not steps[-1] else "start"
        plot.text(moment, high, says, css="cb strong", dx=6.0 if anchor == "start" else -6.0,
            dy=16.0, anchor=anchor)  # fmt: skip
    plot.curve(points, "sample cg")
    level, since = 0.0, plot.x[0]
    for (began, _, ended), step in zip(spans, steps, strict=True):
        plot.line([(since, level), (began, level)], "level ca")
        level, since = level + step.change_g, ended
    plot.line([(since, level), (plot.x[1], level)], "level ca")
    plot.text(plot.x[1], level, "level after", css="ca", dx=6.0)
    plot.text(plot.x[0], 0.0, "level before", css="ca", dx=8.0, dy=-14.0)


def _strip(plot: Plot, steps: list[WeightStep], zero_us: int) -> None:
    """Draw, under the signal, the windows that fit between contact and belief.

    Each was full some time before and not believed, but for the longest.
    """
    strip = Plot(
        width=WIDTH, height=HEIGHT, x=plot.x, y=(-0.6, len(LADDER) - 0.4), left=plot.left,
        right=plot.right, top=HEIGHT - STRIP - 14.0, bottom=44.0, parts=plot.parts,
    )  # fmt: skip
    strip.x_axis(round_ticks(strip.x, 9), lambda s: f"{s:+.0f} s" if s else "0",
        "time from the step; below: the windows in which the plate had to be at rest")  # fmt: skip
    for row, rung in enumerate(reversed(LADDER)):
        strip.text(strip.x[0], row, f"{rung.duration_s:.1f} s", css="tick", dx=-8.0, anchor="end")
    for step in steps:
        rested_s = seconds_between(step.ended_us, step.settled_us)
        end = seconds_between(zero_us, step.settled_us)
        longest_s = max(one.duration_s for one in LADDER if one.duration_s <= rested_s)
        for row, rung in enumerate(reversed(LADDER)):
            if rung.duration_s <= longest_s:
                believed = rung.duration_s == longest_s
                line = [(end - rung.duration_s, float(row)), (end, float(row))]
                strip.line(line, "bar ca" if believed else "bar ce")
                says, css = ("believed", "ca") if believed else ("not yet", "tick")
                strip.text(end, row, says, css=css, dx=6.0)
