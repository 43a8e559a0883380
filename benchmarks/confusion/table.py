"""The results as a terminal shows them."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from benchmarks.confusion.words import Worst


def tables(found: Sequence[Worst]) -> RenderableType:
    """Return what it costs at worst, and what becomes of receipts."""
    return Group(_cost(found), _receipts(found))


def _cost(found: Sequence[Worst]) -> Table:
    table = _table("Worst cost, processor time", [
        "crowd", "sessions", "confusing", "steps", "one handle", "99.9 % within", "one step",
        "one look back", "behind live", "CPU s/min",
    ])  # fmt: skip
    for one in found:
        table.add_row(
            one.name,
            str(len(one.seeds)),
            f"{one.confusing:.0%}",
            str(one.steps),
            *(f"{ms:.0f} ms" for ms in (one.handle_ms, one.handle_p999_ms)),
            *(f"{ms:.0f} ms" for ms in (one.step_ms, one.settle_ms)),
            f"{one.lag_s:.2f} s",
            f"{one.cpu_s:.2f}",
        )
    return table


def _receipts(found: Sequence[Worst]) -> Table:
    table = _table("What becomes of receipts", [
        "crowd", "trips", "precision", "recall", "wrongly charged units", "asks a person",
        "asks, no budget", "wrong, nobody asked",
    ])  # fmt: skip
    for one in found:
        table.add_row(
            one.name,
            str(one.trips),
            f"{one.precision:.3f}",
            f"{one.recall:.3f}",
            str(one.extra),
            f"{one.asked / one.trips:.0%}",
            f"{one.would_ask / one.trips:.0%}",
            f"{one.passed_wrong / one.trips:.0%}",
        )
    return table


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "crowd" else "right")
    return table
