"""The results as a terminal shows them."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from benchmarks.accuracy.figures import METRICS, shown, shown_range
from benchmarks.accuracy.report import ALL, Report, Summary
from benchmarks.accuracy.sessions import CLASSES

RECEIPTS = ("f1", "precision", "recall", "exact", "money_error")
CERTAINTY = ("review_rate", "wrong_unreviewed", "ece", "latency_s", "cpu_s_per_min")
WIDTHS = {"f1": 11, "exact": 10, "money_error": 13, "wrong_unreviewed": 10, "ece": 11}
WITH_INTERVAL = frozenset({"f1", "exact", "wrong_unreviewed", "ece"})  # the page has them all


def tables(report: Report) -> RenderableType:
    """Return everything there is to see, the most important first."""
    shown_tables: list[RenderableType] = [
        _overall(report, "Receipts", RECEIPTS),
        _overall(report, "Certainty, latency, cost", CERTAINTY),
    ]
    if len(report.difficulties) > 1:
        shown_tables.append(_by_difficulty(report))
    if len(report.classes) > 1:
        shown_tables.append(_by_class(report))
    heading = [Text(f"{key}: {value}") for key, value in report.header.items()]
    return Group(*heading, *shown_tables, *_failures(report))


def published_f1(name: str) -> str:
    """Return the F1 that the competition's winner published for a class, "" when it did not."""
    peer = CLASSES[name].peer_f1 if name in CLASSES else None
    if peer is None:
        return ""
    low, high = peer
    return f"{low:.2f}" if low == high else f"{low:.2f}-{high:.2f}"


def _overall(report: Report, title: str, metrics: Sequence[str]) -> Table:
    table = _empty(f"{title}, all sessions")
    table.add_column("contestant", no_wrap=True)
    for name in metrics:
        table.add_column(METRICS[name].title, justify="right", min_width=WIDTHS.get(name))
    for contestant in report.contestants:
        summary = report.summary(contestant)
        if summary is not None:
            table.add_row(contestant, *(_cell(summary, name) for name in metrics))
    return table


def _empty(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        header_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )


def _cell(summary: Summary, metric: str) -> str:
    estimate = summary.figures[metric]
    cell = shown(metric, estimate.value)
    if metric == "money_error" and estimate.value is not None:
        return f"{cell}\n[dim]{_over_and_under(summary)}[/]"
    if metric in WITH_INTERVAL and estimate.low is not None:
        interval = shown_range(metric, estimate.low, estimate.high).replace(" to ", "-")
        return f"{cell}\n[dim]{interval}[/]"
    return cell


def _over_and_under(summary: Summary) -> str:
    """Return the two parts of the money error: charged too much, and too little."""
    over, under = (summary.figures[name].value for name in ("overcharged", "undercharged"))
    return f"+{shown('overcharged', over)} -{shown('undercharged', under)}"


def _by_difficulty(report: Report) -> Table:
    table = _empty("Item F1 by difficulty")
    table.add_column("difficulty")
    for contestant in report.contestants:
        table.add_column(contestant, justify="right")
    for difficulty in report.difficulties:
        table.add_row(difficulty, *_f1_of_each(report, ALL, difficulty))
    return table


def _by_class(report: Report) -> Table:
    table = _empty("Item F1 by class")
    table.add_column("class", no_wrap=True)
    table.add_column("published", justify="right", no_wrap=True)
    for contestant in report.contestants:
        table.add_column(contestant, justify="right")
    first = next(iter(report.contestants))
    for heading in ("exact", "asks"):
        table.add_column(f"{first} {heading}", justify="right")
    for name in report.classes:
        summary = report.summary(first, name=name)
        extra = [
            shown(metric, summary.figures[metric].value if summary else None)
            for metric in ("exact", "review_rate")
        ]
        table.add_row(name, published_f1(name), *_f1_of_each(report, name, ALL), *extra)
    return table


def _f1_of_each(report: Report, name: str, difficulty: str) -> list[str]:
    cells = []
    for contestant in report.contestants:
        summary = report.summary(contestant, name=name, difficulty=difficulty)
        cells.append(shown("f1", summary.figures["f1"].value if summary else None))
    return cells


def _failures(report: Report) -> list[Text]:
    broken = [report.summary(contestant) for contestant in report.contestants]
    return [
        Text(
            f"{one.contestant} broke down in {one.failures} of {one.sessions} sessions and told "
            "nothing there",
            style="red",
        )
        for one in broken
        if one is not None and one.failures
    ]
