"""The report as one page: plots and tables for a retailer, nothing fetched, no scripts."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from benchmarks.accuracy import plots
from benchmarks.accuracy.figures import METRICS, NOTHING, shown, shown_range
from benchmarks.accuracy.intervals import Estimate
from benchmarks.accuracy.report import ALL, Report, Summary
from benchmarks.accuracy.sessions import CLASSES
from benchmarks.accuracy.table import published_f1

STYLE = (Path(__file__).parent / "report_page.css").read_text()
RECEIPTS = ("f1", "precision", "recall", "exact", "money_error", "overcharged", "undercharged")
CERTAINTY = ("review_rate", "wrong_unreviewed", "ece", "ece_width", "latency_s", "latency_p95_s",
    "cpu_s_per_min")  # fmt: skip
ORIGINS = {"competition": "competition", "peer-bad": "its winner's bad cases", "ours": "added here"}


def render(report: Report) -> str:
    """Return a self-contained HTML page. Everything in it that has a name is escaped."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Who took what: accuracy of receipts</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>Who took what: accuracy of receipts</h1>
{_opening(report)}
{_comparison(report)}
{_certainty(report)}
{_by_class(report)}
{_by_difficulty(report)}
{_meanings()}
{_method(report)}
</main>
</body>
</html>
"""


def _opening(report: Report) -> str:
    first = next(iter(report.contestants))
    summary = report.summary(first)
    if summary is None:
        return "<p>There were no sessions.</p>"
    tiles = "".join(
        f"<div><b>{_figure(summary, name)}</b><span>{escape(METRICS[name].title)}</span>"
        f"<small>{_between(name, summary.figures[name])}</small></div>"
        for name in ("f1", "exact", "money_error", "review_rate", "wrong_unreviewed", "latency_s")
    )
    seeds = escape(report.header.get("seeds are for", ""))
    return f"""<p class="lead">Simulated shoppers take, return, swap and hide goods in a shop whose
shelves weigh and whose cameras watch. Every engine below heard the same recordings and wrote
receipts; then the receipts were compared with what truly happened. {summary.sessions:,} sessions,
{summary.trips:,} shopping trips. These seeds are for {seeds}.</p>
<h2>{escape(first)}: {escape(report.contestants[first])}</h2>
<div class="tiles">{tiles}</div>
{_broken(report)}"""


def _comparison(report: Report) -> str:
    rows = [
        [_named(report, name), *(_estimate(summary, metric) for metric in RECEIPTS)]
        for name in report.contestants
        if (summary := report.summary(name)) is not None
    ]
    return f"""<h2>Compared</h2>
<figure>{plots.f1_bars(report)}<figcaption>The dark line is the range in which the figure lies
with 95 % confidence, had other sessions been drawn.</figcaption></figure>
{_table(["contestant", *(METRICS[name].title for name in RECEIPTS)], rows)}"""


def _certainty(report: Report) -> str:
    rows = [
        [_named(report, name), *(_estimate(summary, metric) for metric in CERTAINTY)]
        for name in report.contestants
        if (summary := report.summary(name)) is not None
    ]
    table = _table(["contestant", *(METRICS[name].title for name in CERTAINTY)], rows)
    if not report.certainties:
        return f"<h2>Certainty, waiting, cost</h2>{table}"
    names = [certainty.contestant for certainty in report.certainties]
    return f"""<h2>Does it know when it does not know?</h2>
{plots.legend(report, names)}
<div class="pair">
<figure>{plots.reliability(report)}<figcaption>Of all lines said to be 90 % sure, 90 % should be
right: dots belong on the dashed line. A large dot stands for many
lines.</figcaption></figure>
<figure>{plots.review_curve(report)}<figcaption>How many of the receipts that nobody looks at are
wrong, when a person looks at the least sure trips first. The ring is what the engine's own policy
asks for; the shade is the 95 % range. Lines at the upper edge lie above it.</figcaption></figure>
</div>
{table}"""


def _by_class(report: Report) -> str:
    compared = list(report.contestants)[: plots.COMPARED]
    headings = ["class", "from", "published", *report.contestants]
    rows = [
        [
            _about(name),
            escape(ORIGINS.get(CLASSES[name].origin, "")) if name in CLASSES else "",
            published_f1(name),
            *(_estimate(report.summary(one, name=name), "f1") for one in report.contestants),
        ]
        for name in report.classes
    ]
    return f"""<h2>What happens in the shop</h2>
