"""Plots as inline SVG: just enough to draw axes, dots, lines and whiskers. Colours are CSS."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

Point = tuple[float, float]
Span = tuple[float, float]  # lowest and highest value of an axis


@dataclass(kw_only=True)
class Plot:
    """A drawing surface whose methods take data coordinates.

    Sizes are pixels of the SVG's own view box, which scales with the page.
    """

    width: float
    height: float
    x: Span
    y: Span
    left: float = 56.0
    right: float = 16.0
    top: float = 12.0
    bottom: float = 44.0
    parts: list[str] = field(default_factory=list)

    def at(self, x: float, y: float) -> Point:
        """Return where a point of the data lies on the surface."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        px = self.left + across * (self.width - self.left - self.right)
        py = self.height - self.bottom - up * (self.height - self.top - self.bottom)
        return px, py

    def line(self, points: Iterable[Point], css: str) -> None:
        """Draw a line through points."""
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in (self.at(*point) for point in points))
        self.parts.append(f'<polyline class="{css}" points="{path}"/>')

    def curve(self, points: Iterable[Point], css: str) -> None:
        """Draw a line through points, broken where a value is NaN and cut off at the axes."""
        x, y = self.left, self.top
        width, height = self.width - x - self.right, self.height - y - self.bottom
        box = f"{x:.1f} {y:.1f} {width:.1f} {height:.1f}"
        self.parts.append(
            f'<svg x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'viewBox="{box}">'  # clips without a name that other plots of a page could share
        )
        for run in _unbroken(points):
            self.line(run, css)
        self.parts.append("</svg>")

    def band(self, upper: Sequence[Point], lower: Sequence[Point], css: str) -> None:
        """Fill between two lines."""
        outline = [self.at(*point) for point in (*upper, *reversed(lower))]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in outline)
        self.parts.append(f'<polygon class="{css}" points="{path}"/>')

    def dot(self, x: float, y: float, css: str, *, radius: float = 4.5, hint: str = "") -> None:
        """Draw a dot; `hint` shows when the mouse rests on it."""
        px, py = self.at(x, y)
        title = f"<title>{escape(hint)}</title>" if hint else ""
        self.parts.append(
            f'<circle class="{css}" cx="{px:.1f}" cy="{py:.1f}" r="{radius:.1f}">{title}</circle>'
        )

    def text(self, x: float, y: float, words: str, *, css: str = "", dx: float = 0.0,
             dy: float = 4.0, anchor: str = "start") -> None:  # fmt: skip
        """Write words at a point of the data, moved by pixels."""
        px, py = self.at(x, y)
        self.parts.append(
            f'<text class="{css}" x="{px + dx:.1f}" y="{py + dy:.1f}" '
            f'text-anchor="{anchor}">{escape(words)}</text>'
        )

    def x_axis(self, ticks: Iterable[float], say: Callable[[float], str], title: str) -> None:
        """Draw vertical grid lines with their values, and what the axis is."""
        for tick in ticks:
            self.line([(tick, self.y[0]), (tick, self.y[1])], "grid")
            self.text(tick, self.y[0], say(tick), css="tick", dy=16.0, anchor="middle")
        middle = (self.x[0] + self.x[1]) / 2.0
        self.text(middle, self.y[0], title, css="axis", dy=36.0, anchor="middle")

    def y_axis(self, ticks: Iterable[float], say: Callable[[float], str]) -> None:
        """Draw horizontal grid lines with their values."""
        for tick in ticks:
            self.line([(self.x[0], tick), (self.x[1], tick)], "grid")
            self.text(self.x[0], tick, say(tick), css="tick", dx=-8.0, anchor="end")

    def render(self, describes: str) -> str:
        """Return the SVG element; `describes` is read to those who cannot see it."""
        return (
            f'<svg viewBox="0 0 {self.width:.0f} {self.height:.0f}" role="img" '
            f'aria-label="{escape(describes)}">{"".join(self.parts)}</svg>'
        )


def _unbroken(points: Iterable[Point]) -> Iterator[list[Point]]:
    """Yield the runs of points without a NaN."""
    run: list[Point] = []
    for point in points:
        if math.isnan(point[0]) or math.isnan(point[1]):
            if run:
                yield run
            run = []
        else:
            run.append(point)
    if run:
        yield run


def round_ticks(span: Span, about: int) -> list[float]:
    """Return about so many values of an axis that read well: multiples of 1, 2 or 5."""
    least = (span[1] - span[0]) / about
    power = 10.0 ** math.floor(math.log10(least))
    step = next(n * power for n in (1.0, 2.0, 5.0, 10.0) if least <= n * power * 1.0001)
    first, last = math.ceil(span[0] / step - 1e-9), math.floor(span[1] / step + 1e-9)
    return [n * step for n in range(first, last + 1)]
