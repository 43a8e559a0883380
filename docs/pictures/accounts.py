"""Hypotheses that grow over clusters: what each says, how likely it was then, and is now."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from docs.pictures.style import bend, standalone
from store_engine.attribution.book import Book
from store_engine.attribution.groups import Group
from store_engine.attribution.hypotheses import Move
from store_engine.store import Store
from store_engine.svg import Plot

WIDTH, ROW, TOP, FOOT = 980.0, 62.0, 104.0, 58.0
SHOWN = 5  # accounts per cluster; the rest in one line
NAME_MAX = 24  # letters of a product's name
COLUMNS = (0.06, 1.06, 2.06)

Path = tuple[tuple[Move, ...], ...]


class Growth:
    """Remembers how one group looked each time a cluster came to it."""

    def __init__(self, plate: str) -> None:
        self._plate = plate  # of the group's first step
        self.stages: dict[int, Group] = {}  # by number of clusters; as it was last seen

    def look(self, book: Book) -> None:
        """Take in the book as it is now."""
        for group in book.groups_with(book.clusters):
            if group.clusters[0].evidence[0].step.plate == self._plate:
                self.stages[len(group.clusters)] = group


class _Node(NamedTuple):
    path: Path
    then: float  # posterior when its cluster was the latest
    now: float  # ... and after the last one


def accounts_picture(
    growth: Growth, store: Store, names: Mapping[str, str], *, title: str, heads: Sequence[str]
) -> str:
    """Return the tree of accounts. `names`: of visits. `heads`: what truly happened."""
    last = growth.stages[len(heads)]
    columns = [_nodes(growth.stages[at + 1], at, last) for at in range(len(heads))]
    rows = max(min(len(column), SHOWN) for column in columns)
    height = TOP + ROW * rows + FOOT
    plot = Plot(width=WIDTH, height=height, x=(0.0, 3.0), y=(rows - 0.5, -0.5), left=24.0,
        right=4.0, top=TOP, bottom=FOOT)  # fmt: skip
    plot.text(0.0, -0.5, title, css="title", dx=-6.0, dy=-76.0)
    places: dict[Path, tuple[float, float]] = {(): (-1.0, 0.0)}
    for at, (nodes, head) in enumerate(zip(columns, heads, strict=True)):
        plot.text(COLUMNS[at], -0.5, f"{at + 1}. {head}", css="strong", dy=-42.0)
        changes = ", ".join(f"{one.step.change_g:+.0f} g" for one in last.clusters[at].evidence)
        count = len(growth.stages[at + 1].accounts)
        says = f"{changes}; {count} accounts kept"
        plot.text(COLUMNS[at], -0.5, says, css="soft", dy=-24.0)
        for row, node in enumerate(nodes[:SHOWN]):
            places[node.path] = (COLUMNS[at], float(row))
    for at, nodes in enumerate(columns):
        for node in nodes[:SHOWN]:
            _draw(plot, node, at, places, store, names, last_one=at == len(heads) - 1)
        rest = nodes[SHOWN:]
        if rest:
            share = sum(node.now for node in rest)
            plot.text(COLUMNS[at], rows - 0.5, f"+ {len(rest)} more, {_percent(share)} together",
                css="soft", dx=14.0, dy=8.0)  # fmt: skip
    plot.text(0.0, rows - 0.5, "then: when that cluster was the latest;  now: after the third;  "
        "dropped: no account that was kept continues it", css="soft", dx=-4.0, dy=38.0)  # fmt: skip
    return standalone(plot, describes=title)


def _nodes(group: Group, at: int, last: Group) -> list[_Node]:
    """Return the different accounts up to a cluster, the likeliest (after the last) first."""
    then: dict[Path, float] = {}
    for account, weight in zip(group.accounts, group.weights, strict=True):
        path = account.path[: at + 1]
        then[path] = then.get(path, 0.0) + weight
    now: dict[Path, float] = dict.fromkeys(then, 0.0)
    for account, weight in zip(last.accounts, last.weights, strict=True):
        path = account.path[: at + 1]
        now[path] = now.get(path, 0.0) + weight
    nodes = [_Node(path, then.get(path, 0.0), share) for path, share in now.items()]
    return sorted(nodes, key=lambda node: (-node.now, -node.then))


def _draw(
    plot: Plot, node: _Node, at: int, places: Mapping[Path, tuple[float, float]], store: Store,
    names: Mapping[str, str], *, last_one: bool,
) -> None:  # fmt: skip
    x, y = places[node.path]
    css = ("ca" if node.now >= 0.5 else "cb" if node.now >= 0.05 else "cg") if node.now else "cg"
    before = places.get(node.path[:-1])
    if at and before is not None:
        start = (before[0] + 0.82, before[1])
        bend(plot, start, (x, y), f"{css} wide")
    plot.dot(x, y, css, radius=4.0 + 4.0 * node.now**0.5)
    for line, said in enumerate(_said(node.path[-1], store, names)):
        plot.text(x, y, said, css="" if line == 0 else "soft", dx=14.0, dy=-4.0 + 15.0 * line)
    now = f"{_percent(node.now)}{'' if last_one else ' now'}" if node.now else "dropped since"
    then = "" if last_one else f"{_percent(node.then)} then, "
    plot.text(x, y, then + now,
        css=f"{css} strong" if last_one else css, dx=14.0, dy=26.0)  # fmt: skip


def _said(moves: Sequence[Move], store: Store, names: Mapping[str, str]) -> list[str]:
    """Return two lines: who did it, and which goods."""
    if not moves:
        return ["nobody: no goods of ours", "a hand, a bag, a nudge"]
    move = moves[0]
    product = store.catalog.products[move.gtin]
    who = names.get(move.holder, "somebody")
    if move.quantity > 0:
        did = f"{who} takes (out of its place)" if move.stray else f"{who} takes"
    else:
        did = f"{who} puts it in a wrong place" if move.stray else f"{who} puts it back"
    goods = f"{abs(move.quantity)} x {product.name[:NAME_MAX].strip()} ({product.mass_g:.0f} g)"
    return [did, goods]


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.0005 else "< 0.05 %"
