"""The look of the pictures: SVG files of their own, on a card that suits light and dark pages."""

from html import escape

from store_engine.svg import Plot, Point

STYLE = """
svg { font: 13px system-ui, sans-serif; --card: #ffffff; --edge: #d5dae0; --ink: #1f2328;
  --soft: #59636e; --grid: #e6e9ed; --a: #0b6e99; --b: #c2571a; --c: #4d7c1f; --d: #8250a8;
  --grey: #8c959f; --wash: #0b6e9918; --washb: #c2571a20; }
@media (prefers-color-scheme: dark) { svg { --card: #161b22; --edge: #30363d; --ink: #e6edf3;
  --soft: #9da7b3; --grid: #262c34; --a: #58b4dd; --b: #f0935a; --c: #8fc25a; --d: #c49ae8;
  --grey: #7d8793; --wash: #58b4dd22; --washb: #f0935a2a; } }
.frame { fill: var(--card); stroke: var(--edge); }
text { fill: var(--ink); }
polyline { fill: none; stroke: var(--soft); stroke-width: 1; }
.grid { stroke: var(--grid); }
.tick, .soft { fill: var(--soft); font-size: 12px; }
.axis { fill: var(--soft); }
.title { font-weight: 600; font-size: 14px; }
.strong { font-weight: 600; }
.sample { stroke-width: 1.2; }
.wide { stroke-width: 2; } .level { stroke-width: 2.6; } .bar { stroke-width: 9; }
.thick { stroke-width: 16; } .arm { stroke-width: 1.6; } .gone { stroke-dasharray: 3 4; }
.dash { stroke-dasharray: 6 4; }
.moment { stroke: var(--ink); stroke-dasharray: 2 4; }
.contact { fill: var(--washb); stroke: none; } .wash { fill: var(--wash); stroke: none; }
.ca { stroke: var(--a); } .cb { stroke: var(--b); } .cc { stroke: var(--c); }
.cd { stroke: var(--d); } .cg { stroke: var(--grey); } .ce { stroke: var(--edge); }
circle { stroke: none; fill: var(--grey); }
circle.ca, text.ca { fill: var(--a); stroke: none; } circle.cb, text.cb { fill: var(--b);
  stroke: none; } circle.cc, text.cc { fill: var(--c); stroke: none; }
circle.cd, text.cd { fill: var(--d); stroke: none; } text.cg { fill: var(--soft); stroke: none; }
polygon.ca { fill: var(--a); stroke: none; } polygon.cb { fill: var(--b); stroke: none; }
polygon.cg { fill: var(--grey); stroke: none; }
.bead { fill: var(--card); }
"""


def standalone(plot: Plot, *, describes: str) -> str:
    """Return what was drawn as a file: its own style, and a card behind it."""
    opening, rest = plot.render(describes).split(">", 1)
    size = f'width="{plot.width:.0f}" height="{plot.height:.0f}"'
    name = '<svg xmlns="http://www.w3.org/2000/svg"'
    card = f'<rect class="frame" x="0.5" y="0.5" {_less(plot)} rx="8"/>'
    head = f"{opening.replace('<svg', name, 1)} {size}><title>{escape(describes)}</title>"
    return f"{head}<style>{STYLE}</style>{card}{rest}\n"


def _less(plot: Plot) -> str:
    return f'width="{plot.width - 1:.0f}" height="{plot.height - 1:.0f}"'


def bend(plot: Plot, start: Point, end: Point, css: str) -> None:
    """Draw a line that leaves and arrives level, as between the columns of a tree."""
    (x1, y1), (x2, y2) = start, end
    shares = [at / 12 for at in range(13)]
    plot.line(
        [(x1 + s * (x2 - x1), y1 + s * s * (3 - 2 * s) * (y2 - y1)) for s in shares],
        css,
    )
