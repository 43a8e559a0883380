"""`store-engine receipt`: why is this line here?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from store_engine.adapters.explanation_page import Case, Evidence, render_explanation
from store_engine.cli.replaying import Replayed, replay_file
from store_engine.cli.shared import NANOSTORE, StoreFolder, console, out
from store_engine.cli.shared import says_what_is_wrong as clearly
from store_engine.cli.sparklines import sparklines
from store_engine.errors import StoreEngineError
from store_engine.events import VisitStarted
from store_engine.explanations import Cluster, Concern, concerns, in_words, names_of, typed
from store_engine.messages import Receipt, ReceiptLine
from store_engine.store_files import load_store
from store_engine.traces import Traces
from store_engine.units import US_PER_S

EXPLANATIONS_SHOWN = 5
PEOPLE_SHOWN = 3


app = typer.Typer(help="Receipts and the evidence behind them.", no_args_is_help=True)


@app.callback()
def receipts() -> None:
    """Receipts and the evidence behind them."""


@app.command("explain")
@clearly
def explain(
    recording: Annotated[Path, typer.Argument(help="The recording the receipt came from.")],
    store: StoreFolder = NANOSTORE,
    visit: Annotated[str | None, typer.Option(help="Only this visit.")] = None,
    line: Annotated[str | None, typer.Option(help="Only this product (GTIN).")] = None,
    page: Annotated[
        Path | None, typer.Option(help="Write everything here too, as one page with plots.")
    ] = None,
) -> None:
    """Say why each line is on a receipt: the explanations that compete, and the evidence.

    The recording is replayed, so the answer rests on nothing but what was recorded: once for the
    receipts, and once more to look at the seconds around each step.
    """
    result = replay_file(recording, store)
    cases = [_case(receipt, result, line) for receipt in _wanted(result, visit, recording)]
    evidence = _evidence(cases, recording, store, _accounts(result))
    for case in cases:
        _show(case, evidence)
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render_explanation(cases, evidence))
        console.print(f"wrote {page}", soft_wrap=True)


# ---- what is asked for -----------------------------------------------------------------------


def _wanted(result: Replayed, visit: str | None, recording: Path) -> list[Receipt]:
    wanted = [receipt for receipt in result.receipts if visit in (None, receipt.visit)]
    if not wanted:
        known = ", ".join(receipt.visit for receipt in result.receipts) or "none"
        raise StoreEngineError(f"no receipt of visit {visit} in {recording}; there are: {known}")
    return wanted


def _case(receipt: Receipt, result: Replayed, gtin: str | None) -> Case:
    clusters = typed(result.explained[receipt.visit])
    gtins = [line.gtin for line in receipt.lines if gtin in (None, line.gtin)]
    found = concerns(clusters, receipt.visit, gtins)
    return Case(receipt, [one for one in found if gtin is None or one.gtin == gtin])


def _accounts(result: Replayed) -> dict[str, str]:
    return {
        event.visit: event.account for event in result.events if isinstance(event, VisitStarted)
    }


def _evidence(
    cases: list[Case], recording: Path, store: Path, accounts: Mapping[str, str]
) -> Evidence:
    """Replay the recording again, looking at the seconds that the cases are about."""
    clusters = [
        cluster for case in cases for concern in case.concerns for cluster in concern.clusters
    ]
    loaded = load_store(store)
    traces = Traces(clusters, loaded.map)
    if clusters:
        replay_file(recording, store, onlooker=traces)
    return Evidence(loaded, traces, accounts, recording.name)


# ---- how it is shown -------------------------------------------------------------------------


def _show(case: Case, evidence: Evidence) -> None:
    receipt = case.receipt
    lines = {line.gtin: line for line in receipt.lines}
    out.rule(f"visit {receipt.visit}, account {receipt.account}")
    if not receipt.lines:
        out.print("an empty visit: nothing was taken")
    elif not case.concerns:
        out.print("no such line")
    for concern in case.concerns:
        _show_concern(concern, lines, evidence)


def _show_concern(concern: Concern, lines: Mapping[str, ReceiptLine], evidence: Evidence) -> None:
    if concern.gtin is None:
        out.print("\n[bold]what led to no line[/]")
    else:
        line = lines[concern.gtin]
        charged = "charged" if line.charged else "not charged: not sure enough"
        sure = f"{line.posterior:.2%} sure, {charged}"
        out.print(f"\n[bold]{line.quantity} x {line.name}[/] ({line.gtin}): {sure}")
        out.print(f"  recorded messages: {', '.join(line.causes)}", style="dim")
    for cluster in concern.clusters:
        out.print(_cluster_table(cluster, evidence))
        trace = evidence.traces.of(cluster)
        names = names_of([person.visit for person in trace.people], evidence.accounts)
        for text in sparklines(cluster, trace, names):
            out.print(text, no_wrap=True, crop=False)
        _print_people(cluster)


def _cluster_table(cluster: Cluster, evidence: Evidence) -> Table:
    when = datetime.fromtimestamp(cluster.moment_us / US_PER_S, UTC)
    table = Table(
        title=f"{when:%H:%M:%S.%f} UTC, plate {', '.join(cluster.plates)}: "
        f"{cluster.change_g:+.1f} g, give or take {cluster.std_g:.1f} g",
        title_justify="left",
        header_style="bold",
    )
    table.add_column("what may have happened")
    table.add_column("posterior", justify="right")
    for told in cluster.explanations[:EXPLANATIONS_SHOWN]:
        moves = "; ".join(
            in_words(move, evidence.store.catalog, who=move.who) for move in told.moves
        )
        table.add_row(moves or "nobody took or returned anything", f"{told.posterior:.3%}")
    return table


def _print_people(cluster: Cluster) -> None:
    for near in cluster.nearest[:PEOPLE_SHOWN]:
        out.print(
            f"  {near.by} of {near.who or near.track} came within {near.distance_m:.2f} m of "
            f"plate {near.plate} ({near.cause})",
            style="dim",
        )
