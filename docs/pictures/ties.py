"""A session's clusters on a time line of carts, and which of them must be explained together."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from docs.pictures.style import bend, standalone
from store_engine.attribution.book import Book
from store_engine.attribution.groups import Group
from store_engine.svg import Plot, round_ticks
from store_engine.units import US_PER_S

WIDTH, ROW = 900.0, 46.0
COLOURS = ("ca", "cb", "cc", "cd")
NOBODY = ""


class Fullest:
    """Remembers the groups of the moment when most clusters were known."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self._count = 0

    def look(self, book: Book) -> None:
        """Take in the book as it is now."""
        if len(book.clusters) >= self._count:
            self._count = len(book.clusters)
            self.groups = book.groups_with(book.clusters)


def ties_picture(
    groups: Sequence[Group], names: Mapping[str, str], *, zero_us: int, title: str
) -> str:
    """Return the picture. `names`: of visits, in the order of the rows."""
    places = {cluster: _place(group, at, zero_us)
        for group in groups for at, cluster in enumerate(group.clusters)}  # fmt: skip
    carts = [*names, NOBODY] if any(who == NOBODY for _, who, _ in places.values()) else [*names]
    times = [time for time, _, _ in places.values()]
    height = 108.0 + ROW * len(carts)
    plot = Plot(width=WIDTH, height=height, x=(min(times) - 2.0, max(times) + 2.0),
        y=(len(carts) - 0.4, -0.6), left=80.0, right=24.0, top=56.0, bottom=52.0)  # fmt: skip
    plot.text(plot.x[0], plot.y[1], title, css="title", dx=-60.0, dy=-28.0)
    plot.x_axis(round_ticks(plot.x, 10), lambda s: f"{s:.0f} s", "time in the session")
    for at, who in enumerate(carts):
        plot.line([(plot.x[0], at), (plot.x[1], at)], "grid")
        plot.text(plot.x[0], at, names.get(who, "nobody"), css="strong", dx=-10.0, anchor="end")
    tied = [group for group in groups if len(group.clusters) > 1]
    for at, group in enumerate(tied):
        css = COLOURS[at % len(COLOURS)]
        for one, two in pairwise(group.clusters):
            (x1, who1, _), (x2, who2, _) = places[one], places[two]
            start, end = (x1, float(carts.index(who1))), (x2, float(carts.index(who2)))
            bend(plot, start, end, f"level {css}")
    for group in groups:
        css = COLOURS[tied.index(group) % len(COLOURS)] if group in tied else "cg"
        for cluster in group.clusters:
            time, who, sign = places[cluster]
            row = float(carts.index(who))
            plot.dot(time, row, css, radius=9.0)
            plot.text(time, row, sign, css="bead strong", anchor="middle", dy=4.5)
    alone = len(groups) - len(tied)
    plot.text(plot.x[1], plot.y[1], f"{len(places)} clusters: {alone} explained alone, "
        f"{len(places) - alone} in {len(tied)} groups; + taken, \u2212 put back, \u00b7 no goods",
        css="soft", dy=-8.0, anchor="end")  # fmt: skip
    return standalone(plot, describes=title)


def _place(group: Group, at: int, zero_us: int) -> tuple[float, str, str]:
    """Return (seconds, cart, sign) of a cluster's likeliest explanation."""
    cluster = group.clusters[at]
    moves, _ = group.explanations(cluster)[0]
    time = (cluster.moment_us - zero_us) / US_PER_S
    if not moves:
        return time, NOBODY, "\u00b7"
    return time, moves[0].holder, "+" if moves[0].quantity > 0 else "\u2212"
