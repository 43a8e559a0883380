"""One cluster of steps along a shelf, every way to divide it, and what each would mean."""

import math
from typing import NamedTuple

from docs.pictures.style import standalone
from store_engine.attribution.book import Book
from store_engine.attribution.clusters import Cluster, Part
from store_engine.attribution.goods import Goods, log_nothing
from store_engine.attribution.takes import Take, takes_of
from store_engine.store import Store
from store_engine.svg import Plot, round_ticks

WIDTH, TOP, ROW = 860.0, 216.0, 78.0
NAME_MAX = 26  # letters of a product's name


class Told(NamedTuple):
    """A shape, the best account of each of its parts, and its log weight."""

    shape: tuple[Part, ...]
    takes: tuple[Take | None, ...]  # None: no goods of ours
    log_weight: float


class Widest:
    """Remembers the cluster of most steps."""

    def __init__(self) -> None:
        self._clusters: dict[int, Cluster] = {}

    def look(self, book: Book) -> None:
        """Take in the book as it is now."""
        for cluster in book.clusters:
            self._clusters[len(cluster.evidence)] = cluster

    @property
    def cluster(self) -> Cluster:
        """The latest of those with most steps."""
        return self._clusters[max(self._clusters)]


def told(cluster: Cluster, goods: Goods) -> list[Told]:
    """Return every shape with its best account, likeliest first."""
    found = []
    for shape in cluster.shapes:
        takes, total = [], 0.0
        for part in shape:
            best = next(iter(takes_of(part, goods)), None)
            nothing = log_nothing(part)
            if best is None or best.weight_alone < nothing:
                best = None
            takes.append(best)
            total += nothing if best is None else best.weight_alone
        found.append(Told(shape, tuple(takes), total))
    return sorted(found, key=lambda one: -one.log_weight)


def shapes_picture(cluster: Cluster, store: Store, *, title: str) -> str:
    """Return the picture of a cluster of losses."""
    found = told(cluster, Goods(store.map, store.catalog))
    weights = [math.exp(one.log_weight - found[0].log_weight) for one in found]
    height = TOP + ROW * len(found) + 18.0
    along = sorted(cluster.evidence, key=lambda one: store.map.shelves[
        store.map.plates[one.step.plate].shelf].index(one.step.plate))  # fmt: skip
    most = max(abs(one.step.change_g) for one in along)
    bars = Plot(width=WIDTH, height=height, x=(-0.7, len(along) - 0.3), y=(-1.25 * most, 0.0),
        left=84.0, right=330.0, top=66.0, bottom=height - TOP + 22.0)  # fmt: skip
    bars.text(bars.x[0], 0.0, title, css="title", dx=-66.0, dy=-38.0)
    bars.y_axis(round_ticks(bars.y, 3), lambda grams: f"{grams or 0.0:.0f} g")
    for at, one in enumerate(along):
        change = one.step.change_g
        box = [(at - 0.28, 0.0), (at + 0.28, 0.0)]
        bars.band(box, [(at - 0.28, change), (at + 0.28, change)], "ca")
        bars.text(at, change, f"{change:.0f} g", css="strong", dy=16.0, anchor="middle")
        bars.text(at, 0.0, f"plate {one.step.plate}", css="soft", dy=-7.0, anchor="middle")
    bars.text(bars.x[1], 0.0, "what became lighter at one moment:", css="soft", dx=12.0, dy=30.0)
    bars.text(bars.x[1], 0.0, f"{len(along)} plates, {len(found)} ways to divide them", css="soft",
        dx=12.0, dy=48.0)  # fmt: skip
    for row, (account, weight) in enumerate(zip(found, weights, strict=True)):
        _shape(bars, account, weight / sum(weights), TOP + ROW * row, store)
    return standalone(bars, describes=title)


def _shape(bars: Plot, one: Told, share: float, top: float, store: Store) -> None:
    row = Plot(width=WIDTH, height=bars.height, x=bars.x, y=(0.0, 1.0), left=bars.left,
        right=bars.right, top=top, bottom=bars.height - top - ROW, parts=bars.parts)  # fmt: skip
    row.line([(row.x[0], 1.0), (row.x[1] + 1.5, 1.0)], "grid")
    css = "ca" if share > 0.5 else "cg"
    row.text(row.x[0], 0.5, _percent(share), css=f"{css} strong", dx=-12.0, anchor="end")
    for line, (part, take) in enumerate(zip(one.shape, one.takes, strict=True)):
        first, last = part.run
        row.line([(first - 0.3, 0.62), (last - 0.7, 0.62)], f"thick {css}")
        row.text((first + last - 1) / 2, 0.62, f"{part.change_g:.0f} g", css="soft", dy=26.0,
            anchor="middle")  # fmt: skip
        row.text(row.x[1], 1.0, _said(take, store), css="soft", dx=12.0,
            dy=43.0 + 17.0 * (line - (len(one.shape) - 1) / 2))  # fmt: skip


def _said(take: Take | None, store: Store) -> str:
    if take is None:
        return "no goods: a nudge, a hand"
    return " + ".join(
        f"{len(units)} x {store.catalog.products[gtin].name[:NAME_MAX]}"
        f" ({store.catalog.products[gtin].mass_g:.0f} g)"
        for _, gtin, units in take.grabs
    )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 else "< 0.5 %"