<p>Item F1, class by class. The grey mark is what the winner of the competition published for its
own recordings of such a case; different recordings, so a landmark and not a contest.</p>
{plots.legend(report, compared)}
<figure>{plots.classes(report)}</figure>
{_table(headings, rows, words=2)}"""


def _about(name: str) -> str:
    """Return a class as a reader needs it: its name, what happens, what nobody could tell."""
    heading = f"<b>{escape(name)}</b>"
    if name not in CLASSES:
        return heading
    info = CLASSES[name]
    missing = f"<small>undecidable: {escape(info.undecidable)}</small>" if info.undecidable else ""
    return f"{heading}<small>{escape(info.title)}</small>{missing}"


def _by_difficulty(report: Report) -> str:
    rows = [
        [
            f"<b>{escape(difficulty)}</b>",
            *(
                _estimate(report.summary(one, name=ALL, difficulty=difficulty), "f1")
                for one in report.contestants
            ),
        ]
        for difficulty in report.difficulties
    ]
    return f"<h2>By difficulty</h2>{_table(['item F1', *report.contestants], rows)}"


def _meanings() -> str:
    terms = "".join(
        f"<dt>{escape(metric.title)}</dt><dd>{escape(metric.meaning)}</dd>"
        for metric in METRICS.values()
    )
    return f"<h2>What the figures mean</h2><dl>{terms}</dl>"


def _method(report: Report) -> str:
    facts = "".join(
        f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in report.header.items()
    )
    titles = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(title)}</dd>"
        for name, title in report.contestants.items()
    )
    return f"""<h2>How it was run</h2>
<dl>{facts}</dl>
<h3>Contestants</h3>
<dl>{titles}</dl>
<p>Constants are chosen on tuning seeds only and reported on reporting seeds. Ranges are 95 %
bootstrap intervals over sessions; where no session went wrong, a range cannot show how rare
mistakes are. Sessions are simulated: a figure here is no promise about a shop.</p>"""


def _broken(report: Report) -> str:
    words = [
        f"{escape(name)} broke down in {summary.failures} of {summary.sessions} sessions and told "
        "nothing there."
        for name in report.contestants
        if (summary := report.summary(name)) is not None and summary.failures
    ]
    return "".join(f'<p class="bad">{one}</p>' for one in words)


def _named(report: Report, name: str) -> str:
    return f'<i class="key {plots.colour(report, name)}"></i><b>{escape(name)}</b>'


def _figure(summary: Summary, metric: str) -> str:
    return escape(shown(metric, summary.figures[metric].value))


def _estimate(summary: Summary | None, metric: str) -> str:
    if summary is None:
        return NOTHING
    return f"{_figure(summary, metric)}<small>{_between(metric, summary.figures[metric])}</small>"


def _between(metric: str, estimate: Estimate) -> str:
    return escape(shown_range(metric, estimate.low, estimate.high))


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """Return a table of cells that are HTML already; the first `words` columns are words."""

    def kind(column: int) -> str:
        return "" if column < words else ' class="n"'

    head = "".join(f"<th{kind(i)}>{escape(heading)}</th>" for i, heading in enumerate(headings))
    body = "".join(
        "<tr>" + "".join(f"<td{kind(i)}>{cell}</td>" for i, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    rows_html = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="wide"><table>{rows_html}</table></div>'
