"""Why each line is on a receipt, as one page: for a shopkeeper in a dispute and for an engineer.

Self-contained: inline plots, no scripts, nothing fetched. Whatever came from outside is escaped.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import NamedTuple

from store_engine.adapters.explanation_plots import cluster_plot, colours_of
from store_engine.certainty import certainty
from store_engine.explanations import (
    Cluster,
    Concern,
    Explanation,
    in_words,
    name_of,
    names_of,
)
from store_engine.messages import Receipt, ReceiptLine
from store_engine.store import Store
from store_engine.traces import Trace, Traces
from store_engine.units import US_PER_S, PlateId, format_money

EXPLANATIONS_SHOWN = 8
STYLE = (Path(__file__).parent / "explanation_page.css").read_text()


class Case(NamedTuple):
    """One receipt and what is to be explained about it."""

    receipt: Receipt
    concerns: Sequence[Concern]


class Evidence(NamedTuple):
    """What the explanations of a page rest on."""

    store: Store
    traces: Traces  # of every cluster that is explained
    accounts: Mapping[str, str]  # of every visit, also those whose receipt is not explained
    recording: str  # its name


def render_explanation(cases: Sequence[Case], evidence: Evidence) -> str:
    """Return a self-contained HTML page."""
    visits = ", ".join(case.receipt.visit for case in cases)
    body = "\n".join(_visit(case, evidence) for case in cases)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Why these lines? {escape(visits)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{body}
{_foot(evidence)}
</main>
</body>
</html>
"""


# ---- a visit and its lines -------------------------------------------------------------------


