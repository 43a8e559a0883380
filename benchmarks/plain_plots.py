"""Plots as SVG files of their own: axes by rule, and a style that needs no page around it."""

import math
from collections.abc import Iterable, Sequence

from store_engine.svg import Plot

STYLE = """
svg { background: #fff; font: 13px system-ui, sans-serif; }
polyline { fill: none; stroke: #888; stroke-width: 1; }
.grid { stroke: #e4e4e4; }
.linear { stroke: #999; stroke-dasharray: 5 4; }
.tick, .note { fill: #666; font-size: 12px; }
.axis { fill: #222; }
.title { fill: #111; font-weight: 600; }
.c0 { stroke: #0b6e99; } circle.c0, text.c0 { fill: #0b6e99; stroke: none; }
.c1 { stroke: #c2571a; } circle.c1, text.c1 { fill: #c2571a; stroke: none; }
.c2 { stroke: #5b7f2b; } circle.c2, text.c2 { fill: #5b7f2b; stroke: none; }
.line { stroke-width: 2; }
"""


def standalone(svg: str) -> str:
    """Return an inline SVG as a file that any viewer opens."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg"><style>{STYLE}</style>'
    opening = svg.index(">")
    attributes = svg[len("<svg") : opening]
    return head.replace("<svg", f"<svg{attributes}", 1) + svg[opening + 1 :] + "\n"


def log_span(values: Iterable[float]) -> tuple[float, float]:
    """Return an axis in log10 with a little room on both sides. Values are above 0."""
    known = [math.log10(value) for value in values]
    return min(known) - 0.08, max(known) + 0.08


def log_ticks(span: tuple[float, float]) -> list[float]:
    """Return where 1, 2 and 5 times the powers of ten lie on a log10 axis."""
    decades = range(math.floor(span[0]), math.ceil(span[1]) + 1)
    ticks = [decade + math.log10(step) for decade in decades for step in (1, 2, 5)]
    return [tick for tick in ticks if span[0] <= tick <= span[1]]


def ticks_up_to(top: float, *, about: int = 5) -> list[float]:
    """Return round numbers from 0 to `top`, about this many."""
    rough = top / about
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    return [step * i for i in range(int(top / step + 1e-9) + 1)]


def say_log(tick: float) -> str:
    """Return the value at a place of a log10 axis."""
    return f"{10.0**tick:.3g}"


def captions(plot: Plot, title: str, notes: Sequence[str]) -> None:
    """Write what a plot shows above it, and notes inside its upper left corner."""
    left, top = plot.x[0], plot.y[1]
    plot.text(left, top, title, css="title", dy=-12.0)
    for line, note in enumerate(notes):
        plot.text(left, top, note, css="note", dx=10.0, dy=18.0 + 17.0 * line)