def _visit(case: Case, evidence: Evidence) -> str:
    receipt = case.receipt
    lines = {line.gtin: line for line in receipt.lines}
    parts = [
        _line(lines[concern.gtin], receipt, concern, evidence)
        if concern.gtin is not None
        else _besides(receipt, concern, evidence)
        for concern in case.concerns
    ]
    entered, left = _clock(receipt.entered_us)[:8], _clock(receipt.left_us)[:8]
    day = datetime.fromtimestamp(receipt.entered_us // US_PER_S, UTC)
    return f"""<section class="visit">
<h1>{escape(receipt.account)}: why is this on the receipt?</h1>
<p>Visit {escape(receipt.visit)}, {day:%d %B %Y}, {entered} to {left} UTC. Charged:
<b>{_money(receipt.total, receipt)}</b> with tax. The whole receipt is right with a probability of
{_per_cent(receipt.certainty)}.</p>
{_summary(receipt, case)}
{"".join(parts)}
</section>"""


def _summary(receipt: Receipt, case: Case) -> str:
    if not receipt.lines:
        return "<p>The receipt is empty.</p>"
    wanted = [concern.gtin for concern in case.concerns]
    rows = "".join(
        f'<tr><td><a href="#{_anchor(receipt, line.gtin)}">{_counted(line)}</a></td>'
        f'<td class="n">{_money(line.reduced, receipt)}</td><td>{escape(certainty(line))}</td></tr>'
        for line in receipt.lines
        if line.gtin in wanted
    )
    return f'<table class="sum">{rows}</table>' if rows else "<p>There is no such line.</p>"


def _anchor(receipt: Receipt, gtin: str) -> str:
    return escape(f"{receipt.visit}-{gtin}")


def _counted(line: ReceiptLine) -> str:
    return f"{line.quantity} &times; {escape(line.name)}"


def _line(line: ReceiptLine, receipt: Receipt, concern: Concern, evidence: Evidence) -> str:
    amount = _money(line.reduced, receipt)
    if line.charged:
        verdict = f'<span class="charged">Charged {amount}.</span> {certainty(line)}'
    else:
        verdict = f'<span class="free">Not charged ({amount}).</span> We were not sure enough'
    return f"""<section class="line" id="{_anchor(receipt, line.gtin)}">
<h2>{_counted(line)}</h2>
<p class="verdict">{verdict}: exactly {line.quantity} is right with a probability of
{_per_cent(line.posterior)}.</p>
<p class="quiet">GTIN {escape(line.gtin)}</p>
{"".join(_cluster(cluster, receipt.visit, evidence) for cluster in concern.clusters)}
{_messages("All recorded messages this line rests on", line.causes)}
</section>"""


def _besides(receipt: Receipt, concern: Concern, evidence: Evidence) -> str:
    return f"""<section class="line">
<h2>What led to no line</h2>
<p>{escape(receipt.account)} may have had a hand in these too; the explanations that won leave
nothing of them on the receipt.</p>
{"".join(_cluster(cluster, receipt.visit, evidence) for cluster in concern.clusters)}
</section>"""


# ---- the evidence ----------------------------------------------------------------------------


def _cluster(cluster: Cluster, visit: str, evidence: Evidence) -> str:
    trace = evidence.traces.of(cluster)
    names = names_of([person.visit for person in trace.people], evidence.accounts)
    colours = colours_of(trace.people, visit)
    return f"""<article class="cluster">
<h3>{_clock(cluster.moment_us)} UTC: {escape(_what_changed(cluster))}</h3>
<p class="quiet">{escape(_who_belongs(cluster, evidence.store))}</p>
{_legend(names, colours)}
<figure>{cluster_plot(cluster, trace, names=names, colours=colours)}</figure>
{_explanations(cluster.explanations, evidence)}
{_people(cluster, trace, names, evidence)}
{_messages("Recorded messages of the plates", cluster.causes)}
</article>"""


def _what_changed(cluster: Cluster) -> str:
    plates = ", ".join(cluster.plates)
    plate = f"plate {plates}" if len(cluster.plates) == 1 else f"plates {plates} together"
    how = "lighter" if cluster.change_g < 0 else "heavier"
    return f"{plate} became {abs(cluster.change_g):.1f} g {how}, give or take {cluster.std_g:.1f} g"


def _who_belongs(cluster: Cluster, store: Store) -> str:
    gtins = dict.fromkeys(
        gtin for plate in cluster.plates for gtin in store.map.products_on[PlateId(plate)]
    )
    goods = [
        f"{product.name} ({product.mass_g:.0f} g)"
        for gtin in gtins
        if (product := store.catalog.products.get(gtin)) is not None
    ]
    return f"The shelf plan puts here: {'; '.join(goods) or 'nothing'}."


def _legend(names: Sequence[str], colours: Sequence[str]) -> str:
    if not names:
        return '<p class="quiet">Nobody was seen within reach.</p>'
    items = "".join(
        f'<li><i class="key {css}"></i>{escape(name)}</li>'
        for name, css in zip(names, colours, strict=True)
    )
    return f'<ul class="legend">{items}</ul>'


def _explanations(explanations: Sequence[Explanation], evidence: Evidence) -> str:
    rows = "".join(
        f"<tr><td>{escape(_said(told, evidence))}</td>"
        f'<td class="weight"><i class="bar" style="width:{60 * told.posterior:.1f}%"></i>'
        f"{_per_cent(told.posterior)}</td></tr>"
        for told in explanations[:EXPLANATIONS_SHOWN]
    )
    return (
        '<div class="wide"><table class="told"><thead><tr><th>What may have happened</th>'
        f"<th>weight</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _said(told: Explanation, evidence: Evidence) -> str:
    """Return an explanation as a sentence of moves."""
    catalog = evidence.store.catalog
    moves = [
        in_words(move, catalog, who=name_of(move.who, evidence.accounts)) for move in told.moves
    ]
    return "; ".join(moves) or "nobody took or returned anything"


def _people(cluster: Cluster, trace: Trace, names: Sequence[str], evidence: Evidence) -> str:
    shown = {person.track: at for at, person in enumerate(trace.people)}
    rows = ""
    for reach in cluster.nearest:
        at = shown.get(reach.track)
        name = name_of(reach.who, evidence.accounts) if at is None else names[at]
        rows += (
            f"<tr><td>{escape(name)}</td><td>{escape(reach.by)}</td>"
            f"<td>{reach.distance_m:.2f} m from {escape(reach.plate)}</td>"
            f"<td>{_clock(reach.time_us)}</td><td>{reach.log_ratio:+.1f}</td>"
            f"<td><code>{escape(reach.cause)}</code></td></tr>"
        )
    if not rows:
        return ""
    return f"""<details><summary>Who could reach it: the frames that count most</summary>
<div class="wide"><table><thead><tr><th>who</th><th>seen</th><th>distance</th><th>UTC</th>
<th>log ratio, nats</th><th>message</th></tr></thead><tbody>{rows}</tbody></table></div>
</details>"""


def _messages(title: str, causes: Sequence[str]) -> str:
    refs = ", ".join(f"<code>{escape(cause)}</code>" for cause in causes) or "none"
    return f"<details open><summary>{escape(title)}</summary><p>{refs}</p></details>"


def _foot(evidence: Evidence) -> str:
    return f"""<footer>
<h3>How to read a plot</h3>
<dl>
<dt>above</dt><dd>What the shelf's scales said (thin line) and the level before and after that the
engine settled on (broad line). The shade is the time of contact, the dashed line the moment of the
step. A hand that presses may leave the plot for a while.</dd>
<dt>below</dt><dd>How far each person's nearest wrist was from the space above the plate, 0 inside
it; of people whose hands were not seen the body, on the floor, dashed. A ring marks the frame that
speaks most for that person; rest the mouse on it for its message. Where one wrist is lost, the
line jumps to the other. The engine judges by the point that grips, a palm beyond the wrist.</dd>
<dt>weights</dt><dd>The probability of each explanation, given everything recorded until the visit
was settled. Those that compete add up to 100 %; what is far-fetched is left out.</dd>
<dt>messages</dt><dd>device/boot/sequence of messages in the recording
<code>{escape(evidence.recording)}</code>, store {escape(evidence.store.map.store)}. This page was
made from it alone; the same recording gives the same page.</dd>
</dl>
</footer>"""


# ---- values ----------------------------------------------------------------------------------


def _clock(time_us: int) -> str:
    """Return the time of day, to the tenth of a second."""
    return f"{datetime.fromtimestamp(time_us / US_PER_S, UTC):%H:%M:%S.%f}"[:10]


def _money(amount: int, receipt: Receipt) -> str:
    return escape(
        format_money(amount, currency=receipt.currency, exponent=receipt.currency_exponent)
    )


def _per_cent(probability: float) -> str:
    """Nothing here is ever quite certain, so a page may not round up to it."""
    if probability > 0.999:
        return "over 99.9 %"
    return "under 0.1 %" if probability < 0.001 else f"{probability:.1%}".replace("%", " %")
